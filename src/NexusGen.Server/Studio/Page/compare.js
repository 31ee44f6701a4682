// Before and after: two pictures over each other, and a divider that is dragged or moved by keys.

import * as api from './api.js';
import { $ } from './dom.js';
import { say } from './texts.js';

const divider = $('divider');
let cut = 50;

/** Begins. */
export function start() {
  divider.addEventListener('pointerdown', (event) => {
    if (event.button > 0) return;
    divider.setPointerCapture(event.pointerId);
    divider.focus();
    event.preventDefault();
  });
  divider.addEventListener('pointermove', (event) => {
    if (!divider.hasPointerCapture(event.pointerId)) return;
    const box = $('plane').getBoundingClientRect();
    move((event.clientX - box.left) / box.width * 100);
  });
  const keys = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageDown: -10, PageUp: 10, Home: -100, End: 100 };
  divider.addEventListener('keydown', (event) => {
    if (!(event.key in keys) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    move(cut + keys[event.key]);
  });
}

/** Whether two pictures are compared. */
export const isOn = () => !divider.hidden;

/** Shows a picture before the one that is shown. Returns the size of a room in which both are equally long. */
export function begin(before, after) {
  $('before').alt = `${say('before')}: ${before.prompt}`;
  api.show($('before'), before.id);
  turn(true);
  move(50);
  divider.focus();
  const longest = (picture) => Math.max(picture.width, picture.height);
  const side = (name) => Math.max(after[name], before[name] * longest(after) / longest(before));
  return { width: side('width'), height: side('height') };
}

/** Shows the one picture alone. */
export function end() {
  turn(false);
  $('before').removeAttribute('src');
}

function turn(on) {
  for (const part of [divider, $('before'), ...document.querySelectorAll('#stage .end')]) part.hidden = !on;
}

function move(to) {
  cut = Math.min(100, Math.max(0, to));
  $('plane').style.setProperty('--cut', `${cut}%`);
  divider.setAttribute('aria-valuenow', Math.round(cut));
  divider.setAttribute('aria-valuetext', say('beforeShare', Math.round(cut)));
}
