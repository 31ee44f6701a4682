// A picture that was brought and says how it was drawn: its text and settings are offered beside the next message.

import { $, announce, make, toast } from './dom.js';
import * as settings from './settings.js';
import { say } from './texts.js';

const origins = new Map();

/** Remembers what a picture says of itself. It comes from a file: the server lets only usable values through, and here it stays text. */
export function add({ id, origin }) {
  if (!origin) return;
  origins.set(id, origin);
  announce(say('saysHow'));
}

/** Shows the offer of the last of the message's pictures that has one. The text is given to whoever writes the message. */
export function show(attached, propose) {
  const origin = origins.get(attached.findLast((id) => origins.has(id)));
  $('offer').hidden = !origin;
  if (!origin) return;
  const button = (name, run) => make('button', { type: 'button', class: 'plain', onclick: run }, say(name));
  $('offer').replaceChildren(
    make('span', {}, say('saysHow')), make('q', {}, origin.prompt),
    button('useItsText', () => propose(origin.prompt)),
    button('useItsSettings', () => { settings.use(origin); toast(say('settingsTaken')); }));
}
