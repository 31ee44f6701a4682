// Several pictures of the gallery at once: chosen by mouse, finger or keyboard; then saved, deleted, marked or brought into a message.

import * as api from './api.js';
import { $, make, toast } from './dom.js';
import { parametersSwitch } from './saving.js';
import { say } from './texts.js';

const chosen = new Set();
let handlers = {};
// Where a range begins, and what was chosen before it.
let anchor = null;
let base = new Set();
let isSaving = false;

const tiles = () => [...$('pictures').children];
const idOf = (tile) => tile.dataset.picture;
const buttonOf = (tile) => tile.querySelector('button');

export const isOn = () => !$('selection').hidden;

/** Begins, with what happens when pictures changed, were deleted, or are to be the source of the next message. */
export function start(given) {
  handlers = given;
  $('select').addEventListener('click', () => (isOn() ? end() : begin()));
  $('select-all').addEventListener('click', all);
  for (const [name, run] of Object.entries({ save, favor, remove, use })) {
    $(`selected-${name}`).addEventListener('click', () => { if (chosen.size > 0) run(); });
  }
  $('selection').append(parametersSwitch());
  $('pictures').addEventListener('keydown', keys);
  $('gallery').addEventListener('keydown', (event) => {
    // Not further: the same key stops a reply.
    if (event.key === 'Escape' && isOn()) { event.stopPropagation(); end(); $('select').focus(); }
  });
}

/** Whether a click on a picture selects it instead of opening it. Shift selects all from the last one to it. */
export function takes(tile, event) {
  if (!isOn() && !event.shiftKey && !event.ctrlKey && !event.metaKey) return false;
  if (!isOn()) begin();
  if (event.shiftKey && anchor !== null) range(tile);
  else toggle(tile);
  return true;
}

/** Shows it anew, without pictures that are shown no more. */
export function render() {
  const shown = tiles();
  const ids = new Set(shown.map(idOf));
  for (const id of chosen) if (!ids.has(id)) chosen.delete(id);
  if (!ids.has(anchor)) anchor = null;
  for (const tile of shown) {
    if (isOn()) buttonOf(tile).setAttribute('aria-pressed', String(chosen.has(idOf(tile))));
    else buttonOf(tile).removeAttribute('aria-pressed');
  }
  $('pictures').classList.toggle('selecting', isOn());
  $('select').hidden = shown.length === 0 && !isOn();
  $('select').textContent = say(isOn() ? 'selectEnd' : 'select');
  $('selected').textContent = isOn() ? say('selected', chosen.size) : '';
  $('selected-favor').textContent = say(areFavorites() ? 'unfavor' : 'favor');
  // Still in reach of the focus, which would be lost otherwise.
  for (const button of $('selection').querySelectorAll('[id^="selected-"]')) button.setAttribute('aria-disabled', String(chosen.size === 0));
}

/** Puts the focus on a picture by its place, or on what is there if there is none. */
export function focusAt(place) {
  const shown = tiles();
  const tile = shown[Math.min(place, shown.length - 1)];
  (tile ? buttonOf(tile) : $('words')).focus();
}

function begin() {
  $('selection').hidden = false;
  render();
}

function end() {
  chosen.clear();
  base.clear();
  anchor = null;
  $('selection').hidden = true;
  render();
}

function all() {
  for (const tile of tiles()) chosen.add(idOf(tile));
  base = new Set(chosen);
  render();
}

function toggle(tile) {
  anchor = idOf(tile);
  if (!chosen.delete(anchor)) chosen.add(anchor);
  base = new Set(chosen);
  render();
}

function range(tile) {
  const shown = tiles();
  const [from, to] = [shown.findIndex((one) => idOf(one) === anchor), shown.indexOf(tile)].sort((a, b) => a - b);
  chosen.clear();
  for (const id of [...base, ...shown.slice(from, to + 1).map(idOf)]) chosen.add(id);
  render();
}

// The arrows go from picture to picture as these lie, and with Shift they select.
function keys(event) {
  const tile = event.target.closest('li');
  if (!tile || event.altKey) return;
  const shown = tiles();
  const at = shown.indexOf(tile);
  const row = shown.findIndex((one) => one.offsetTop > shown[0].offsetTop);
  const down = row < 0 ? shown.length : row;
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - down, ArrowDown: at + down, Home: 0, End: shown.length - 1 }[event.key];
  if ((event.ctrlKey || event.metaKey) && event.key === 'a') {
    event.preventDefault();
    if (!isOn()) begin();
    all();
  } else if (event.key === 'Delete' && isOn() && chosen.size > 0) {
    remove();
  } else if (to !== undefined && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    const next = shown[to];
    if (!next) return;
    if (event.shiftKey) {
      if (!isOn()) begin();
      anchor ??= idOf(tile);
      range(next);
    }
    (event.target.matches('.star') ? next.querySelector('.star') : buttonOf(next)).focus();
  }
}

// In the order in which they are shown.
const shownIds = () => tiles().map(idOf).filter((id) => chosen.has(id));

const areFavorites = () => chosen.size > 0 && tiles().filter((tile) => chosen.has(idOf(tile))).every((tile) => tile.querySelector('.star').checked);

async function save() {
  if (isSaving) return;
  const ids = shownIds();
  isSaving = true;
  if (ids.length > 1) toast(say('packing', ids.length));
  await attempt(() => (ids.length === 1 ? api.download(ids[0]) : api.pack(ids)));
  isSaving = false;
}

function use() {
  const ids = shownIds();
  end();
  handlers.onSource(ids);
}

async function favor() {
  await attempt(() => api.favor(shownIds(), !areFavorites()));
  await handlers.onChanged();
}

async function remove() {
  const ids = shownIds();
  if (!confirm(ids.length === 1 ? say('removeSure') : say('removeSureAll', ids.length))) return;
  const place = tiles().findIndex((tile) => chosen.has(idOf(tile)));
  if (!await attempt(() => api.removeAll(ids))) { await handlers.onChanged(); return; }
  end();
  toast(say('deleted'));
  await handlers.onDeleted(ids);
  focusAt(place);
}

async function attempt(run) {
  try {
    await run();
    return true;
  } catch (problem) {
    if (!(problem instanceof api.Problem)) throw problem;
    toast(problem.message);
    if (problem.kind === 'gone') handlers.onChanged();
    return false;
  }
}
