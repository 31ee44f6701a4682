// The star of a picture: a check box that makes it a favorite at once.

import * as api from './api.js';
import { make, toast } from './dom.js';
import { say } from './texts.js';

/** A star of a picture. The event 'gallery-changed' tells that the gallery must be read anew. */
export function star(picture) {
  const box = make('input', { type: 'checkbox', class: 'star', onchange: () => favor(picture.id, box) });
  writeStar(box, picture);
  return box;
}

/** Writes what a star says, as the picture is now. */
export function writeStar(box, picture) {
  box.checked = picture.favorite;
  box.title = say('favorite');
  box.setAttribute('aria-label', `${say('favorite')}: ${picture.prompt || say(picture.kind)}`);
}

async function favor(id, box) {
  try {
    await api.favor([id], box.checked);
  } catch (problem) {
    box.checked = !box.checked;
    toast(problem.kind === 'gone' ? say('gone') : problem.message);
  }
  window.dispatchEvent(new Event('gallery-changed'));
}
