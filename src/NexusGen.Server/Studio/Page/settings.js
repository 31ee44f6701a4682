// The drawer: how pictures are painted, in which language the page speaks, and the server's key.

import * as api from './api.js';
import { $, make } from './dom.js';
import * as loras from './loras.js';
import { recallData, remember } from './store.js';
import { language, say, speak } from './texts.js';

const numbers = ['steps', 'guidance', 'width', 'height', 'seed'];
const fields = [...numbers, 'negative'];

/** What a turn asks for; what the user left open is not in it. */
export function picture() {
  const value = Object.fromEntries(fields.map((name) => [name, $(name).value.trim()]));
  const number = (name) => (value[name] === '' ? undefined : Number(value[name]));
  const [width, height] = [number('width'), number('height')];
  return {
    steps: number('steps'),
    cfg_scale: number('guidance'),
    negative_prompt: value.negative || undefined,
    size: width || height ? `${width ?? height}x${height ?? width}` : $('shape').value || undefined,
    seed: number('seed'),
  };
}

/** Takes the settings with which a picture was made. */
export function use(made) {
  const values = { steps: made.steps, guidance: made.cfg_scale, width: made.width, height: made.height, seed: made.seed, negative: made.negative_prompt };
  for (const [name, value] of Object.entries(values)) $(name).value = value ?? '';
  loras.use(made.loras);
  keep();
}

/** The number of pictures of a reply. */
export const count = () => (seedsChange ? Number($('count').value) : 1);

/** Whether all settings can be used. If not, the drawer opens at the first that can't. */
export function isValid() {
  const wrong = numbers.map($).find((field) => !field.validity.valid) ?? loras.invalid();
  if (!wrong) return true;
  if (!$('settings').open) $('settings').showModal();
  wrong.reportValidity();
  return false;
}

/** Begins, with what happens when there is another key. */
export function start(onKey) {
  const kept = recallData('picture', {});
  for (const name of fields) {
    $(name).value = kept[name] ?? '';
    $(name).addEventListener('change', keep);
  }
  $('key').value = api.key.get();
  $('key').addEventListener('change', () => { api.key.set($('key').value.trim()); onKey(); });
  $('interface').value = language();
  $('interface').addEventListener('change', () => speak($('interface').value));
  $('open-settings').addEventListener('click', open);
  loras.start(open);
  $('settings').addEventListener('click', (event) => { if (event.target === $('settings')) $('settings').close(); });
  // What can't be used is shown where it is, and not closed over.
  $('settings').addEventListener('close', () => isValid());
  $('defaults').addEventListener('click', () => { fields.forEach((name) => { $(name).value = ''; }); loras.use([]); keep(); });
}

// LoRAs come and go while the page is open.
function open() {
  $('settings').showModal();
  api.settings().then((server) => loras.know(server.loras), () => {});
}

/** Asks for the server's key, and says why. */
export function askKey(why) {
  if (!$('settings').open) $('settings').showModal();
  $('key-note').textContent = why;
  $('key').focus();
  $('key').select();
}

let modelChooses = false;
let seedsChange = true;

/** Whether another seed gives another picture. */
export const seedsMatter = () => seedsChange;

/** Whether the model itself chooses between a new picture and a change of the last one. */
export const chooses = () => modelChooses;

/** Shows the model's own defaults and bounds. Returns whether what is offered below pictures changed by them. */
export function know(server) {
  const isNew = seedsChange !== server.seed_changes_images;
  $('key-note').textContent = say('keyNote');
  loras.know(server.loras);
  modelChooses = server.chooses;
  seedsChange = server.seed_changes_images;
  $('count').closest('label').hidden = !seedsChange;
  $('model').textContent = server.model;
  const defaults = { steps: server.generate.steps, guidance: server.generate.cfg_scale, width: server.generate.width, height: server.generate.height };
  for (const [name, value] of Object.entries(defaults)) $(name).placeholder = value;
  offerShapes(server);
  $('steps').max = server.max_steps;
  $('width').max = $('height').max = server.max_side;
  // Any size is taken and made from one that the model draws.
  $('width').step = $('height').step = 1;
  return isNew;
}

// Beside the prompt: the shapes among the sizes that the model draws, or usual ones where it draws any. One size is no choice.
function offerShapes({ sizes, generate: { width, height } }) {
  const any = [[1, 1], [3, 2], [2, 3], [16, 9], [9, 16]].map(([x, y]) => {
    const unit = Math.sqrt(width * height / (x * y));
    return [x, y].map((side) => Math.max(16, Math.round(side * unit / 16) * 16)).join('x');
  });
  const offered = sizes.length > 0 ? sizes : any;
  const kept = $('shape').value;
  $('shape').replaceChildren(make('option', { value: '', 'data-text': 'shapeAuto' }, say('shapeAuto')),
    ...offered.map((size) => make('option', { value: size }, size.replace('x', '×'))));
  $('shape').value = offered.includes(kept) ? kept : '';
  $('shape').closest('label').hidden = offered.length < 2;
}

function keep() {
  remember('picture', JSON.stringify(Object.fromEntries(fields.map((name) => [name, $(name).value]))));
}
