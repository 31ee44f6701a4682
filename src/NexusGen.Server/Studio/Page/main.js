// Puts the page together.

import * as about from './about.js';
import * as api from './api.js';
import * as composer from './composer.js';
import * as conversation from './conversation.js';
import { $, composes, toast } from './dom.js';
import * as gallery from './gallery.js';
import * as settings from './settings.js';
import * as sidebar from './sidebar.js';
import { recall, remember } from './store.js';
import { apply, language, onLanguage, say, speak } from './texts.js';
import * as viewer from './viewer.js';

// Tabs of one browser share the gallery and the conversations; what is deleted in one, none shows any more.
const others = new BroadcastChannel('nexusgen');
const changed = (deleted) => { others.postMessage({ deleted }); return gallery.refresh(); };
const changedConversation = (id) => { sidebar.refresh(); others.postMessage({ conversation: id }); };
const forget = (id) => { composer.forget(id); conversation.forget(id); viewer.forget(id); api.forget(id); };
others.addEventListener('message', ({ data }) => {
  for (const id of [data.deleted ?? []].flat()) forget(id);
  if (data.conversation) {
    sidebar.refresh();
    conversation.changed(data.conversation);
    return;
  }
  gallery.refresh();
});
document.addEventListener('visibilitychange', () => {
  if (document.hidden) return;
  sidebar.refresh();
  if (!$('gallery').hidden) gallery.refresh();
});

// What is shown is in the address, so that Back works and a conversation can be marked.
const tabs = [$('tab-talk'), $('tab-gallery')];
const show = (tab) => {
  for (const other of tabs) {
    const chosen = other === tab;
    other.setAttribute('aria-selected', String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    $(other.getAttribute('aria-controls')).hidden = !chosen;
  }
  if (tab === $('tab-gallery')) gallery.refresh();
};
let shown;
async function route() {
  const isGallery = gallery.reads(location.hash);
  show($(isGallery ? 'tab-gallery' : 'tab-talk'));
  if (isGallery && shown !== undefined) return;
  const id = /^#\/c\/([0-9a-f]+)$/.exec(location.hash)?.[1] ?? null;
  if (shown === id) return;
  shown = id;
  composer.opened(id);
  sidebar.mark(id);
  await conversation.open(id);
}
window.addEventListener('hashchange', route);
const talk = () => { location.hash = sidebar.addressOf(conversation.id()); };
for (const [i, tab] of tabs.entries()) {
  const open = (one) => (one === $('tab-gallery') ? (location.hash = gallery.address()) : talk());
  tab.addEventListener('click', () => open(tab));
  tab.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      const other = tabs[(i + 1) % tabs.length];
      open(other);
      other.focus();
    }
  });
}
const begin = () => { location.hash = sidebar.addressOf(null); $('prompt').focus(); };
$('new').addEventListener('click', begin);

// Keys that work everywhere but in a field and a dialog.
document.addEventListener('keydown', (event) => {
  if (composes(event) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')
    || event.target.closest('input, textarea, select')) return;
  if (event.key === '/') { event.preventDefault(); talk(); show($('tab-talk')); $('prompt').focus(); }
  if (event.key === '?') { event.preventDefault(); $('help').showModal(); }
});
$('open-help').addEventListener('click', () => $('help').showModal());
$('help').addEventListener('click', (event) => { if (event.target === $('help')) $('help').close(); });

const edit = (id) => { talk(); show($('tab-talk')); composer.edit(id); };

// While the server can't be reached the page asks for it again and again, and says so.
let asking = null;
const lost = () => {
  $('offline').hidden = false;
  asking ??= setInterval(async () => {
    if (await api.isAlive()) {
      clearInterval(asking);
      asking = null;
      $('offline').hidden = true;
      know();
    }
  }, 1000);
};
window.addEventListener('server-lost', lost);
window.addEventListener('offline', lost);

async function know() {
  try {
    if (settings.know(await api.settings())) conversation.rewrite();
    gallery.refresh();
    sidebar.refresh();
    return true;
  } catch (problem) {
    if (problem.kind === 'key') settings.askKey(problem.message);
    return false;
  }
}

const dark = matchMedia('(prefers-color-scheme: dark)');
const paint = () => {
  const theme = recall('theme') ?? (dark.matches ? 'dark' : 'light');
  document.documentElement.dataset.theme = theme;
  $('theme').setAttribute('aria-pressed', String(theme === 'dark'));
};
$('theme').addEventListener('click', () => {
  remember('theme', document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark');
  paint();
});
dark.addEventListener('change', paint);

$('language').addEventListener('click', () => speak(language() === 'en' ? 'zh' : 'en'));
const name = () => {
  $('language').textContent = say('languageName');
  $('language').lang = language() === 'en' ? 'zh' : 'en';
  $('interface').value = language();
};
onLanguage(() => { name(); conversation.rewrite(); composer.render(); sidebar.refresh(); if (!$('gallery').hidden) gallery.refresh(); });

paint();
apply();
name();
// With a key, the conversation that could not be read before is read.
settings.start(async () => { if (await know() && shown) { shown = undefined; route(); } });
viewer.start({
  onEdit: edit,
  onVary: (id) => { const vary = settings.seedsMatter() && conversation.vary(id); return vary && (() => { talk(); show($('tab-talk')); vary(); }); },
  onDeleted: (id) => { forget(id); changed(id); },
  among: conversation.pictures,
  onUse: (picture) => { settings.use(picture); talk(); show($('tab-talk')); composer.propose(picture.prompt); toast(say('settingsUsed')); },
});
about.start();
gallery.start({
  onChanged: () => changed(),
  onDeleted: (ids) => { ids.forEach(forget); return changed(ids); },
  onSource: (ids) => { talk(); show($('tab-talk')); composer.take(ids); },
});
window.addEventListener('gallery-changed', () => changed());
sidebar.start({ onChanged: changedConversation, onDropped: (id) => { changedConversation(id); if (conversation.id() === id) begin(); } });
conversation.start({
  onEdit: edit,
  onPicture: () => { changed(); viewer.changed(); },
  onRunning: composer.running,
  onTurn: (isOwn) => { composer.render(); if (isOwn) changedConversation(conversation.id()); },
  onBegun: (id) => { shown = id; composer.begun(id); history.replaceState(null, '', sidebar.addressOf(id)); sidebar.mark(id); },
  onGone: begin,
  onTakenBack: composer.takeBack,
});
composer.start({ onBrought: () => changed() });
route();
know();
