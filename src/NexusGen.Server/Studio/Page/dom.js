// Elements are made of text and attributes only, never of markup: whatever a user or a model writes stays text.

export const $ = (id) => document.getElementById(id);

/** An element with properties, and children that are elements or texts. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name === 'class') element.className = value;
    else if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Tells a screen reader something that is only seen otherwise. */
export function announce(text) {
  $('status').textContent = '';
  requestAnimationFrame(() => { $('status').textContent = text; });
}

let hiding;

/** Shows a sentence for a while, which a screen reader reads too, with an action such as to undo what was done. */
export function toast(text, action, run) {
  clearTimeout(hiding);
  const hide = () => { $('toast').replaceChildren(); };
  $('toast').replaceChildren(make('p', {}, text,
    action ? make('button', { type: 'button', class: 'plain', onclick: () => { hide(); run(); } }, action) : null));
  hiding = setTimeout(hide, action ? 15_000 : 8_000);
}

/** Whether a key is part of what an input method composes. */
export const composes = (event) => event.isComposing || event.keyCode === 229;
