// What the page remembers in the browser. Where the browser allows none of that, it is remembered until the page is left.

const memory = new Map();

/** A remembered text, or null. */
export function recall(name) {
  try {
    return localStorage.getItem(name) ?? memory.get(name) ?? null;
  } catch {
    return memory.get(name) ?? null;
  }
}

/** Remembers a text; null forgets it. */
export function remember(name, text) {
  memory.delete(name);
  try {
    if (text === null) localStorage.removeItem(name);
    else localStorage.setItem(name, text);
  } catch {
    if (text !== null) memory.set(name, text);
  }
}

/** Remembered data, or what stands for it if there is none that can be read. */
export function recallData(name, otherwise) {
  try {
    return JSON.parse(recall(name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}
