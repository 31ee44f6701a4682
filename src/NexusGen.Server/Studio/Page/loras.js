// The LoRAs of the next messages: chosen in the drawer by name, each with its strength, and named beside the message.

import { $, announce, make } from './dom.js';
import { recallData, remember } from './store.js';
import { onLanguage, say } from './texts.js';

const most = 16;
// Unknown until the server has said it.
let offered = null;
let kept = [];

/** What a turn asks for, or nothing. */
export const chosen = () => (kept.length > 0 ? kept : undefined);

/** How LoRAs are told: their names with strengths. */
export const label = (loras) => loras.map(({ name, strength }) => `${name} ${strength}`).join(', ');

/** Takes the LoRAs with which a picture was made. */
export function use(loras) {
  kept = usable(loras);
  render();
}

/** Shows the LoRAs that the server has now. */
export function know(loras) {
  if (JSON.stringify(loras) === JSON.stringify(offered)) return;
  offered = loras;
  render();
}

/** The first strength that can't be used, or nothing. */
export const invalid = () => $('lora-list').querySelector('input:invalid');

/** Begins, with what opens the drawer. */
export function start(open) {
  kept = usable(recallData('loras', []));
  $('lora-add').addEventListener('click', () => {
    const name = $('lora').value;
    if (!name) return;
    kept = [...kept, { name, strength: 1 }];
    render();
    announce(say('loraAdded', name));
    row(name)?.querySelector('input').focus();
  });
  $('with-loras').addEventListener('click', () => {
    open();
    $('lora-list').querySelector('input')?.focus();
  });
  onLanguage(render);
  render();
}

// What is remembered, or comes from a picture, may be of any kind.
const usable = (loras) => (Array.isArray(loras) ? loras : [])
  .filter((one) => typeof one?.name === 'string' && Number.isFinite(one.strength)).slice(0, most)
  .map(({ name, strength }) => ({ name, strength }));

const row = (name) => [...$('lora-list').children].find((item) => item.dataset.name === name);

function keep() {
  remember('loras', kept.length > 0 ? JSON.stringify(kept) : null);
  $('with-loras').hidden = kept.length === 0;
  $('with-loras').textContent = say('withLoras', label(kept));
}

function render() {
  keep();
  const left = (offered ?? []).filter((lora) => !kept.some((one) => one.name === lora.name));
  $('loras').hidden = (offered ?? []).length === 0 && kept.length === 0;
  $('lora-more').hidden = left.length === 0 || kept.length >= most;
  const before = $('lora').value;
  $('lora').replaceChildren(...left.map((lora) => make('option', { value: lora.name }, lora.name + appliesTo(lora))));
  if (left.some((lora) => lora.name === before)) $('lora').value = before;
  $('lora-list').replaceChildren(...kept.map(write));
}

const appliesTo = (lora) => (lora?.applies_to === 'language_model' ? ` (${say('loraLanguage')})` : '');

function write(one) {
  const lora = offered?.find((other) => other.name === one.name);
  const slider = make('input', { type: 'range', min: -1, max: 2, step: 0.05, 'aria-label': say('loraStrength', one.name) });
  const number = make('input', { type: 'number', min: -100, max: 100, step: 'any', required: true, inputMode: 'decimal', 'aria-label': say('loraNumber', one.name) });
  slider.value = number.value = one.strength;
  const change = (from, to) => {
    if (!from.validity.valid) return;
    one.strength = Number(from.value);
    to.value = from.value;
    keep();
  };
  slider.addEventListener('input', () => change(slider, number));
  number.addEventListener('input', () => change(number, slider));
  return make('li', { 'data-name': one.name },
    make('span', { class: 'name' }, one.name, appliesTo(lora)),
    make('button', { type: 'button', class: 'plain', title: say('loraRemove', one.name), 'aria-label': say('loraRemove', one.name), onclick: () => remove(one) }, '✕'),
    slider, number,
    lora || offered === null ? null : make('p', { class: 'note', role: 'alert' }, say('loraMissing')));
}

function remove(one) {
  const at = kept.indexOf(one);
  kept = kept.filter((other) => other !== one);
  render();
  const next = $('lora-list').children[Math.min(at, kept.length - 1)];
  (next?.querySelector('button') ?? ($('lora-more').hidden ? $('defaults') : $('lora'))).focus();
}
