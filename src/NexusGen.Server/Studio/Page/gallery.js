// The gallery: all that was made or brought, found by words.

import * as api from './api.js';
import { $, make } from './dom.js';
import { say } from './texts.js';
import * as viewer from './viewer.js';

const pageLength = 48;
const longestPage = 200;
let last = null;
let asked = 0;
let words = '';

// The pictures as they are found, among which the viewer leads.
const listed = {
  ids: () => [...$('pictures').children].map((entry) => entry.dataset.picture),
  hasMore: () => !$('more').hidden,
  more: () => load(last, pageLength),
};

/** Begins. */
export function start() {
  let waiting;
  $('words').addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(refresh, 200); });
  $('search').addEventListener('submit', (event) => { event.preventDefault(); refresh(); });
  $('more').addEventListener('click', () => load(last, pageLength));
}

/** Reads it anew, as far as it was read before, unless other words are looked for. */
export function refresh() {
  const same = words === $('words').value.trim();
  return load(null, same ? Math.min(longestPage, Math.max(pageLength, $('pictures').children.length)) : pageLength);
}

async function load(before, count) {
  const mine = ++asked;
  words = $('words').value.trim();
  let page;
  try {
    page = await api.list(words, before, count);
  } catch (problem) {
    if (mine === asked) tell(problem.kind === 'lost' ? say('offline') : problem.message);
    return;
  }
  // Of several answers on their way only that of the latest question counts.
  if (mine !== asked) return;
  const focused = document.activeElement?.closest('#pictures li')?.dataset.picture;
  const items = page.pictures.map(item);
  if (before === null) $('pictures').replaceChildren(...items);
  else $('pictures').append(...items);
  if (focused) $('pictures').querySelector(`[data-picture="${focused}"] button`)?.focus();
  last = page.pictures.at(-1)?.number ?? last;
  $('more').hidden = !page.more;
  tell($('pictures').children.length > 0 ? '' : say(words ? 'noHits' : 'none'));
}

function tell(text) {
  $('none').textContent = text;
  $('none').hidden = text === '';
}

function item(picture) {
  const image = make('img', { alt: '', loading: 'lazy', width: 160, height: 160 });
  const label = picture.prompt || say(picture.kind);
  const open = make('button', { type: 'button', 'aria-label': label, title: label, onclick: () => viewer.open(picture.id, { among: listed }) }, image, make('span', { class: 'caption' }, label));
  api.show(image, picture.id, 'thumbnail');
  return make('li', { 'data-picture': picture.id }, open);
}
