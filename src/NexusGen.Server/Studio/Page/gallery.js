// The gallery: all that was made or brought, found by words and kinds, and read as far as it is scrolled.

import * as api from './api.js';
import { $, announce, make, toast } from './dom.js';
import * as selection from './selection.js';
import { star, writeStar } from './star.js';
import { say } from './texts.js';
import * as viewer from './viewer.js';

const pageLength = 48;
const longestPage = 200;
let pictures = [];
let shown = '';
let asked = 0;

// The pictures as they are found, among which the viewer leads.
const listed = {
  ids: () => pictures.map((picture) => picture.id),
  hasMore: () => !$('more').hidden,
  more: () => more(),
};

// What follows is read before its place comes into view.
const nearEnd = new IntersectionObserver(([entry]) => { if (entry.isIntersecting) more(); }, { root: $('gallery'), rootMargin: '0px 0px 600px' });

/** Begins, with what happens when pictures changed, were deleted, or are to be the source of the next message. */
export function start(handlers) {
  let waiting;
  const look = () => {
    clearTimeout(waiting);
    if (!$('gallery').hidden) history.replaceState(history.state, '', address());
    refresh().then(() => announce(pictures.length > 0 ? say('shown', pictures.length) : $('none').textContent));
  };
  $('words').addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(look, 200); });
  $('search').addEventListener('submit', (event) => { event.preventDefault(); look(); });
  $('kinds').addEventListener('change', look);
  $('favorites').addEventListener('change', look);
  $('more').addEventListener('click', more);
  selection.start(handlers);
}

const kind = () => $('kinds').querySelector('input:checked').value;

const query = () => ({ words: $('words').value.trim(), kind: kind() || undefined, favorite: $('favorites').checked || undefined });

/** The address of the gallery with what is looked for in it. It is behind #, so no server hears of it. */
export function address() {
  const parts = new URLSearchParams(Object.entries(query()).filter(([, value]) => value)).toString();
  return parts ? `#/gallery?${parts}` : '#/gallery';
}

/** Whether an address is that of the gallery. If so, the gallery looks for what it says. */
export function reads(hash) {
  const [path, parts] = hash.split('?');
  if (path !== '#/gallery') return false;
  const asks = new URLSearchParams(parts);
  if (asks.get('words') !== query().words) $('words').value = asks.get('words') ?? '';
  for (const one of $('kinds').querySelectorAll('input')) one.checked = one.value === (asks.get('kind') ?? '');
  if (!$('kinds').querySelector('input:checked')) $('kinds').querySelector('input').checked = true;
  $('favorites').checked = asks.get('favorite') === 'true';
  return true;
}

/** Reads it anew, as far as it was read before, unless something else is looked for. */
export function refresh() {
  const isSame = JSON.stringify(query()) === shown;
  return read([], isSame ? pictures.at(-1)?.number ?? Infinity : Infinity);
}

const more = () => read(pictures, Infinity);

// Reads what follows some pictures, at least to one that was shown before, and shows all.
async function read(before, last) {
  const mine = ++asked;
  const looks = query();
  let found = before;
  let page;
  nearEnd.unobserve($('more'));
  $('pictures').setAttribute('aria-busy', 'true');
  try {
    do {
      const length = last < Infinity ? pictures.length - found.length : 0;
      page = await api.list(looks, found.at(-1)?.number, Math.min(longestPage, Math.max(pageLength, length)));
      // Of several answers on their way only that of the latest question counts.
      if (mine !== asked) return;
      found = [...found, ...page.pictures];
    } while (page.more && found.at(-1).number > last);
  } catch (problem) {
    if (mine !== asked) return;
    $('pictures').removeAttribute('aria-busy');
    const text = problem.kind === 'lost' ? say('offline') : problem.message;
    // The button stays, to try once more.
    if (before.length > 0) toast(text);
    else tell(text);
    return;
  }
  pictures = found;
  shown = JSON.stringify(looks);
  $('more').hidden = !page.more;
  $('pictures').removeAttribute('aria-busy');
  put();
  tell(pictures.length > 0 ? '' : say(address() === '#/gallery' ? 'none' : 'noHits'));
  if (page.more) nearEnd.observe($('more'));
}

function tell(text) {
  $('none').textContent = text;
  $('none').hidden = text === '';
}

// What is shown already stays in the page, so that neither the place nor the focus is lost.
function put() {
  const list = $('pictures');
  const old = new Map([...list.children].map((tile) => [tile.dataset.picture, tile]));
  const tiles = pictures.map((picture) => old.get(picture.id) ?? item(picture));
  const stay = new Set(tiles);
  const focused = document.activeElement?.closest('#pictures li');
  const place = [...list.children].indexOf(focused);
  const view = $('gallery').getBoundingClientRect();
  const isSeen = (tile) => stay.has(tile) && tile.getBoundingClientRect().bottom > view.top && tile.getBoundingClientRect().top < view.bottom;
  // In a grid all that follows moves: the picture with the focus keeps its place, otherwise the first that is seen.
  const anchor = $('gallery').scrollTop > 0 ? [focused, ...list.children].find(isSeen) : undefined;
  const before = anchor?.getBoundingClientRect().top;

  for (const tile of old.values()) if (!stay.has(tile)) tile.remove();
  let next = list.firstElementChild;
  tiles.forEach((tile, i) => {
    if (tile === next) next = next.nextElementSibling;
    else list.insertBefore(tile, next);
    write(tile, pictures[i]);
  });
  selection.render();

  if (anchor) $('gallery').scrollTop += anchor.getBoundingClientRect().top - before;
  if (focused && !stay.has(focused)) selection.focusAt(place);
}

function item(picture) {
  const image = make('img', { alt: '', loading: 'lazy', width: 160, height: 160 });
  const tile = make('li', { 'data-picture': picture.id });
  const open = make('button', { type: 'button', onclick: (event) => { if (!selection.takes(tile, event)) viewer.open(picture.id, { among: listed }); } }, image, make('span', { class: 'caption' }));
  tile.append(open, star(picture));
  api.show(image, picture.id, 'thumbnail');
  return tile;
}

function write(tile, picture) {
  const label = picture.prompt || say(picture.kind);
  const open = tile.querySelector('button');
  open.title = label;
  open.setAttribute('aria-label', label);
  tile.querySelector('.caption').textContent = label;
  writeStar(tile.querySelector('.star'), picture);
}
