// The side bar: the conversations, which the server keeps, found by words, renamed and deleted.

import * as api from './api.js';
import { $, composes, make, toast } from './dom.js';
import { say } from './texts.js';

let current = null;
let asked = 0;
let handlers = {};

/** The address of a conversation in this page; null for a new one. */
export const addressOf = (id) => (id === null ? '#/' : `#/c/${id}`);

/** Begins, with what happens when a conversation was changed or deleted here. */
export function start(given) {
  handlers = given;
  let waiting;
  $('find').addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(refresh, 200); });
  $('find').form.addEventListener('submit', (event) => { event.preventDefault(); refresh(); });
  $('menu').addEventListener('click', () => show(!$('side').classList.contains('open')));
  $('side').addEventListener('keydown', (event) => { if (event.key === 'Escape' && !composes(event)) show(false); });
  $('conversations').addEventListener('click', (event) => { if (event.target.closest('a')) show(false); });
}

/** Shows or hides it where it has no place of its own. */
export function show(is) {
  $('side').classList.toggle('open', is);
  $('menu').setAttribute('aria-expanded', String(is));
  if (is) $('find').focus();
}

/** Marks the conversation that is shown. */
export function mark(id) {
  current = id;
  refresh();
}

/** Reads the list anew. */
export async function refresh() {
  const mine = ++asked;
  const words = $('find').value.trim();
  let found;
  try {
    found = await api.conversations(words);
  } catch (problem) {
    if (problem.kind !== 'lost' && problem.kind !== 'key') toast(problem.message);
    return;
  }
  // A name that is being written is not taken away from under it.
  if (mine !== asked || $('conversations').querySelector('input')) return;
  const focused = document.activeElement?.closest('#conversations li')?.dataset.id;
  $('conversations').replaceChildren(...found.map(item));
  $('no-conversations').hidden = found.length > 0;
  $('no-conversations').textContent = say(words ? 'noHits' : 'noConversations');
  if (focused) $('conversations').querySelector(`[data-id="${focused}"] a`)?.focus();
}

const titleOf = (conversation) => conversation.title || say('untitled');

function item(conversation) {
  const link = make('a', { href: addressOf(conversation.id), title: titleOf(conversation) }, titleOf(conversation));
  const entry = make('li', { 'data-id': conversation.id }, link);
  if (conversation.id === current) {
    link.setAttribute('aria-current', 'page');
    const tool = (name, sign, run) => make('button', { type: 'button', class: 'plain', title: say(name), 'aria-label': `${say(name)}: ${titleOf(conversation)}`, onclick: run }, sign);
    entry.append(tool('rename', '✎', () => rename(conversation, entry)), tool('dropConversation', '✕', () => drop(conversation)));
  }
  return entry;
}

function rename(conversation, entry) {
  const field = make('input', { type: 'text', value: titleOf(conversation), maxLength: 80, 'aria-label': say('rename') });
  let isDone = false;
  const done = async (keep) => {
    // To take the field away ends the writing in it once more.
    if (isDone) return;
    isDone = true;
    const title = field.value.trim();
    field.remove();
    try {
      if (keep && title) await api.change(conversation.id, { title });
      if (keep && title) handlers.onChanged(conversation.id);
    } catch (problem) {
      toast(problem.message);
    }
    await refresh();
    $('conversations').querySelector('[aria-current]')?.focus();
  };
  field.addEventListener('keydown', (event) => {
    if (composes(event)) return;
    if (event.key === 'Enter') done(true);
    if (event.key === 'Escape') { event.stopPropagation(); done(false); }
  });
  field.addEventListener('blur', () => done(true));
  entry.replaceChildren(field);
  field.select();
}

async function drop(conversation) {
  try {
    await api.drop(conversation.id);
  } catch (problem) {
    if (problem.kind !== 'gone') { toast(problem.message); return; }
  }
  handlers.onDropped(conversation.id);
  refresh();
  toast(say('dropped', titleOf(conversation)), say('undo'), async () => {
    try {
      await api.change(conversation.id, { deleted: false });
      handlers.onChanged(conversation.id);
      location.hash = addressOf(conversation.id);
    } catch (problem) {
      toast(problem.message);
    }
    refresh();
  });
}
