// The conversation: its turns, how they are shown, and the reply as it comes.

import * as api from './api.js';
import { $, announce, make } from './dom.js';
import * as settings from './settings.js';
import { say } from './texts.js';
import { compare, details } from './viewer.js';

const storage = 'turns';
const mostPictures = 12;
let turns = JSON.parse(sessionStorage.getItem(storage) ?? '[]');
let running = null;
let onEdit = () => {};
let onPicture = () => {};
let onRunning = () => {};
let onTurn = () => {};

/** Begins, with what happens when a picture is to be edited, has come, and when something runs. */
export function start(handlers) {
  ({ onEdit, onPicture, onRunning, onTurn } = handlers);
  render();
}

export const isRunning = () => running !== null;

export function stop() { running?.controller.abort(); }

/** The last picture of the conversation: brought, drawn or varied; null for none. */
export function lastPicture() {
  const all = turns.flatMap((turn) => [...turn.pictures, ...(turn.reply?.pictures ?? []), ...(turn.variations ?? [])]);
  return all.at(-1) ?? null;
}

/** Forgets the conversation; its pictures stay in the gallery. */
export function clear() {
  stop();
  turns = [];
  keep();
  render();
}

/** Forgets a picture that was deleted: it is shown no more, and no later turn names it. */
export function forget(id) {
  const without = (ids) => (ids ?? []).filter((other) => other !== id);
  for (const turn of turns) {
    // To ask that very question again without its picture would be another question.
    if (turn.pictures.includes(id)) turn.lacks = true;
    turn.pictures = without(turn.pictures);
    turn.variations = without(turn.variations);
    if (turn.reply) turn.reply.pictures = without(turn.reply.pictures);
  }
  if (running) running.said.pictures = without(running.said.pictures);
  keep();
  for (const shown of $('log').querySelectorAll('[data-picture]')) {
    if (shown.dataset.picture === id) shown.remove();
  }
}

/** Draws the whole conversation anew, for instance in another language. */
export function render() {
  $('log').replaceChildren();
  if (turns.length === 0) $('log').append(welcome());
  for (const turn of turns) {
    const shown = show(turn);
    shown.text.textContent = turn.reply?.text ?? '';
    for (const id of [...(turn.reply?.pictures ?? []), ...(turn.variations ?? [])]) finished(turn, shown, id);
    if (!turn.reply && turn !== running?.turn) note(turn, shown, turn.problem ?? say('stopped'));
  }
  end();
}

/** Sends a message and shows the reply. */
export async function send(text, pictures, action) {
  if (turns.length === 0) $('log').replaceChildren();
  const turn = { text, pictures, action, reply: null, variations: [] };
  turns.push(turn);
  keep();
  await reply(turn, show(turn));
}

function welcome() {
  const examples = ['a red star left of a blue ring', '画三个绿色的圆形', 'a big yellow heart on a black background'];
  const choose = (text) => () => { $('prompt').value = text; $('prompt').focus(); };
  return make('div', { class: 'welcome' }, make('h2', {}, say('welcome')), make('p', {}, say('tryThese')),
    ...examples.map((text) => make('button', { type: 'button', class: 'example', onclick: choose(text) }, text)));
}

function show(turn) {
  const question = make('div', { class: 'words' }, turn.text);
  const brought = turn.pictures.map((id) => make('button', { type: 'button', class: 'brought', 'data-picture': id, 'aria-label': say('show'), onclick: () => details(id) },
    api.show(make('img', { alt: say('brought') }), id, 'thumbnail')));
  const text = make('div', { class: 'words' });
  const pictures = make('div', { class: 'row' });
  const answer = make('article', { class: 'answer', 'aria-label': say('model') }, text, pictures);
  $('log').append(make('article', { class: 'question', 'aria-label': say('you') }, ...brought, question), answer);
  end();
  return { answer, text, pictures };
}

