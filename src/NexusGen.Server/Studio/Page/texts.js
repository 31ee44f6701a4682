// What the page says, in both languages.

const english = {
  skip: 'To the text field', views: 'Views', talk: 'Studio', gallery: 'Gallery', language: '切换到中文', languageName: '中文', theme: 'Dark or light', settings: 'Settings',
  offline: 'The server can’t be reached. Trying again…', conversation: 'Conversation', attached: 'Pictures of your next message', attach: 'Bring pictures',
  prompt: 'Say what to draw, what to change, or ask about a picture', send: 'Send', stop: 'Stop', action: 'Next message', actionAuto: 'Auto', actionDraw: 'Draw', actionEdit: 'Edit', actionAsk: 'Ask', newConversation: 'New conversation',
  search: 'Search the gallery', none: 'Nothing here yet.', more: 'Show more', steps: 'Steps', guidance: 'Guidance', negative: 'What not to show', width: 'Width', height: 'Height',
  seed: 'Seed', interface: 'Language', key: 'Key of this server', settingsNote: 'What is left empty takes the model’s default.', defaults: 'Defaults', close: 'Close',
  compare: 'Before and after', compareSlider: 'How much of the picture before', before: 'Before', after: 'After', details: 'Picture', you: 'You', model: 'Nexus-Gen',
  edit: 'Edit', editHint: 'Edit this picture by words', compareAction: 'Compare', variation: 'Variation', download: 'Download', remove: 'Delete', again: 'Try again', show: 'Details',
  removeSure: 'Delete this picture for ever?', detach: 'Take away', willChange: 'Say what to change in this picture.', painting: 'Painting', step: 'step {0} of {1}', stopped: 'Stopped.',
  lost: 'The connection was lost.', keyNeeded: 'This server asks for a key: write it into the settings.', tooLarge: 'That file is too large for this server.', deleted: 'Deleted.',
  finished: 'The picture is finished.', gone: 'This picture is no longer in the gallery.', thinking: 'Thinking', drop: 'Drop pictures here', brought: 'brought', drawn: 'drawn',
  edited: 'edited', kind: 'How it came', size: 'Size', seconds: 'Seconds', created: 'When', source: 'Made from', fromPrompt: 'Text', modelName: 'Model',
  welcome: 'What shall we make?', tryThese: 'For example:', noPicture: 'No picture came.',
  changes: 'Changes:', mayChange: 'May change:', asksAbout: 'About:', nothingToEdit: 'There is no picture to edit yet: bring one, or draw one first.',
  resized: 'The model draws {0}; the picture was resized.', notKept: 'The gallery can’t keep this picture: its disk is full or can’t be written. Download it before you leave.',
};

const chinese = {
  skip: '跳到输入框', views: '视图', talk: '创作', gallery: '图库', language: 'Switch to English', languageName: 'English', theme: '深色或浅色', settings: '设置',
  offline: '无法连接服务器，正在重试……', conversation: '对话', attached: '下一条消息的图片', attach: '添加图片',
  prompt: '说说要画什么、改什么，或者问问图片', send: '发送', stop: '停止', action: '下一条消息', actionAuto: '自动', actionDraw: '画图', actionEdit: '修改', actionAsk: '提问', newConversation: '新对话',
  search: '搜索图库', none: '这里还没有图片。', more: '显示更多', steps: '步数', guidance: '引导强度', negative: '不要出现的内容', width: '宽', height: '高',
  seed: '随机种子', interface: '语言', key: '服务器密钥', settingsNote: '留空则使用模型的默认值。', defaults: '恢复默认', close: '关闭',
  compare: '修改前后', compareSlider: '显示多少修改前的图片', before: '修改前', after: '修改后', details: '图片', you: '你', model: 'Nexus-Gen',
  edit: '编辑', editHint: '用文字编辑这张图片', compareAction: '对比', variation: '再画一张', download: '下载', remove: '删除', again: '重试', show: '详情',
  removeSure: '要永久删除这张图片吗？', detach: '移除', willChange: '说说要怎么改这张图片。', painting: '正在画', step: '第 {0} 步，共 {1} 步', stopped: '已停止。',
  lost: '连接中断了。', keyNeeded: '此服务器需要密钥：请在设置中填写。', tooLarge: '文件太大，服务器不接受。', deleted: '已删除。',
  finished: '图片画好了。', gone: '图库中已没有这张图片。', thinking: '正在思考', drop: '把图片拖到这里', brought: '上传', drawn: '生成',
  edited: '编辑', kind: '来源', size: '尺寸', seconds: '用时（秒）', created: '时间', source: '原图', fromPrompt: '文字', modelName: '模型',
  welcome: '想画点什么？', tryThese: '例如：', noPicture: '没有画出图片。',
  changes: '修改：', mayChange: '可能修改：', asksAbout: '关于：', nothingToEdit: '还没有可以修改的图片：请先添加或画一张。',
  resized: '模型画的是 {0}，图片已调整大小。', notKept: '图库无法保存这张图片：磁盘已满或无法写入。离开前请先下载。',
};

const all = { en: english, zh: chinese };
let current = localStorage.getItem('language') ?? (navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en');
const listeners = [];

export const language = () => current;

/** A text of the page, with its places filled. */
export function say(name, ...values) {
  const text = (all[current] ?? english)[name] ?? name;
  return values.reduce((line, value, i) => line.replace(`{${i}}`, value), text);
}

/** Changes the language of the page. */
export function speak(name) {
  current = name in all ? name : 'en';
  localStorage.setItem('language', current);
  apply();
  listeners.forEach((listener) => listener());
}

/** Is called when the language changes. */
export const onLanguage = (listener) => listeners.push(listener);

/** Writes all texts of the page itself. */
export function apply(root = document) {
  document.documentElement.lang = current === 'zh' ? 'zh-Hans' : 'en';
  for (const element of root.querySelectorAll('[data-text]')) element.textContent = say(element.dataset.text);
  for (const element of root.querySelectorAll('[data-label]')) element.setAttribute('aria-label', say(element.dataset.label));
  for (const element of root.querySelectorAll('[data-label]:is(button)')) element.title = say(element.dataset.label);
  for (const element of root.querySelectorAll('[data-placeholder]')) element.placeholder = say(element.dataset.placeholder);
}
