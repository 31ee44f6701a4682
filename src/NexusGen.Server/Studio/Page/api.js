// What the page asks of its server.

import { recall, remember } from './store.js';
import { has, say } from './texts.js';

const base = '/studio/api';
const addresses = new Map();

export const key = {
  get: () => recall('key') ?? '',
  set: (value) => { remember('key', value || null); addresses.clear(); },
};

/** Whether saved files have the text and settings of their picture inside. */
export const saved = {
  withParameters: () => recall('bare') !== 'true',
  setParameters: (is) => remember('bare', is ? null : 'true'),
};

/** What went wrong, in a sentence for the user. */
export class Problem extends Error {
  constructor(message, kind) { super(message); this.kind = kind; }
}

const headers = (more = {}) => (key.get() ? { ...more, Authorization: `Bearer ${key.get()}` } : more);

function lost() {
  window.dispatchEvent(new Event('server-lost'));
  return new Problem(say('lost'), 'lost');
}

/** The sentence of an error: the page's own where it has one, otherwise the server's. */
export const told = (code, message) => (code && has(`error_${code}`) ? say(`error_${code}`) : message);

async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(base + path, { ...options, headers: headers(options.headers) });
  } catch (e) {
    if (e.name === 'AbortError') throw e;
    throw lost();
  }
  if (response.ok) return response;
  if (response.status === 401) throw new Problem(say(key.get() ? 'keyWrong' : 'keyNeeded'), 'key');
  if (response.status === 413) throw new Problem(say('tooLarge'), 'large');
  const { error } = await response.json().catch(() => ({}));
  const kind = response.status === 404 ? 'gone' : response.status === 409 ? 'busy' : 'refused';
  throw new Problem(told(error?.code, error?.message ?? say('trouble')), kind);
}

const json = { 'Content-Type': 'application/json' };
const send = (path, body, method = 'POST') => ask(path, { method, headers: json, body: JSON.stringify(body) });
const read = async (path, body) => (await (body === undefined ? ask(path) : send(path, body))).json();

export const settings = () => read('/settings');

export const about = () => read('/about');

/** How many replies and requests come before that of a turn; null if it doesn't wait in a queue. */
export const ahead = async (turn) => (await read(`/turns/${turn}/place`)).ahead ?? null;

export const isAlive = () => fetch('/health/live', { cache: 'no-store' }).then((r) => r.ok, () => false);

export const list = (what, before, limit) => read('/search', { ...what, before, limit });

export const find = (id) => read(`/pictures/${id}`);

/** What a picture was made from and what was made from it, the earliest first, and whether there is more. */
export const family = (id) => read(`/pictures/${id}/family`);

export const remove = (id) => ask(`/pictures/${id}`, { method: 'DELETE' });

export const removeAll = (pictures) => send('/pictures/delete', { pictures });

export const favor = (pictures, favorite) => send('/pictures/favorite', { pictures, favorite });

export const bring = async (blob, name, signal) => (await ask('/pictures', {
  method: 'POST', body: blob, signal, headers: { 'Content-Type': blob.type || 'image/tiff', 'X-Picture-Name': encodeURIComponent(name) },
})).json();

export const conversations = async (words) => (await read('/conversations/search', { words })).conversations;

export const conversation = (id) => read(`/conversations/${id}`);

export const begin = () => read('/conversations', {});

export const change = (id, what) => send(`/conversations/${id}`, what, 'PATCH');

export const drop = (id) => ask(`/conversations/${id}`, { method: 'DELETE' });

export const addTurn = (id, turn) => read(`/conversations/${id}/turns`, turn);

export const again = (turn, variation) => read(`/turns/${turn}/again`, { variation });

export const stop = async (turn) => (await ask(`/turns/${turn}/cancel`, { method: 'POST' })).json();

export const takeBack = (turn) => ask(`/turns/${turn}`, { method: 'DELETE' });

/** Where a picture can be shown from. A page can't send a key with an image's address, so there it fetches the picture itself. */
export async function address(id, kind = 'file') {
  if (!key.get()) return `${base}/pictures/${id}/${kind}`;
  const name = `${id}/${kind}`;
  if (!addresses.has(name)) {
    addresses.set(name, ask(`/pictures/${name}`).then((r) => r.blob()).then((blob) => URL.createObjectURL(blob)));
    addresses.get(name).catch(() => addresses.delete(name));
  }
  return addresses.get(name);
}

/** Lets go of a picture that was deleted. */
export function forget(id) {
  for (const name of [...addresses.keys()].filter((one) => one.startsWith(`${id}/`))) {
    addresses.get(name).then(URL.revokeObjectURL, () => {});
    addresses.delete(name);
  }
}

/** Shows a picture in an image element. */
export function show(image, id, kind) {
  address(id, kind).then((url) => { image.src = url; }, () => image.dispatchEvent(new Event('error')));
  return image;
}

/** Saves a picture's file. */
export const download = async (id) => save(
  await ask(`/pictures/${id}/file${saved.withParameters() ? '' : '?parameters=false'}`),
  (type) => `nexusgen-${id}.${type === 'image/jpeg' ? 'jpg' : 'png'}`);

/** Saves the files of several pictures as one archive. */
export const pack = async (pictures) => save(
  await send('/pictures/download', { pictures, parameters: saved.withParameters() }), () => 'nexusgen-pictures.zip');

async function save(response, nameOf) {
  const blob = await response.blob().catch(() => { throw lost(); });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = nameOf(blob.type);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The events of a turn after one of them, as they come, each with its number. Ends when the turn does. */
export async function* events(turn, after, signal) {
  const response = await ask(`/turns/${turn}/events${after >= 0 ? `?starting_after=${after}` : ''}`, { signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const field = (lines, name) => lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2)).join('');
  let waiting = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      waiting += value;
      for (let end = waiting.indexOf('\n\n'); end >= 0; end = waiting.indexOf('\n\n')) {
        const lines = waiting.slice(0, end).split('\n');
        waiting = waiting.slice(end + 2);
        const piece = JSON.parse(field(lines, 'data'));
        if (piece.error?.code === 'server_stopping') throw lost();
        if (piece.error) throw new Problem(told(piece.error.code, piece.error.message), 'refused');
        yield { number: Number(field(lines, 'id')), piece };
      }
    }
  } catch (e) {
    if (e.name === 'AbortError' || e instanceof Problem) throw e;
    throw lost();
  }
}
