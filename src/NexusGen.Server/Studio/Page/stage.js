// Where a picture is looked at: it fits into the window, is enlarged around a point, moved, and swiped to its neighbours.

import { $ } from './dom.js';

// A small picture is enlarged only so far by itself.
const largestFit = 8;
// What the user enlarges further than that shows its pixels as they are.
const crisp = 4;
const most = 16;
const tap = { time: 300, distance: 24 };
const swipeDistance = 60;

const stage = $('stage');
const plane = $('plane');
const pointers = new Map();
let size = { width: 1, height: 1 };
let zoom = 1;
let place = { x: 0, y: 0 };
let swipe = null;
let pointer = '';
let tapped = null;
let onSwipe = () => {};

/** Begins, with what happens when the picture is swiped: 1 leads to the next one, -1 to the one before. */
export function start(handlers) {
  ({ onSwipe } = handlers);
  new ResizeObserver(() => draw()).observe(stage);
  stage.addEventListener('wheel', wheel, { passive: false });
  stage.addEventListener('pointerdown', down);
  stage.addEventListener('pointermove', move);
  stage.addEventListener('pointerup', up);
  stage.addEventListener('pointercancel', up);
  stage.addEventListener('dblclick', (event) => { if (pointer === 'mouse' && isFree(event)) toggle(pointOf(event)); });
}

/** Fits a picture of a size into the window. */
export function show(shown) {
  size = shown;
  zoom = 1;
  draw();
}

/** Whether the picture is larger than the window lets it be by itself. */
export const isEnlarged = () => zoom > 1;

/** Enlarges or reduces the picture by one step. */
export const enlarge = (steps) => change(zoom * 1.5 ** steps, { x: 0, y: 0 }, true);

/** Fits the picture into the window again. */
export function reset() {
  zoom = 1;
  draw(true);
}

/** Moves an enlarged picture by parts of the window. */
export function pan(x, y) {
  place = { x: place.x - x * stage.clientWidth / 4, y: place.y - y * stage.clientHeight / 4 };
  draw(true);
}

const fit = () => Math.min(stage.clientWidth / size.width, stage.clientHeight / size.height, largestFit);

// Positions count from the middle of the window. The point under the pointer stays where it is.
function change(wanted, point, eased = false) {
  const next = Math.min(Math.max(1, wanted), Math.max(4, most / fit()));
  const by = next / zoom;
  place = { x: point.x - (point.x - place.x) * by, y: point.y - (point.y - place.y) * by };
  zoom = next;
  draw(eased);
}

const toggle = (point) => change(isEnlarged() ? 1 : Math.max(2.5, 1 / fit()), point, true);

function draw(eased = false) {
  const scale = fit() * zoom;
  const [width, height] = [size.width * scale, size.height * scale];
  const bound = (value, length, room) => {
    const reach = Math.max(0, (length - room) / 2);
    return Math.min(reach, Math.max(-reach, value));
  };
  place = { x: bound(place.x, width, stage.clientWidth), y: bound(place.y, height, stage.clientHeight) };
  plane.classList.toggle('eased', eased);
  Object.assign(plane.style, { width: `${width}px`, height: `${height}px`, transform: `translate(calc(-50% + ${place.x}px), calc(-50% + ${place.y}px))` });
  plane.classList.toggle('crisp', isEnlarged() && scale >= crisp);
  stage.classList.toggle('enlarged', isEnlarged());
  // What is to be grabbed of the divider stays in sight.
  plane.style.setProperty('--middle', `${height / 2 - place.y}px`);
  $('zoom').textContent = `${Math.round(scale * 100)} %`;
}

function pointOf(event) {
  const box = stage.getBoundingClientRect();
  return { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 };
}

// Buttons and the divider have their own ways.
const isFree = (event) => !event.target.closest('button, [role="slider"]');

function wheel(event) {
  event.preventDefault();
  const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
  // Two fingers on a touchpad arrive as a wheel with Ctrl, in small steps.
  change(zoom * Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.002)), pointOf(event));
}

function down(event) {
  if (!isFree(event) || event.button > 0) return;
  stage.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, pointOf(event));
  pointer = event.pointerType;
  plane.style.translate = '';
  swipe = pointers.size === 1 ? { from: pointOf(event), moved: 0 } : null;
}

function move(event) {
  const old = pointers.get(event.pointerId);
  if (!old) return;
  const now = pointOf(event);
  const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
  const middle = (point) => (other ? { x: (point.x + other.x) / 2, y: (point.y + other.y) / 2 } : point);
  const [from, to] = [middle(old), middle(now)];
  place = { x: place.x + to.x - from.x, y: place.y + to.y - from.y };
  if (other) change(zoom * distance(now, other) / Math.max(1, distance(old, other)), to);
  else draw();
  pointers.set(event.pointerId, now);
  if (!swipe) return;
  swipe.moved = Math.max(swipe.moved, distance(now, swipe.from));
  if (pointer !== 'mouse' && !isEnlarged()) plane.style.translate = `${now.x - swipe.from.x}px`;
}

function up(event) {
  if (!pointers.delete(event.pointerId)) return;
  plane.style.translate = '';
  const ended = swipe;
  swipe = null;
  if (!ended || event.type === 'pointercancel' || pointer === 'mouse') return;
  const point = pointOf(event);
  const [x, y] = [point.x - ended.from.x, point.y - ended.from.y];
  if (!isEnlarged() && Math.abs(x) > swipeDistance && Math.abs(x) > 1.5 * Math.abs(y)) onSwipe(x < 0 ? 1 : -1);
  if (ended.moved > tap.distance) { tapped = null; return; }
  const isSecond = tapped && event.timeStamp - tapped.time < tap.time && distance(point, tapped.point) < tap.distance;
  tapped = isSecond ? null : { time: event.timeStamp, point };
  if (isSecond) toggle(point);
}

const distance = (one, other) => Math.hypot(one.x - other.x, one.y - other.y);
