// Whether saved files have the text and settings of their picture inside: a choice that is remembered.

import { saved } from './api.js';
import { make } from './dom.js';
import { say } from './texts.js';

/** A switch for it. All of them on the page are one. */
export function parametersSwitch() {
  const box = make('input', { type: 'checkbox', role: 'switch', checked: saved.withParameters(), onchange: () => {
    saved.setParameters(box.checked);
    for (const other of document.querySelectorAll('.parameters input')) other.checked = box.checked;
  } });
  return make('label', { class: 'parameters' }, box, make('span', { 'data-text': 'parameters' }, say('parameters')));
}
