// Puts the page together.

import * as api from './api.js';
import * as composer from './composer.js';
import * as conversation from './conversation.js';
import { $ } from './dom.js';
import * as gallery from './gallery.js';
import * as settings from './settings.js';
import { apply, language, onLanguage, say, speak } from './texts.js';
import * as viewer from './viewer.js';

// Tabs of one browser share the gallery; what is deleted in one, none names any more.
const others = new BroadcastChannel('nexusgen-gallery');
const changed = (deleted) => { gallery.refresh(); others.postMessage({ deleted }); };
const forget = (id) => { composer.forget(id); conversation.forget(id); api.forget(id); };
others.addEventListener('message', ({ data }) => {
  if (data.deleted) forget(data.deleted);
  gallery.refresh();
});
document.addEventListener('visibilitychange', () => { if (!document.hidden && !$('gallery').hidden) gallery.refresh(); });

const tabs = [$('tab-talk'), $('tab-gallery')];
const open = (tab) => {
  for (const other of tabs) {
    const chosen = other === tab;
    other.setAttribute('aria-selected', String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    $(other.getAttribute('aria-controls')).hidden = !chosen;
  }
  if (tab === $('tab-gallery')) gallery.refresh();
};
for (const [i, tab] of tabs.entries()) {
  tab.addEventListener('click', () => open(tab));
  tab.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      const other = tabs[(i + 1) % tabs.length];
      open(other);
      other.focus();
    }
  });
}

const edit = (id) => { open($('tab-talk')); composer.edit(id); };

// While the server can't be reached the page asks for it again and again, and says so.
let asking = null;
const lost = () => {
  $('offline').hidden = false;
  asking ??= setInterval(async () => {
    if (await api.isAlive()) {
      clearInterval(asking);
      asking = null;
      $('offline').hidden = true;
      begin();
    }
  }, 1000);
};
window.addEventListener('server-lost', lost);
window.addEventListener('offline', lost);

async function begin() {
  try {
    settings.know(await api.settings());
    gallery.refresh();
  } catch (problem) {
    if (problem.kind === 'key') {
      $('settings').showModal();
      $('key').focus();
    }
  }
}

const dark = matchMedia('(prefers-color-scheme: dark)');
const paint = () => {
  const theme = localStorage.getItem('theme') ?? (dark.matches ? 'dark' : 'light');
  document.documentElement.dataset.theme = theme;
  $('theme').setAttribute('aria-pressed', String(theme === 'dark'));
};
$('theme').addEventListener('click', () => {
  localStorage.setItem('theme', document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark');
  paint();
});
dark.addEventListener('change', paint);

$('language').addEventListener('click', () => speak(language() === 'en' ? 'zh' : 'en'));
const name = () => {
  $('language').textContent = say('languageName');
  $('language').lang = language() === 'en' ? 'zh' : 'en';
  $('interface').value = language();
};
onLanguage(() => { name(); conversation.render(); composer.render(); if (!$('gallery').hidden) gallery.refresh(); });

paint();
apply();
name();
settings.start(begin);
viewer.start({ onEdit: edit, onDeleted: (id) => { forget(id); changed(id); } });
gallery.start();
conversation.start({ onEdit: edit, onPicture: () => changed(), onRunning: composer.running, onTurn: composer.render });
composer.start({ onBrought: () => changed() });
begin();
