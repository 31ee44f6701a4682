// The gallery: all that was made or brought, found by words.

import * as api from './api.js';
import { $, announce, make } from './dom.js';
import { say } from './texts.js';
import { details } from './viewer.js';

let last = null;
let asked = 0;

/** Begins. */
export function start() {
  let waiting;
  $('words').addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(refresh, 200); });
  $('search').addEventListener('submit', (event) => { event.preventDefault(); refresh(); });
  $('more').addEventListener('click', () => load(last));
}

/** Reads it anew. */
export const refresh = () => load(null);

async function load(before) {
  const mine = ++asked;
  let page;
  try {
    page = await api.list($('words').value.trim(), before);
  } catch (problem) {
    announce(problem.message);
    $('none').textContent = problem.message;
    $('none').hidden = false;
    return;
  }
  // Of several answers on their way only that of the latest question counts.
  if (mine !== asked) return;
  const items = page.pictures.map(item);
  if (before === null) $('pictures').replaceChildren(...items);
  else $('pictures').append(...items);
  last = page.pictures.at(-1)?.number ?? last;
  $('more').hidden = !page.more;
  $('none').textContent = say('none');
  $('none').hidden = $('pictures').children.length > 0;
}

function item(picture) {
  const image = make('img', { alt: '', loading: 'lazy', width: 160, height: 160 });
  const label = picture.prompt || say(picture.kind);
  const open = make('button', { type: 'button', 'aria-label': label, title: label, onclick: () => details(picture.id) }, image, make('span', { class: 'caption' }, label));
  api.show(image, picture.id, 'thumbnail');
  return make('li', { 'data-picture': picture.id }, open);
}
