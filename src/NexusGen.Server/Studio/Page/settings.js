// The drawer: how pictures are painted, in which language the page speaks, and the server's key.

import * as api from './api.js';
import { $ } from './dom.js';
import { language, speak } from './texts.js';

const numbers = ['steps', 'guidance', 'width', 'height', 'seed'];
const fields = [...numbers, 'negative'];

/** What a turn asks for; what the user left open is not in it. */
export function picture(seed) {
  const value = Object.fromEntries(fields.map((name) => [name, $(name).value.trim()]));
  const number = (name) => (value[name] === '' || !$(name).validity.valid ? undefined : Number(value[name]));
  const [width, height] = [number('width'), number('height')];
  return {
    steps: number('steps'),
    cfg_scale: number('guidance'),
    negative_prompt: value.negative || undefined,
    size: width || height ? `${width ?? height}x${height ?? width}` : undefined,
    seed: seed ?? number('seed'),
  };
}

/** Begins, with what the server says of itself. */
export function start(onKey) {
  const kept = JSON.parse(localStorage.getItem('picture') ?? '{}');
  for (const name of fields) {
    $(name).value = kept[name] ?? '';
    $(name).addEventListener('change', keep);
  }
  $('key').value = api.key.get();
  $('key').addEventListener('change', () => { api.key.set($('key').value.trim()); onKey(); });
  $('interface').value = language();
  $('interface').addEventListener('change', () => speak($('interface').value));
  $('open-settings').addEventListener('click', () => $('settings').showModal());
  $('settings').addEventListener('click', (event) => { if (event.target === $('settings')) $('settings').close(); });
  $('defaults').addEventListener('click', () => { fields.forEach((name) => { $(name).value = ''; }); keep(); });
}

let modelChooses = false;

/** Whether the model itself chooses between a new picture and a change of the last one. */
export const chooses = () => modelChooses;

/** Shows the model's own defaults and bounds. */
export function know(server) {
  modelChooses = server.chooses;
  $('model').textContent = server.model;
  const defaults = { steps: server.generate.steps, guidance: server.generate.cfg_scale, width: server.generate.width, height: server.generate.height };
  for (const [name, value] of Object.entries(defaults)) $(name).placeholder = value;
  $('steps').max = server.max_steps;
  $('width').max = $('height').max = server.max_side;
}

function keep() {
  localStorage.setItem('picture', JSON.stringify(Object.fromEntries(fields.map((name) => [name, $(name).value]))));
}
