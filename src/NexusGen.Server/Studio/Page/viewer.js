// The full-screen viewer: a picture and its neighbours, before and after, how it was made, and the history of its edits.

import * as api from './api.js';
import * as compare from './compare.js';
import { showActions, showFacts } from './details.js';
import { $, announce, composes, toast } from './dom.js';
import * as family from './family.js';
import * as stage from './stage.js';
import { recall, remember } from './store.js';
import { say } from './texts.js';

const dialog = $('viewer');
const panels = ['details', 'history'];
const wide = matchMedia('(min-width: 60rem)');
const gone = new Set();
let handlers = {};
// The picture that is shown, the one that was asked for last, and its place among the pictures to which arrow keys lead.
let shown = null;
let wanted = null;
let at = 0;
let among = null;
let relatives = [];
let opener = null;
let isOpen = false;
let closed = Promise.resolve();

/**
 * Begins, with what happens when a picture is to be edited (onEdit) or varied (onVary, which is null for one that can't be), when its
 * settings are to be used (onUse) and when one was deleted (onDeleted), and the pictures among which it is if nothing else is said.
 */
export function start(given) {
  handlers = given;
  // A finger that misses the divider leads nowhere.
  stage.start({ onSwipe: (step) => { if (!compare.isOn()) go(step); } });
  compare.start();
  family.start({ onChoose: choose, onCompare: compareWith, onEdit: (picture) => leaveFor(() => handlers.onEdit(picture.id)) });
  $('earlier').addEventListener('click', () => go(-1));
  $('later').addEventListener('click', () => go(1));
  $('zoom-out').addEventListener('click', () => stage.enlarge(-1));
  $('zoom-in').addEventListener('click', () => stage.enlarge(1));
  $('to-compare').addEventListener('click', compareWithSource);
  for (const name of panels) $(`to-${name}`).addEventListener('click', () => choosePanel($(name).hidden ? name : null));
  $('leave').addEventListener('click', close);
  dialog.addEventListener('close', close);
  document.addEventListener('keydown', (event) => { if (isOpen) keys(event); });
  // Back closes the viewer, Forward opens it again.
  window.addEventListener('popstate', () => {
    const id = history.state?.viewer;
    if (isOpen && !id) close();
    else if (!isOpen && id) show(id);
  });
  // After a reload too.
  among = given.among;
  if (history.state?.viewer) show(history.state.viewer);
}

/**
 * Shows a picture.
 * @param id The picture.
 * @param how The pictures around it (among: their ids, whether there are more, and how to get them), the panel that is open beside it,
 * and whether it is compared with its source.
 */
export async function open(id, { among: list, panel, compared } = {}) {
  among = list ?? handlers.among;
  if (!isOpen) opener = document.activeElement;
  if (await show(id, panel) !== 'shown') return;
  if (compared) compareWithSource();
}

/** Forgets a picture that was deleted: the next one takes its place. */
export function forget(id) {
  gone.add(id);
  if (!isOpen) return;
  if (shown.id !== id) { place(); relate(); return; }
  const ids = list();
  if (ids.length === 0) close();
  else show(ids[Math.min(at, ids.length - 1)]);
}

/** Counts anew, after pictures have come. */
export const changed = () => { if (isOpen) place(); };

const list = () => among.ids().filter((id) => !gone.has(id));

async function show(id, panel) {
  wanted = id;
  let picture;
  try {
    picture = await api.find(id);
  } catch (problem) {
    if (wanted !== id) return 'late';
    wanted = shown?.id ?? null;
    if (problem.kind === 'gone') gone.add(id);
    toast(problem.kind === 'gone' ? say('gone') : problem.message);
    return problem.kind === 'gone' ? 'gone' : 'failed';
  }
  if (wanted !== id) return 'late';
  shown = picture;
  enter(panel);
  history.replaceState({ viewer: id }, '');
  const label = labelOf(picture);
  $('viewer-title').textContent = label;
  endComparison();
  $('after').alt = label;
  $('after').removeAttribute('src');
  api.address(id).then((url) => { if (shown?.id === id) $('after').src = url; }, () => toast(say('gone')));
  stage.show(picture);
  place();
  announce($('place').hidden ? label : `${$('place').textContent}: ${label}`);
  showFacts(picture);
  const vary = handlers.onVary(id);
  showActions(picture, {
    edit: () => leaveFor(() => handlers.onEdit(id)),
    vary: vary && (() => leaveFor(vary)),
    use: () => leaveFor(() => handlers.onUse(picture)),
    removed: () => handlers.onDeleted(id),
  });
  for (const near of [list()[at - 1], list()[at + 1]]) if (near) api.show(new Image(), near);
  relate();
  return 'shown';
}

