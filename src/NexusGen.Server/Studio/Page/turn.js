// How a turn is shown: the question, the reply as it comes, its pictures, and what can be done with them.

import * as api from './api.js';
import { make, toast } from './dom.js';
import * as settings from './settings.js';
import { say } from './texts.js';

const failed = (problem) => toast(problem.message);
// The sources of edited pictures, as far as they are known.
const sources = new Map();
const ended = ['completed', 'incomplete', 'failed', 'cancelled'];

/** Whether a turn's reply has come as far as it will. */
export const isEnded = (turn) => ended.includes(turn.status);

/** All pictures of a turn, in the order in which they came. */
export const picturesOf = (turn) => [...turn.pictures, ...turn.drawn, ...turn.variations];

// A picture has a history if it was made from another, another was made from it, or others answer the same turn.
function showHistories() {
  const known = new Set(sources.values());
  for (const figure of document.querySelectorAll('#log figure[data-picture]')) {
    const id = figure.dataset.picture;
    const isAlone = figure.parentElement.querySelectorAll('figure[data-picture]').length < 2;
    const button = figure.querySelector('.history');
    if (button) button.hidden = isAlone && !sources.has(id) && !known.has(id);
  }
}

/** Shows a turn. The handlers open a picture in the viewer, edit one, compute the reply again or vary it, and take the turn back. */
export class TurnView {
  #handlers;
  #text = make('div', { class: 'words' });
  #pictures = make('div', { class: 'row' });
  #notes = make('div', {});
  #brought = make('div', {});
  #canvas = null;
  #fresh = false;
  #ahead = null;

