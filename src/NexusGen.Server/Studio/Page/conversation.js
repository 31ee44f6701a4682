// The conversation that is shown: its turns, which the server keeps, and the reply as it comes.

import * as api from './api.js';
import { $, announce, make, toast } from './dom.js';
import * as loras from './loras.js';
import * as settings from './settings.js';
import { examples, say } from './texts.js';
import { isEnded, picturesOf, TurnView } from './turn.js';
import * as viewer from './viewer.js';

let current = null;
let views = [];
let running = null;
let opening = 0;
let handlers = {};

/**
 * Begins, with what happens when a picture is to be edited or has come, when something runs, when a turn came or went, when a
 * conversation was begun, and when a turn was taken back.
 */
export function start(given) {
  handlers = given;
  $('undo').addEventListener('click', undo);
}

/** The id of the conversation, or null for one that has no turn yet. */
export const id = () => current;

export const isRunning = () => running !== null;

/** The texts of the user, the latest last. */
export const said = () => views.map((view) => view.turn.text).filter((text) => text !== '');

/** The last picture of the conversation: brought, drawn or varied; null for none. */
export const lastPicture = () => views.flatMap((view) => picturesOf(view.turn)).at(-1) ?? null;

/** The pictures of the conversation in their order, among which the viewer leads. */
export const pictures = { ids: () => [...new Set(views.flatMap((view) => picturesOf(view.turn)))] };

/** What draws another picture like one of the conversation; null for one that was not drawn here. */
export function vary(picture) {
  const one = views.find(({ turn }) => turn.drawn.includes(picture) || turn.variations.includes(picture));
  return one ? () => again(one, true) : null;
}

/** Shows a conversation; null for a new one. */
export async function open(other) {
  const mine = ++opening;
  leave();
  current = other;
  let turns = [];
  if (other !== null) {
    try {
      ({ turns } = await api.conversation(other));
    } catch (problem) {
      if (mine !== opening) return;
      if (problem.kind === 'gone') { handlers.onGone(other); return; }
      toast(problem.message);
    }
    if (mine !== opening) return;
  }
  views = turns.map(view);
  render();
  end(true);
  followNext();
}

/** Shows the conversation anew if it is the one that changed elsewhere. */
export async function changed(other) {
  if (other !== current || current === null) return;
  if (!running) { open(current); return; }
  // The reply that is followed stays as it is; only turns that came or went beside it are shown.
  const mine = opening;
  let turns;
  try {
    ({ turns } = await api.conversation(current));
  } catch (problem) {
    if (!(problem instanceof api.Problem)) throw problem;
    return;
  }
  if (mine !== opening || !running) return;
  views = turns.map((turn) => views.find((one) => one.turn.id === turn.id) ?? view(turn));
  if (views.includes(running.view)) render();
  else open(current);
}

/** Forgets a picture that was deleted: it is shown no more. */
export const forget = (picture) => views.forEach((one) => one.forget(picture));

/** Writes everything anew, for instance in another language. */
export function rewrite() {
  const follows = running?.view.turn;
  views = views.map((old) => view(old.turn));
  if (follows) running.view = views.find((one) => one.turn === follows);
  render();
}

/** Sends a message, about pictures or about the last one when its turn comes. Returns whether the server took it. */
export async function send(text, pictures, usesLast, action) {
  const began = current === null;
  try {
    current ??= (await api.begin()).id;
    const turn = await api.addTurn(current, {
      text, pictures, uses_last: usesLast, action, count: settings.count(), picture: settings.picture(), loras: loras.chosen(),
    });
    views.push(view(turn));
    render();
    end(true);
    if (began) handlers.onBegun(current);
    if (running) handlers.onTurn(true);
    else follow(views.at(-1), true);
    return true;
  } catch (problem) {
    if (!(problem instanceof api.Problem)) throw problem;
    if (problem.kind === 'busy') open(current);
    toast(problem.message);
    return false;
  }
}

/** Stops the reply that is coming. */
export async function stop() {
  if (!running) return;
  try {
    await api.stop(running.view.turn.id);
  } catch (problem) {
    toast(problem.message);
  }
}

