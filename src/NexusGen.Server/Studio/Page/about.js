// What the model is and what it can do: its card, sizes and limits.

import * as api from './api.js';
import { $, make, toast } from './dom.js';
import { language, say } from './texts.js';

/** Begins. */
export function start() {
  $('model').addEventListener('click', open);
  $('open-about').addEventListener('click', () => { $('settings').close(); open(); });
  $('about').addEventListener('click', (event) => { if (event.target === $('about')) $('about').close(); });
}

async function open() {
  let about;
  try {
    about = await api.about();
  } catch (problem) {
    toast(problem.message);
    return;
  }
  const number = (value) => value.toLocaleString(language());
  const facts = {
    modelName: about.model,
    sizes: about.sizes.length > 0 ? about.sizes.map((size) => size.replace('x', '×')).join(', ') : say('anySize', about.max_side),
    largest: `${about.max_side}×${about.max_side}`,
    steps: say('atMost', number(about.max_steps)),
    broughtPictures: say('atMost', number(about.max_pictures)),
    textLength: say('characters', number(about.max_text_length)),
    fileSize: say('megabytes', number(Math.floor(about.max_body_bytes / 2 ** 20))),
    ...(about.loras.length > 0 ? { loras: about.loras.map((lora) => lora.name).join(', ') } : {}),
  };
  $('about-text').textContent = about.about ?? '';
  $('about-facts').replaceChildren(...Object.entries(facts).flatMap(([name, value]) => [make('dt', {}, say(name)), make('dd', {}, value)]));
  tables = 0;
  $('card').replaceChildren(...(about.card ? rebuild(new DOMParser().parseFromString(about.card, 'text/html').body) : []));
  $('card').hidden = !about.card;
  if (!$('about').open) $('about').showModal();
  $('about').scrollTop = 0;
}

// Of a card, which anybody may have written, only text and structure are taken over. Its headings are below that of the dialog.
const kept = new Map([
  ['H1', 'h3'], ['H2', 'h3'], ['H3', 'h4'], ['H4', 'h5'], ['H5', 'h6'], ['H6', 'h6'],
  ...['p', 'ul', 'ol', 'li', 'pre', 'code', 'em', 'strong', 'blockquote', 'thead', 'tbody', 'tr', 'th', 'td'].map((tag) => [tag.toUpperCase(), tag]),
]);

let tables = 0;

function rebuild(parent) {
  return [...parent.childNodes].flatMap((node) => {
    if (node.nodeType === Node.TEXT_NODE) return [node.textContent];
    if (node.nodeType !== Node.ELEMENT_NODE) return [];
    const children = rebuild(node);
    // Wide tables scroll by themselves, by keyboard too.
    if (node.tagName === 'TABLE') return [make('div', { class: 'wide', tabIndex: 0, role: 'region', 'aria-label': say('table', ++tables) }, make('table', {}, ...children))];
    // Markdown has no table without a head: an empty field of it is no heading.
    if (node.tagName === 'TH' && node.textContent.trim() === '') return [make('td', {}, ...children)];
    if (node.tagName === 'PRE') return [make('pre', { tabIndex: 0 }, ...children)];
    if (node.tagName === 'A' && /^https?:\/\//i.test(node.getAttribute('href') ?? '')) {
      return [make('a', { href: node.getAttribute('href'), target: '_blank', rel: 'noreferrer noopener' }, ...children)];
    }
    return kept.has(node.tagName) ? [make(kept.get(node.tagName), {}, ...children)] : children;
  });
}