const labelOf = (picture) => picture.prompt || say(picture.kind);

function place() {
  if (!shown) return;
  const ids = list();
  const found = ids.indexOf(shown.id);
  if (found >= 0) at = found;
  $('place').hidden = found < 0 || ids.length < 2;
  $('place').textContent = say('place', at + 1, `${ids.length}${among.hasMore?.() ? '+' : ''}`);
  $('earlier').hidden = at === 0;
  $('later').hidden = at >= ids.length - 1 && !among.hasMore?.();
}

// Pictures that another browser deleted are passed over.
async function go(step) {
  let ids = list();
  let next = ids.indexOf(wanted) + step;
  if (next >= ids.length && among.hasMore?.()) {
    await among.more();
    ids = list();
  }
  for (; ids[next] !== undefined; next += step) if (await show(ids[next]) !== 'gone') return;
  place();
}

async function relate() {
  const { id } = shown;
  let found = { pictures: [shown], more: false };
  if (relatives.some((picture) => picture.id === id)) showRelatives();
  try {
    found = await api.family(id);
  } catch (problem) {
    if (problem.kind !== 'gone' && problem.kind !== 'lost') toast(problem.message);
  }
  if (shown?.id !== id) return;
  relatives = found.pictures;
  showRelatives(found.more);
}

function showRelatives(more = false) {
  family.show(relatives, more, shown.id);
  $('to-compare').hidden = !source() && !compare.isOn();
}

const source = () => relatives.find((picture) => picture.id === shown.source);

// A picture of the tree that is not among those to which the keys lead: then they lead through the tree.
function choose(picture) {
  if (!list().includes(picture.id)) {
    const ids = relatives.map((relative) => relative.id);
    among = { ids: () => ids };
  }
  show(picture.id);
}

async function compareWithSource() {
  if (compare.isOn()) { endComparison(); stage.show(shown); $('to-compare').focus(); return; }
  const { id } = shown;
  try {
    const before = source() ?? await api.find(shown.source);
    if (shown?.id === id) compareWith(before);
  } catch (problem) {
    toast(problem.kind === 'gone' ? say('gone') : problem.message);
  }
}

function compareWith(before) {
  stage.show(compare.begin(before, shown));
  $('to-compare').hidden = false;
  $('to-compare').setAttribute('aria-pressed', 'true');
}

function endComparison() {
  compare.end();
  $('to-compare').setAttribute('aria-pressed', 'false');
  $('to-compare').hidden = !source();
}

function showPanel(panel) {
  for (const name of panels) {
    $(name).hidden = name !== panel;
    $(`to-${name}`).setAttribute('aria-expanded', String(name === panel));
  }
  if (panel === 'history') family.reveal();
}

function choosePanel(panel) {
  showPanel(panel);
  if (wide.matches) remember('panel', panel ?? 'none');
}

function keys(event) {
  if (composes(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  const run = moves && event.shiftKey ? () => stage.pan(...moves)
    : moves?.[0] ? () => go(moves[0])
      : { '+': () => stage.enlarge(1), '=': () => stage.enlarge(1), '-': () => stage.enlarge(-1), 0: stage.reset }[event.key];
  if (!run) return;
  event.preventDefault();
  run();
}

// What is told while the viewer is open is told inside it: all else is shut off then.
function enter(panel) {
  if (isOpen) {
    if (panel) showPanel(panel);
    return;
  }
  isOpen = true;
  relatives = [];
  if (!history.state?.viewer) history.pushState({ viewer: shown.id }, '');
  dialog.append($('toast'), $('status'));
  dialog.showModal();
  $('stage').focus();
  showPanel(panel ?? (wide.matches ? recall('panel') ?? 'details' : null));
}

/** Closes the viewer. Afterwards the address is that of the page again, and what was chosen before has the focus. */
export function close() {
  if (!isOpen) return closed;
  isOpen = false;
  const id = opener?.closest('[data-picture]')?.dataset.picture ?? shown.id;
  wanted = shown = null;
  if (dialog.open) dialog.close();
  document.body.append($('toast'), $('status'));
  focusOn(id);
  closed = !history.state?.viewer ? Promise.resolve() : new Promise((resolve) => {
    window.addEventListener('popstate', resolve, { once: true });
    history.back();
  });
  return closed;
}

// A list that was written anew meanwhile has other elements for the same pictures.
function focusOn(id) {
  const view = '[role="tabpanel"]:not([hidden])';
  const again = `${view} [data-picture="${id}"]`;
  const target = opener?.isConnected && opener !== document.body ? opener
    : document.querySelector(`button:is(${again}), ${again} button`) ?? document.querySelector('[role="tab"][aria-selected="true"]');
  target?.focus();
}

async function leaveFor(run) {
  await close();
  run();
}