const view = (turn) => new TurnView(turn, {
  onOpen: (picture, how) => viewer.open(picture, { among: pictures, ...how }), onEdit: handlers.onEdit, onAgain: again, onShown: () => end(false),
});

async function again(one, variation) {
  if (running) { toast(say('error_reply_unfinished')); return; }
  try {
    one.show(await api.again(one.turn.id, variation));
  } catch (problem) {
    toast(problem.message);
    return;
  }
  follow(one, true);
}

async function undo() {
  const last = views.at(-1);
  if (!last) return;
  if (running?.view === last) leave();
  try {
    await api.takeBack(last.turn.id);
  } catch (problem) {
    if (problem.kind !== 'gone') { toast(problem.message); return; }
  }
  views.pop();
  render();
  handlers.onTakenBack(last.turn);
  handlers.onTurn(true);
}

// Replies come one after another.
function followNext(isOwn = false) {
  const next = views.find((one) => !isEnded(one.turn));
  if (next && !running) follow(next, isOwn);
}

const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

// Says where a reply waits, as long as it does.
async function tellPlace(mine) {
  const isWaiting = () => running === mine && mine.view.turn.status === 'queued';
  for (await pause(1000); isWaiting(); await pause(2000)) {
    try {
      const ahead = await api.ahead(mine.view.turn.id);
      if (isWaiting()) mine.view.waits(ahead);
    } catch (problem) {
      if (!(problem instanceof api.Problem)) throw problem;
    }
  }
}

function leave() {
  running?.controller.abort();
  running = null;
  handlers.onRunning(false);
}

// Follows a reply until it ends. A connection that is lost meanwhile is taken up again where it was. Of a turn that was begun here
// the other tabs hear.
async function follow(one, isOwn = false) {
  leave();
  const mine = { view: one, controller: new AbortController() };
  running = mine;
  handlers.onRunning(true);
  handlers.onTurn(isOwn);
  tellPlace(mine);
  let last = -1;
  while (running === mine && !isEnded(mine.view.turn)) {
    try {
      for await (const { number, piece } of api.events(one.turn.id, last, mine.controller.signal)) {
        if (running !== mine) return;
        last = number;
        const atEnd = isAtEnd();
        mine.view.apply(piece);
        if (atEnd) end(true);
        if (piece.type === 'picture' && !piece.data) handlers.onPicture();
        if (piece.type === 'picture') announce(say('finished'));
      }
    } catch (problem) {
      if (running !== mine) return;
      if (!(problem instanceof api.Problem)) throw problem;
      if (problem.kind === 'lost') await back();
    }
    if (running === mine && !isEnded(mine.view.turn)) await catchUp(mine);
  }
  if (running !== mine) return;
  leave();
  handlers.onTurn(isOwn);
  followNext(isOwn);
}

// After the events broke off: what became of the turn, which may have ended with its server.
async function catchUp(mine) {
  try {
    const now = (await api.conversation(current)).turns.find((turn) => turn.id === mine.view.turn.id);
    if (!now) { open(current); return; }
    if (isEnded(now)) mine.view.show(now);
  } catch (problem) {
    if (problem.kind !== 'lost') { open(current); return; }
  }
  await pause(500);
}

const back = async () => {
  while (!(await api.isAlive())) await pause(1000);
};

function render() {
  const welcome = () => {
    const choose = (text) => () => { $('prompt').value = text; $('prompt').focus(); };
    return make('div', { class: 'welcome' }, make('h2', {}, say('welcome')), make('p', {}, say('tryThese')),
      ...examples().map((text) => make('button', { type: 'button', class: 'example', onclick: choose(text) }, text)));
  };
  $('log').replaceChildren(...(views.length === 0 ? [welcome()] : views.flatMap((one) => [one.question, one.answer])));
  $('undo').hidden = views.length === 0;
  viewer.changed();
}

// Who reads further up is left there.
const isAtEnd = () => $('log').scrollHeight - $('log').scrollTop - $('log').clientHeight < 80;

let keepsEnd = true;

function end(now) {
  if (now) keepsEnd = true;
  if (now || keepsEnd) $('log').scrollTop = $('log').scrollHeight;
}

$('log').addEventListener('scroll', () => { keepsEnd = isAtEnd(); });
