// What is known of a picture, and what can be done with it.

import * as api from './api.js';
import { $, make, toast } from './dom.js';
import { label } from './loras.js';
import { parametersSwitch } from './saving.js';
import { star } from './star.js';
import { language, say } from './texts.js';

/** Writes how a picture was made. */
export function showFacts(picture) {
  const facts = {
    fromPrompt: picture.prompt, kind: say(picture.kind), size: `${picture.width}×${picture.height}`, seed: picture.seed, steps: picture.steps, guidance: picture.cfg_scale,
    negative: picture.negative_prompt, loras: picture.loras && label(picture.loras), seconds: picture.seconds, modelName: picture.model, created: new Date(picture.created * 1000).toLocaleString(language()),
  };
  $('facts').replaceChildren(...Object.entries(facts).filter(([, value]) => value !== undefined && value !== '')
    .flatMap(([name, value]) => [make('dt', {}, say(name)), make('dd', {}, String(value))]));
}

/** Writes the buttons of a picture. What happens elsewhere in the page is left to the handlers: edit, vary (null if it can't be), use, removed. */
export function showActions(picture, { edit, vary, use, removed }) {
  const action = (name, run) => make('button', { type: 'button', onclick: run }, say(name));
  $('actions').replaceChildren(
    action('edit', edit),
    ...(vary ? [action('variation', vary)] : []),
    ...(picture.kind === 'brought' ? [] : [
      action('copyText', () => copy(picture.prompt)),
      action('useSettings', use),
    ]),
    action('download', () => api.download(picture.id).catch((problem) => toast(problem.message))),
    action('remove', () => remove(picture.id, removed)),
    star(picture),
    ...(picture.kind === 'brought' ? [] : [parametersSwitch()]));
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(say('copied'));
  } catch {
    toast(say('notCopied'));
  }
}

async function remove(id, removed) {
  if (!confirm(say('removeSure'))) return;
  try {
    await api.remove(id);
  } catch (problem) {
    if (problem.kind !== 'gone') { toast(problem.message); return; }
  }
  toast(say('deleted'));
  removed();
}
