// The two dialogs of a picture: what is known of it, and before and after.

import * as api from './api.js';
import { $, make, toast } from './dom.js';
import { parametersSwitch } from './saving.js';
import { star } from './star.js';
import { language, say } from './texts.js';

let onEdit = () => {};
let onDeleted = () => {};
let onUse = () => {};

/** Begins, with what happens when a picture is to be edited, when its settings are to be used again, and when one was deleted. */
export function start(handlers) {
  ({ onEdit, onDeleted, onUse } = handlers);
  $('slider').addEventListener('input', slide);
  for (const dialog of [$('compare'), $('details')]) {
    dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  }
}

/** Shows two pictures over each other, with a slider between. */
export function compare(before, after) {
  $('details').close();
  for (const [place, id] of [['before', before], ['after', after]]) {
    $(place).alt = say(place);
    $(place).onerror = () => { $(place).alt = say('gone'); };
    api.show($(place), id);
  }
  $('slider').value = 50;
  slide();
  $('compare').showModal();
}

function slide() {
  document.querySelector('.compare').style.setProperty('--cut', `${100 - $('slider').value}%`);
}

/** Shows a picture with how it was made. */
export async function details(id) {
  let picture;
  try {
    picture = await api.find(id);
  } catch (problem) {
    toast(problem.kind === 'gone' ? say('gone') : problem.message);
    return;
  }
  $('large').alt = picture.prompt;
  api.show($('large'), id);
  const facts = {
    fromPrompt: picture.prompt, kind: say(picture.kind), size: `${picture.width}×${picture.height}`, seed: picture.seed, steps: picture.steps, guidance: picture.cfg_scale,
    negative: picture.negative_prompt, seconds: picture.seconds, modelName: picture.model, created: new Date(picture.created * 1000).toLocaleString(language()),
  };
  $('facts').replaceChildren(...Object.entries(facts).filter(([, value]) => value !== undefined && value !== '')
    .flatMap(([name, value]) => [make('dt', {}, say(name)), make('dd', {}, String(value))]));
  const close = $('actions').lastElementChild;
  const action = (name, run) => make('button', { type: 'button', class: 'plain', onclick: run }, say(name));
  $('actions').replaceChildren(
    action('edit', () => { $('details').close(); onEdit(id); }),
    ...(picture.source ? [action('compareAction', () => compare(picture.source, id))] : []),
    ...(picture.kind === 'brought' ? [] : [
      action('copyText', () => copy(picture.prompt)),
      action('useSettings', () => { $('details').close(); onUse(picture); }),
    ]),
    action('download', () => api.download(id).catch((problem) => toast(problem.message))),
    action('remove', () => remove(id)),
    star(picture),
    ...(picture.kind === 'brought' ? [] : [parametersSwitch()]),
    close);
  if (!$('details').open) $('details').showModal();
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(say('copied'));
  } catch {
    toast(say('notCopied'));
  }
}

async function remove(id) {
  if (!confirm(say('removeSure'))) return;
  try {
    await api.remove(id);
  } catch (problem) {
    if (problem.kind !== 'gone') { toast(problem.message); return; }
  }
  $('details').close();
  toast(say('deleted'));
  onDeleted(id);
}
