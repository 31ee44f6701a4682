// The history of a picture as a tree: what it was made from, and what was made from it. Edits that follow each other are one list;
// only where a picture was changed in several ways a list is inside another.

import * as api from './api.js';
import { $, make } from './dom.js';
import { say } from './texts.js';

let shown = '';
let handlers = {};

/** Begins, with what happens when a picture of the tree is chosen, compared with the one that is shown, or edited. */
export function start(given) {
  handlers = given;
  $('tree').addEventListener('keydown', (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const nodes = [...$('tree').querySelectorAll('.node')];
    const at = nodes.indexOf(event.target.closest('.relative')?.querySelector('.node'));
    nodes[Math.min(nodes.length - 1, Math.max(0, at + step))]?.focus();
  });
}

/** Writes the tree of some pictures, the earliest first, and marks the one that is shown. */
export function show(pictures, more, id) {
  const now = JSON.stringify([pictures.map((picture) => [picture.id, picture.source]), more]);
  if (now !== shown) {
    shown = now;
    write(pictures);
    $('tree-note').hidden = !more && pictures.length > 1;
    $('tree-note').textContent = more ? say('historyMore') : say('historyNone');
  }
  for (const node of $('tree').querySelectorAll('.node')) {
    const isShown = node.dataset.id === id;
    if (isShown) node.setAttribute('aria-current', 'true');
    else node.removeAttribute('aria-current');
    node.parentElement.querySelector('.to-compare').hidden = isShown;
  }
  reveal();
}

/** Scrolls to the picture that is shown. */
export function reveal() {
  $('tree').querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

function write(pictures) {
  const focused = document.activeElement?.closest('#tree .relative')?.querySelector('.node').dataset.id;
  const known = new Set(pictures.map((picture) => picture.id));
  const edits = Map.groupBy(pictures, (picture) => (known.has(picture.source) ? picture.source : null));
  const below = (picture) => {
    const next = edits.get(picture.id) ?? [];
    return next.length === 0 ? null : next.length === 1 ? chain(next[0]) : branches(next);
  };
  const chain = (picture) => {
    const list = make('ol', {});
    let at = picture;
    for (; edits.get(at.id)?.length === 1; [at] = edits.get(at.id)) list.append(make('li', {}, relative(at)));
    list.append(make('li', {}, relative(at), below(at)));
    return list;
  };
  const branches = (several) => make('ul', {}, ...several.map((picture) => make('li', {}, relative(picture), below(picture))));
  const first = edits.get(null) ?? [];
  $('tree').replaceChildren(...(first.length === 1 ? [chain(first[0])] : first.length > 1 ? [branches(first)] : []));
  if (focused) $('tree').querySelector(`.node[data-id="${focused}"]`)?.focus();
}

function relative(picture) {
  const label = picture.prompt || say(picture.kind);
  const image = api.show(make('img', { alt: '', loading: 'lazy', width: 56, height: 56 }), picture.id, 'thumbnail');
  const tool = (kind, name, sign, run) => make('button', { type: 'button', class: kind, title: say(name), 'aria-label': `${say(name)}: ${label}`, onclick: () => run(picture) }, sign);
  return make('div', { class: 'relative' },
    make('button', { type: 'button', class: 'node', title: label, 'data-id': picture.id, onclick: () => handlers.onChoose(picture) }, image,
      make('span', { class: 'hidden' }, `${say(picture.kind)}: `), make('span', {}, label)),
    tool('to-compare', 'compareWith', '◫', handlers.onCompare),
    tool('to-edit', 'editFrom', '✎', handlers.onEdit));
}