async function reply(turn, shown, variation = false) {
  shown.answer.querySelectorAll('.note').forEach((old) => old.remove());
  if (turn.lacks) {
    note(turn, shown, say('gone'), variation);
    return;
  }
  stop();
  const controller = new AbortController();
  const said = { text: '', pictures: [] };
  const mine = { controller, turn, said };
  running = mine;
  onRunning(true);
  if (!variation) {
    turn.reply = null;
    turn.variations = [];
    shown.text.textContent = '';
    shown.pictures.replaceChildren();
  }
  shown.answer.setAttribute('aria-busy', 'true');
  const busy = make('p', { class: 'busy' }, say('thinking'));
  shown.answer.append(busy);
  let canvas = null, unkept = false;
  try {
    for await (const piece of api.turn(request(turn, variation), controller.signal)) {
      busy.remove();
      if (piece.type === 'text' && !variation) {
        said.text += piece.text;
        shown.text.textContent = said.text;
      } else if (piece.type === 'step') {
        canvas ??= painting(shown);
        canvas.update(piece);
      } else if (piece.type === 'picture') {
        canvas?.figure.remove();
        canvas = null;
        if (piece.data) {
          unkept = true;
          handed(turn, shown, piece.picture, piece.data);
        } else {
          said.pictures.push(piece.picture.id);
          finished(turn, shown, piece.picture.id, piece.picture);
        }
        if (piece.generated_size) shown.pictures.append(make('p', { class: 'hint' }, say('resized', piece.generated_size.replace('x', '×'))));
        announce(say('finished'));
        onPicture();
      } else if (piece.type === 'done' && needsPicture(turn) && said.pictures.length === 0 && !unkept) {
        note(turn, shown, say('noPicture'));
      }
      end();
    }
    record(turn, said, variation);
  } catch (problem) {
    record(turn, said, variation);
    const stopped = problem.name === 'AbortError';
    if (!stopped && !(problem instanceof api.Problem)) throw problem;
    turn.problem = stopped ? undefined : problem.message;
    note(turn, shown, stopped ? say('stopped') : problem.message, variation);
  } finally {
    busy.remove();
    canvas?.figure.remove();
    shown.answer.removeAttribute('aria-busy');
    if (running === mine) {
      running = null;
      onRunning(false);
      onTurn();
    }
    keep();
    // The log was written anew meanwhile, in another language: what came is not in it.
    if (!shown.answer.isConnected) render();
  }
}

// What was said until it ended counts, even where it was stopped.
function record(turn, said, variation) {
  if (variation) turn.variations.push(...said.pictures);
  else if (said.text || said.pictures.length > 0) turn.reply = said;
}

function request(turn, variation) {
  const messages = [];
  let pictures = turn.pictures.length;
  for (const earlier of turns.slice(0, turns.indexOf(turn)).reverse()) {
    pictures += earlier.pictures.length + (earlier.reply?.pictures.length ?? 0);
    if (pictures > mostPictures) break;
    if (earlier.reply) {
      messages.unshift({ role: 'user', text: earlier.text, pictures: earlier.pictures }, { role: 'assistant', ...earlier.reply });
    }
  }
  messages.push({ role: 'user', text: turn.text, pictures: turn.pictures });
  return { messages, action: turn.action, use_last_picture: false, picture: settings.picture(variation ? crypto.getRandomValues(new Uint32Array(1))[0] : undefined) };
}

const needsPicture = (turn) => turn.action === 'draw' || turn.action === 'edit';

function painting(shown) {
  const image = make('img', { alt: say('painting'), hidden: true });
  const bar = make('progress', { 'aria-label': say('painting') });
  const caption = make('figcaption', {}, say('painting'));
  const figure = make('figure', { class: 'painting' }, image, bar, caption);
  shown.pictures.append(figure);
  return {
    figure,
    update(piece) {
      if (piece.preview) {
        image.src = piece.preview;
        image.hidden = false;
      }
      if (piece.steps) {
        bar.max = piece.steps;
        bar.value = piece.step;
        caption.textContent = say('step', piece.step, piece.steps);
      }
    },
  };
}

function finished(turn, shown, id, known) {
  const image = make('img', { alt: turn.text, title: say('editHint'), onload: end });
  const tools = make('div', { class: 'actions' });
  const open = make('button', { type: 'button', class: 'picture', 'aria-label': `${say('editHint')}: ${turn.text}`, onclick: () => onEdit(id) }, image);
  const figure = make('figure', { 'data-picture': id }, open, tools);
  image.addEventListener('error', () => figure.replaceChildren(make('p', { class: 'note' }, say('gone'))), { once: true });
  api.show(image, id);
  shown.pictures.append(figure);
  const tool = (name, run) => make('button', { type: 'button', onclick: run }, say(name));
  tools.append(
    tool('edit', () => onEdit(id)),
    tool('variation', () => reply(turn, shown, true)),
    tool('download', () => api.download(id).catch((problem) => announce(problem.message))),
    tool('show', () => details(id)));
  Promise.resolve(known ?? api.find(id)).then((picture) => {
    if (picture.source) tools.prepend(tool('compareAction', () => compare(picture.source, id)));
  }, () => {});
}

/** Shows a picture that the gallery could not keep: it is here only, until the page is left. */
function handed(turn, shown, picture, data) {
  const save = make('a', { href: data, download: `nexusgen-${picture.seed}.png` }, say('download'));
  shown.pictures.append(make('figure', {},
    make('img', { alt: turn.text, src: data, onload: end }),
    make('figcaption', { class: 'note', role: 'alert' }, say('notKept'), ' ', save)));
}

function note(turn, shown, text, variation = false) {
  const again = make('button', { type: 'button', onclick: () => reply(turn, shown, variation) }, say('again'));
  shown.answer.append(make('p', { class: 'note', role: 'alert' }, text, ' ', again));
}

function keep() {
  sessionStorage.setItem(storage, JSON.stringify(turns));
}

function end() {
  $('log').scrollTop = $('log').scrollHeight;
}