  constructor(turn, handlers) {
    this.turn = turn;
    this.#handlers = handlers;
    this.question = make('article', { class: 'question', 'aria-label': say('you') }, this.#brought, make('div', { class: 'words' }, turn.text));
    this.answer = make('article', { class: 'answer', 'aria-label': say('model') }, this.#text, this.#pictures, this.#notes);
    this.show(turn);
  }

  /** Shows the turn as the server knows it. */
  show(turn) {
    this.turn = turn;
    this.#canvas = null;
    this.#bring();
    this.#text.textContent = turn.reply;
    this.#pictures.replaceChildren(...[...turn.drawn, ...turn.variations].map((id) => this.#picture(id)));
    this.#resized(turn.generated_size);
    this.#note();
  }

  /** Shows how many replies and requests come before this one; null if that is not known. */
  waits(ahead) {
    this.#ahead = ahead;
    this.#note();
  }

  /** Shows a piece of the reply. */
  apply(piece) {
    const turn = this.turn;
    if (piece.type === 'queued' || piece.type === 'begun') {
      turn.status = piece.type === 'queued' ? 'queued' : 'in_progress';
      this.#fresh = piece.type === 'begun';
      if (piece.pictures) {
        turn.pictures = piece.pictures;
        this.#bring();
      }
      this.#note();
    } else if (piece.type === 'text') {
      // What is computed again after a restart of the server is not said twice.
      turn.reply = this.#fresh ? piece.text : turn.reply + piece.text;
      this.#fresh = false;
      this.#text.textContent = turn.reply;
      this.#notes.replaceChildren();
    } else if (piece.type === 'step') {
      this.#canvas ??= new Canvas(this.#pictures);
      this.#canvas.update(piece);
      this.#notes.replaceChildren();
    } else if (piece.type === 'picture') {
      this.#canvas?.remove();
      this.#canvas = null;
      if (piece.data) this.#pictures.append(handed(turn, piece.picture, piece.data));
      else if (!picturesOf(turn).includes(piece.picture.id)) {
        turn.drawn.push(piece.picture.id);
        this.#pictures.append(this.#picture(piece.picture.id, piece.picture));
      }
      this.#resized(piece.generated_size);
    } else {
      this.#canvas?.remove();
      this.#canvas = null;
      turn.status = piece.type === 'done' ? 'completed' : piece.type;
      turn.problem = piece.problem;
      turn.code = piece.code;
      this.#note();
    }
  }

  /** Forgets a picture that was deleted. */
  forget(id) {
    for (const name of ['pictures', 'drawn', 'variations']) this.turn[name] = this.turn[name].filter((other) => other !== id);
    for (const article of [this.question, this.answer]) {
      for (const shown of article.querySelectorAll('[data-picture]')) if (shown.dataset.picture === id) shown.remove();
    }
    sources.delete(id);
    for (const [edited, source] of sources) if (source === id) sources.delete(edited);
    showHistories();
  }

  #resized(size) {
    this.#pictures.querySelector('.hint')?.remove();
    if (size) this.#pictures.append(make('p', { class: 'hint' }, say('resized', size.replace('x', '×'))));
  }

  #bring() {
    this.#brought.replaceChildren(...this.turn.pictures.map((id) => make('button', { type: 'button', class: 'brought', 'data-picture': id, 'aria-label': say('enlarge'), onclick: () => this.#handlers.onOpen(id) },
      api.show(make('img', { alt: say('brought') }), id, 'thumbnail'))));
  }

  #waiting() {
    return this.#ahead === null ? say('waiting') : this.#ahead === 0 ? say('waitingNext') : say('waitingAhead', this.#ahead);
  }

  // What is to be known of the reply besides itself, and what to do about it.
  #note() {
    const turn = this.turn;
    this.answer.setAttribute('aria-busy', String(!isEnded(turn)));
    const again = make('button', { type: 'button', onclick: () => this.#handlers.onAgain(this, false) }, say('again'));
    const line = (...children) => make('p', { class: 'note', role: 'alert' }, ...children);
    const nothing = turn.drawn.length === 0 && (turn.action === 'draw' || turn.action === 'edit');
    this.#notes.replaceChildren(...(
      turn.status === 'queued' ? [make('p', { class: 'busy' }, this.#waiting())]
        : turn.status === 'in_progress' ? [make('p', { class: 'busy' }, say('thinking'))]
          : turn.status === 'failed' ? [line(api.told(turn.code, turn.problem) ?? say('trouble'), ' ', again)]
            : turn.status === 'cancelled' ? [line(say('stopped'), ' ', again)]
              : nothing && turn.variations.length === 0 && !this.#pictures.querySelector('figure') ? [line(say('noPicture'), ' ', again)] : []));
  }

  #picture(id, known) {
    const { turn } = this;
    const image = make('img', { alt: turn.text, title: say('enlarge'), onload: () => this.#handlers.onShown() });
    const tools = make('div', { class: 'actions' });
    const open = make('button', { type: 'button', class: 'picture', 'aria-label': `${say('enlarge')}: ${turn.text}`, onclick: () => this.#handlers.onOpen(id) }, image);
    const figure = make('figure', { 'data-picture': id }, open, tools);
    image.addEventListener('error', () => figure.replaceChildren(make('p', { class: 'note' }, say('gone'))), { once: true });
    api.show(image, id);
    const tool = (name, run) => make('button', { type: 'button', onclick: run }, say(name));
    tools.append(
      tool('edit', () => this.#handlers.onEdit(id)),
      ...(settings.seedsMatter() ? [tool('variation', () => this.#handlers.onAgain(this, true))] : []),
      tool('download', () => api.download(id).catch(failed)),
      tool('history', () => this.#handlers.onOpen(id, { panel: 'history' })),
      tool('show', () => this.#handlers.onOpen(id, { panel: 'details' })));
    const tree = tools.children[tools.children.length - 2];
    tree.className = 'history';
    tree.hidden = true;
    Promise.resolve(known ?? api.find(id)).then((picture) => {
      if (picture.source) {
        sources.set(id, picture.source);
        tools.prepend(tool('compareAction', () => this.#handlers.onOpen(id, { compared: true })));
      }
      showHistories();
    }, () => {});
    return figure;
  }
}

// A picture that is being painted.
class Canvas {
  #image = make('img', { alt: say('painting'), hidden: true });
  #bar = make('progress', { 'aria-label': say('painting') });
  #caption = make('figcaption', {}, say('painting'));
  #figure = make('figure', { class: 'painting' }, this.#image, this.#bar, this.#caption);
  #first = null;

  constructor(place) { place.append(this.#figure); }

  remove() { this.#figure.remove(); }

  update(piece) {
    if (piece.preview) {
      this.#image.src = piece.preview;
      this.#image.hidden = false;
    }
    if (piece.steps) {
      this.#bar.max = piece.steps;
      this.#bar.value = piece.step;
      this.#caption.textContent = say('step', piece.step, piece.steps) + this.#left(piece.step, piece.steps);
    }
  }

  // Told only where it matters, in round numbers.
  #left(step, steps) {
    const now = performance.now();
    this.#first ??= { step, now };
    if (step <= this.#first.step) return '';
    const seconds = (now - this.#first.now) / 1000 / (step - this.#first.step) * (steps - step);
    if (seconds < 20) return '';
    return ' · ' + (seconds < 90 ? say('secondsLeft', Math.round(seconds / 10) * 10) : say('minutesLeft', Math.round(seconds / 60)));
  }
}

// A picture that the gallery could not keep: it is here only, until the page is left.
function handed(turn, picture, data) {
  const save = make('a', { href: data, download: `nexusgen-${picture.seed}.png` }, say('download'));
  return make('figure', {},
    make('img', { alt: turn.text, src: data }),
    make('figcaption', { class: 'note', role: 'alert' }, say('notKept'), ' ', save));
}
