// What the page asks of its server.

import { say } from './texts.js';

const base = '/studio/api';
const addresses = new Map();

export const key = {
  get: () => localStorage.getItem('key') ?? '',
  set: (value) => { value ? localStorage.setItem('key', value) : localStorage.removeItem('key'); addresses.clear(); },
};

/** What went wrong, in a sentence for the user. */
export class Problem extends Error {
  constructor(message, kind) { super(message); this.kind = kind; }
}

const headers = (more = {}) => (key.get() ? { ...more, Authorization: `Bearer ${key.get()}` } : more);

async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(base + path, { ...options, headers: headers(options.headers) });
  } catch (e) {
    if (e.name === 'AbortError') throw e;
    window.dispatchEvent(new Event('server-lost'));
    throw new Problem(say('lost'), 'lost');
  }
  if (response.ok) return response;
  if (response.status === 401) throw new Problem(say('keyNeeded'), 'key');
  if (response.status === 413) throw new Problem(say('tooLarge'), 'large');
  const told = await response.json().catch(() => null);
  throw new Problem(told?.error?.message ?? `${response.status}`, response.status === 404 ? 'gone' : 'refused');
}

export const settings = async () => (await ask('/settings')).json();

export const isAlive = () => fetch('/health/live', { cache: 'no-store' }).then((r) => r.ok, () => false);

const json = { 'Content-Type': 'application/json' };

export const list = async (words, before) => (await ask('/search', { method: 'POST', headers: json, body: JSON.stringify({ words, before }) })).json();

export const find = async (id) => (await ask(`/pictures/${id}`)).json();

export const remove = (id) => ask(`/pictures/${id}`, { method: 'DELETE' });

export const bring = async (blob, name, signal) => (await ask('/pictures', {
  method: 'POST', body: blob, signal, headers: { 'Content-Type': blob.type || 'image/tiff', 'X-Picture-Name': encodeURIComponent(name) },
})).json();

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
export async function download(id) {
  const blob = await (await ask(`/pictures/${id}/file`)).blob();
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `nexusgen-${id}.${blob.type === 'image/jpeg' ? 'jpg' : 'png'}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The reply to a conversation, piece by piece. */
export async function* turn(request, signal) {
  const response = await ask('/turns', { method: 'POST', body: JSON.stringify(request), signal, headers: json });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = '', ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      waiting += value;
      for (let end = waiting.indexOf('\n\n'); end >= 0; end = waiting.indexOf('\n\n')) {
        const data = waiting.slice(0, end).split('\n').filter((line) => line.startsWith('data: ')).map((line) => line.slice(6)).join('');
        waiting = waiting.slice(end + 2);
        const piece = JSON.parse(data);
        if (piece.error) throw new Problem(piece.error.message, 'refused');
        ended ||= piece.type === 'done';
        yield piece;
      }
    }
  } catch (e) {
    if (e.name === 'AbortError' || e instanceof Problem) throw e;
    window.dispatchEvent(new Event('server-lost'));
    throw new Problem(say('lost'), 'lost');
  }
  if (!ended) {
    window.dispatchEvent(new Event('server-lost'));
    throw new Problem(say('lost'), 'lost');
  }
}
