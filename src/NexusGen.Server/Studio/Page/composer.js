// Where a message is written: words, pictures by file, drop or paste, what is to be edited, and a draft that survives.

import * as api from './api.js';
import * as conversation from './conversation.js';
import { $, announce, composes, make } from './dom.js';
import * as offer from './offer.js';
import * as settings from './settings.js';
import { recall, remember } from './store.js';
import { say } from './texts.js';

// Larger pictures are made smaller here: the model reads far less, and the way to the server may be slow.
const longestSide = 2048;
let attached = [];
// The picture whose mark "changes: …" was taken away from the next message.
let dismissed = null;
let sending = false;
// Stands for the picture that will be the conversation's last one when the reply that is on its way has come.
const coming = 'coming';
let draft = 'draft:';
let onBrought = () => {};

/** Begins, with what happens when a picture was brought into the gallery. */
export function start(handlers) {
  ({ onBrought } = handlers);
  $('composer').addEventListener('submit', (event) => { event.preventDefault(); send(); });
  $('prompt').addEventListener('keydown', (event) => {
    if (composes(event)) return;
    if (event.key === 'Enter' && !event.shiftKey) { event.preventDefault(); send(); }
    if (event.key === 'ArrowUp' && $('prompt').value === '' && conversation.said().length > 0) {
      event.preventDefault();
      write(conversation.said().at(-1));
    }
  });
  $('prompt').addEventListener('input', () => { keep(); grow(); buttons(); });
  $('stop').addEventListener('click', conversation.stop);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !composes(event) && conversation.isRunning() && !document.querySelector('dialog[open]')) conversation.stop();
  });
  $('action').addEventListener('change', render);
  $('attach').addEventListener('click', () => $('file').click());
  $('file').addEventListener('change', () => { bring([...$('file').files]); $('file').value = ''; });
  document.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) { event.preventDefault(); bring(files); }
  });
  const narrow = matchMedia('(max-width: 36rem)');
  narrow.addEventListener('change', render);
  dropping();
}

const action = () => $('action').querySelector('input:checked').value;

/** Shows the draft of the conversation that is opened; null for a new one. */
export function opened(id) {
  draft = `draft:${id ?? ''}`;
  attached = [];
  dismissed = null;
  $('prompt').value = recall(draft) ?? '';
  grow();
  render();
}

/** Goes on with the draft of a conversation that has begun. */
export function begun(id) {
  remember(draft, null);
  draft = `draft:${id}`;
  keep();
}

/** Shows whether a reply is on its way. */
export function running() {
  buttons();
  render();
}

// While a reply comes, what is written can be sent already: it waits for its turn.
function buttons() {
  $('stop').hidden = !conversation.isRunning();
  $('send').hidden = conversation.isRunning() && $('prompt').value.trim() === '' && attached.length === 0;
}

/** Takes a picture of the gallery into the next message, to be changed. */
export function edit(id) {
  attached = [id];
  render();
  $('prompt').focus();
  announce(say('willChange'));
}

/** Takes pictures of the gallery into the next message, besides those that are there. */
export function take(ids) {
  attached = [...new Set([...attached, ...ids])];
  render();
  $('prompt').focus();
  announce(say('taken', attached.length));
}

/** Puts a message that was taken back into the field again. */
export function takeBack(turn) {
  attached = turn.pictures;
  write(turn.text);
  render();
  $('prompt').focus();
}

/** Writes a text into the field, as that of the next message. */
export function propose(text) {
  write(text);
  $('prompt').focus();
}

/** Forgets a picture that was deleted. */
export function forget(id) {
  attached = attached.filter((other) => other !== id);
  render();
}

/** Writes the pictures of the next message anew, and which picture of the conversation it changes. */
export function render() {
  const shown = attached.map((id) => picture(id, () => forget(id)));
  const source = sourceOf();
  if (source) {
    const mark = picture(source, () => { dismissed = source; render(); });
    mark.id = 'source';
    mark.prepend(make('span', {}, say(sourceText())));
    shown.push(mark);
  }
  $('attached').replaceChildren(...shown);
  buttons();
  offer.show(attached, propose);
  $('prompt').placeholder = say(matchMedia('(max-width: 36rem)').matches ? 'promptShort' : 'prompt');
}

const picture = (id, onRemove) => make('li', {},
  id === coming ? make('span', {}, say('lastThen')) : api.show(make('img', { alt: say('willChange') }), id, 'thumbnail'),
  make('button', { type: 'button', 'aria-label': say('detach'), title: say('detach'), onclick: onRemove }, '✕'));

// The rule of all surfaces: what is attached is the source; otherwise it is the conversation's last picture, unless something new
// is to be drawn.
function sourceOf() {
  if (attached.length > 0 || action() === 'draw') return null;
  const last = conversation.isRunning() ? coming : conversation.lastPicture();
  return last !== dismissed ? last : null;
}

function sourceText() {
  if (action() === 'ask') return 'asksAbout';
  return action() === 'auto' && settings.chooses() ? 'mayChange' : 'changes';
}

async function send() {
  const text = $('prompt').value.trim();
  if (sending || (text === '' && attached.length === 0) || !settings.isValid()) return;
  const source = sourceOf();
  if (action() === 'edit' && attached.length === 0 && !source) {
    note(say('nothingToEdit'));
    return;
  }
  const usesLast = source === coming;
  const pictures = source && !usesLast ? [source] : attached;
  sending = true;
  // The text stays until the server has it.
  const isSent = await conversation.send(text, pictures, usesLast, action());
  sending = false;
  if (!isSent) return;
  attached = [];
  dismissed = null;
  if ($('prompt').value.trim() === text) write('');
  render();
}

function note(text) {
  $('attached').querySelectorAll('.note').forEach((old) => old.remove());
  $('attached').append(make('li', { class: 'note', role: 'alert' }, text));
}

async function bring(files) {
  for (const file of files) {
    try {
      const brought = await api.bring(await smaller(file), file.name ?? '');
      attached = [...attached, brought.id];
      offer.add(brought);
      render();
      onBrought();
    } catch (problem) {
      if (!(problem instanceof api.Problem)) throw problem;
      note(`${file.name}: ${problem.message}`);
    }
  }
}

// A file that the browser can't read is sent as it is: the server may know its format, or says what is wrong with it.
async function smaller(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return file.type.startsWith('image/') ? file : new Blob([file], { type: 'image/unknown' });
  }
  const scale = longestSide / Math.max(bitmap.width, bitmap.height);
  if (scale >= 1) { bitmap.close(); return file; }
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)));
  const context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas.convertToBlob({ type: file.type === 'image/jpeg' ? 'image/jpeg' : 'image/png', quality: 0.95 });
}

function dropping() {
  let depth = 0;
  const isFile = (event) => event.dataTransfer?.types.includes('Files');
  const mark = (by) => { depth = Math.max(0, depth + by); $('talk').classList.toggle('dropping', depth > 0); };
  window.addEventListener('dragenter', (event) => { if (isFile(event)) { event.preventDefault(); mark(1); } });
  window.addEventListener('dragover', (event) => { if (isFile(event)) event.preventDefault(); });
  window.addEventListener('dragleave', (event) => { if (isFile(event)) mark(-1); });
  window.addEventListener('drop', (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    mark(-depth);
    bring([...event.dataTransfer.files]);
  });
}

function write(text) {
  $('prompt').value = text;
  keep();
  grow();
  buttons();
}

const keep = () => remember(draft, $('prompt').value || null);

function grow() {
  $('prompt').style.height = 'auto';
  $('prompt').style.height = `${Math.min($('prompt').scrollHeight, 200)}px`;
}
