// What the page says, in both languages.

import { recall, remember } from './store.js';

const english = {
  conversations: 'Conversations', menu: 'Conversations: show or hide', find: 'Search conversations', noConversations: 'No conversations yet.', noHits: 'Nothing found.', untitled: 'Without a title',
  rename: 'Rename', dropConversation: 'Delete', dropped: 'Deleted: {0}', undo: 'Undo', takeBack: 'Take back', waiting: 'Waiting for its turn', count: 'Pictures', shapeAuto: 'Auto',
  secondsLeft: 'about {0} s left', minutesLeft: 'about {0} min left', promptShort: 'Draw, change or ask', keyNote: 'Only servers that ask for a key need one.', keyWrong: 'The server doesn’t know this key.',
  copyText: 'Copy text', copied: 'Copied.', notCopied: 'The browser doesn’t allow to copy.', useSettings: 'Use settings', settingsUsed: 'Text and settings are those of the picture.',
  keys: 'Keys', keyLine: 'A new line', keyUp: 'The last text, in an empty field', keyEscape: 'Stop the reply', keySlash: 'To the text field',
  trouble: 'Something went wrong in the server.', error_rate_limit_exceeded: 'The server is busy. Try again in a moment.', error_reply_unfinished: 'A reply is still coming: stop it, or wait for it.',
  error_interrupted: 'The server was stopped meanwhile.', error_picture_not_found: 'This picture is no longer in the gallery.', error_timeout: 'The server took too long.', error_server_stopping: 'The server is stopping.', error_internal_error: 'Something went wrong in the server.',
  error_gallery_not_writable: 'The gallery can’t be changed: its disk is full or can’t be written.', error_insufficient_storage: 'The server’s disk is full or can’t be written.',
  error_context_length_exceeded: 'The conversation is too long for the model: begin a new one.', error_invalid_image: 'That file is no picture that can be read here.',
  skip: 'To the text field', views: 'Views', talk: 'Studio', gallery: 'Gallery', language: '切换到中文', languageName: '中文', theme: 'Dark or light', settings: 'Settings',
  offline: 'The server can’t be reached. Trying again…', conversation: 'Conversation', attached: 'Pictures of your next message', attach: 'Bring pictures',
  prompt: 'Say what to draw, what to change, or ask about a picture', send: 'Send', stop: 'Stop', action: 'Next message', actionAuto: 'Auto', actionDraw: 'Draw', actionEdit: 'Edit', actionAsk: 'Ask', newConversation: 'New conversation',
  search: 'Search the gallery', none: 'Nothing here yet.', more: 'Show more', steps: 'Steps', guidance: 'Guidance', negative: 'What not to show', width: 'Width', height: 'Height',
  seed: 'Seed', interface: 'Language', key: 'Key of this server', settingsNote: 'What is left empty takes the model’s default.', defaults: 'Defaults', close: 'Close',
  compareSlider: 'Divider between before and after', before: 'Before', after: 'After', details: 'Picture', you: 'You', model: 'Nexus-Gen',
  edit: 'Edit', compareAction: 'Compare', variation: 'Variation', download: 'Download', remove: 'Delete', again: 'Try again', show: 'Details',
  removeSure: 'Delete this picture for ever?', detach: 'Take away', willChange: 'Say what to change in this picture.', painting: 'Painting', step: 'step {0} of {1}', stopped: 'Stopped.',
  lost: 'The connection was lost.', keyNeeded: 'This server asks for a key: write it into the settings.', tooLarge: 'That file is too large for this server.', deleted: 'Deleted.',
  finished: 'The picture is finished.', gone: 'This picture is no longer in the gallery.', thinking: 'Thinking', drop: 'Drop pictures here', brought: 'brought', drawn: 'drawn',
  edited: 'edited', kind: 'How it came', size: 'Size', seconds: 'Seconds', created: 'When', source: 'Made from', fromPrompt: 'Text', modelName: 'Model',
  welcome: 'What shall we make?', tryThese: 'For example:', noPicture: 'No picture came.',
  about: 'About this model', sizes: 'Draws', largest: 'Largest picture', anySize: 'any size up to {0} pixels a side', atMost: 'at most {0}', broughtPictures: 'Pictures of a message', textLength: 'Text of a conversation', characters: 'at most {0} characters',
  fileSize: 'Size of a file', megabytes: 'at most {0} MB', table: 'Table {0}', lastThen: 'the last picture by then', waitingNext: 'Waiting: it is the next', waitingAhead: 'Waiting: {0} before it', error_nothing_to_edit: 'There was no picture to edit.',
  changes: 'Changes:', mayChange: 'May change:', asksAbout: 'About:', nothingToEdit: 'There is no picture to edit yet: bring one, or draw one first.',
  enlarge: 'Enlarge', place: '{0} of {1}', zoom: 'Size', zoomIn: 'Larger', zoomOut: 'Smaller', earlier: 'Previous picture', later: 'Next picture', stage: 'Picture: ← → lead to the neighbours, + − 0 change its size',
  history: 'History', historyTitle: 'History of edits', historyNone: 'This picture has no history yet.', historyMore: 'There are more pictures than are shown here.', compareWith: 'Compare with this', editFrom: 'Edit from here', beforeShare: '{0} % before',
  keyNeighbours: 'Enlarged: the neighbours', keyZoom: 'Enlarged: larger, smaller, all of it', keyPan: 'Enlarged: move, with every arrow key',
  filter: 'Which pictures', filterAll: 'All', filterDrawn: 'Drawn', filterEdited: 'Edited', filterBrought: 'Added', favorites: 'Favorites', favorite: 'Favorite', shown: 'Pictures shown: {0}',
  select: 'Select', selectEnd: 'Cancel', selectAll: 'All', selection: 'Selection', selected: 'Selected: {0}', useAsSource: 'Use as source', favor: 'Add to favorites', unfavor: 'Remove from favorites',
  removeSureAll: 'Delete these {0} pictures for ever?', packing: 'Packing {0} pictures…', parameters: 'Text and settings inside saved files', taken: 'Pictures of the next message: {0}',
  saysHow: 'This picture says how it was drawn:', useItsText: 'Use its text', useItsSettings: 'Use its settings', settingsTaken: 'The settings are those of the picture.',
  keyArrows: 'In the gallery: to the next picture; with Shift, select', keyAll: 'In the gallery: select all', keyShiftClick: 'In the gallery: select up to there', click: 'click',
  loras: 'LoRAs', loraAdd: 'Add', loraChoose: 'LoRA to add', loraStrength: 'Strength of {0}', loraNumber: 'Strength of {0} as a number', loraRemove: 'Remove {0}', loraLanguage: 'language model',
  loraMissing: 'Not on this server any more: remove it.', loraAdded: 'Added: {0}', withLoras: 'LoRAs: {0}', error_model_not_found: 'A chosen LoRA is not on this server any more: remove it in the settings.',
  resized: 'The model draws {0}; the picture was resized.', notKept: 'The gallery can’t keep this picture: its disk is full or can’t be written. Download it before you leave.',
};

const chinese = {
  conversations: '对话', menu: '显示或隐藏对话列表', find: '搜索对话', noConversations: '还没有对话。', noHits: '没有找到。', untitled: '无标题',
  rename: '重命名', dropConversation: '删除', dropped: '已删除：{0}', undo: '撤销', takeBack: '收回上一条', waiting: '正在排队', count: '张数', shapeAuto: '自动',
  secondsLeft: '约剩 {0} 秒', minutesLeft: '约剩 {0} 分钟', promptShort: '画图、修改或提问', keyNote: '只有要求密钥的服务器才需要填写。', keyWrong: '服务器不认识这个密钥。',
  copyText: '复制文字', copied: '已复制。', notCopied: '浏览器不允许复制。', useSettings: '使用其设置', settingsUsed: '已使用这张图片的文字和设置。',
  keys: '按键', keyLine: '换行', keyUp: '在空白输入框中：上一条文字', keyEscape: '停止回复', keySlash: '跳到输入框',
  trouble: '服务器出了问题。', error_rate_limit_exceeded: '服务器正忙，请稍后再试。', error_reply_unfinished: '回复还没有完成：请停止它，或等它完成。',
  error_interrupted: '服务器中途停止了。', error_picture_not_found: '图库中已没有这张图片。', error_timeout: '服务器用时太长。', error_server_stopping: '服务器正在停止。', error_internal_error: '服务器出了问题。',
  error_gallery_not_writable: '无法更改图库：磁盘已满或无法写入。', error_insufficient_storage: '服务器的磁盘已满或无法写入。',
  error_context_length_exceeded: '对话太长，模型读不下：请开始新的对话。', error_invalid_image: '这个文件不是可以读取的图片。',
  skip: '跳到输入框', views: '视图', talk: '创作', gallery: '图库', language: 'Switch to English', languageName: 'English', theme: '深色或浅色', settings: '设置',
  offline: '无法连接服务器，正在重试……', conversation: '对话', attached: '下一条消息的图片', attach: '添加图片',
  prompt: '说说要画什么、改什么，或者问问图片', send: '发送', stop: '停止', action: '下一条消息', actionAuto: '自动', actionDraw: '画图', actionEdit: '修改', actionAsk: '提问', newConversation: '新对话',
  search: '搜索图库', none: '这里还没有图片。', more: '显示更多', steps: '步数', guidance: '引导强度', negative: '不要出现的内容', width: '宽', height: '高',
  seed: '随机种子', interface: '语言', key: '服务器密钥', settingsNote: '留空则使用模型的默认值。', defaults: '恢复默认', close: '关闭',
  compareSlider: '修改前后的分界线', before: '修改前', after: '修改后', details: '图片', you: '你', model: 'Nexus-Gen',
  edit: '编辑', compareAction: '对比', variation: '再画一张', download: '下载', remove: '删除', again: '重试', show: '详情',
  removeSure: '要永久删除这张图片吗？', detach: '移除', willChange: '说说要怎么改这张图片。', painting: '正在画', step: '第 {0} 步，共 {1} 步', stopped: '已停止。',
  lost: '连接中断了。', keyNeeded: '此服务器需要密钥：请在设置中填写。', tooLarge: '文件太大，服务器不接受。', deleted: '已删除。',
  finished: '图片画好了。', gone: '图库中已没有这张图片。', thinking: '正在思考', drop: '把图片拖到这里', brought: '上传', drawn: '生成',
  edited: '编辑', kind: '来源', size: '尺寸', seconds: '用时（秒）', created: '时间', source: '原图', fromPrompt: '文字', modelName: '模型',
  welcome: '想画点什么？', tryThese: '例如：', noPicture: '没有画出图片。',
  about: '关于这个模型', sizes: '能画的尺寸', largest: '最大图片', anySize: '边长不超过 {0} 像素的任意尺寸', atMost: '最多 {0}', broughtPictures: '每条消息的图片', textLength: '对话的文字', characters: '最多 {0} 个字符',
  fileSize: '文件大小', megabytes: '最多 {0} MB', table: '表格 {0}', lastThen: '届时的最后一张图片', waitingNext: '正在排队：下一个就是', waitingAhead: '正在排队：前面还有 {0} 个', error_nothing_to_edit: '没有可以修改的图片。',
  changes: '修改：', mayChange: '可能修改：', asksAbout: '关于：', nothingToEdit: '还没有可以修改的图片：请先添加或画一张。',
  enlarge: '放大', place: '第 {0} 张，共 {1} 张', zoom: '大小', zoomIn: '放大', zoomOut: '缩小', earlier: '上一张图片', later: '下一张图片', stage: '图片：用 ← → 看相邻的图片，用 + − 0 改变大小',
  history: '历史', historyTitle: '编辑历史', historyNone: '这张图片还没有编辑历史。', historyMore: '还有更多图片未在此列出。', compareWith: '与这张对比', editFrom: '从这张开始编辑', beforeShare: '修改前占 {0}%',
  keyNeighbours: '放大时：相邻的图片', keyZoom: '放大时：更大、更小、完整显示', keyPan: '放大时：移动，可用各方向键',
  filter: '显示哪些图片', filterAll: '全部', filterDrawn: '生成的', filterEdited: '编辑的', filterBrought: '添加的', favorites: '收藏', favorite: '收藏', shown: '显示的图片：{0}',
  select: '选择', selectEnd: '取消', selectAll: '全选', selection: '所选图片', selected: '已选择：{0}', useAsSource: '用作原图', favor: '加入收藏', unfavor: '取消收藏',
  removeSureAll: '要永久删除这 {0} 张图片吗？', packing: '正在打包 {0} 张图片……', parameters: '保存的文件中包含文字和设置', taken: '下一条消息的图片：{0}',
  saysHow: '这张图片记录了它的生成方式：', useItsText: '使用其文字', useItsSettings: '使用其设置', settingsTaken: '已使用这张图片的设置。',
  keyArrows: '图库中：移到下一张图片；按住 Shift 则选择', keyAll: '图库中：全选', keyShiftClick: '图库中：选到此处', click: '单击',
  loras: 'LoRA', loraAdd: '添加', loraChoose: '要添加的 LoRA', loraStrength: '{0} 的强度', loraNumber: '{0} 的强度（数值）', loraRemove: '移除 {0}', loraLanguage: '语言模型',
  loraMissing: '服务器上已没有它：请移除。', loraAdded: '已添加：{0}', withLoras: 'LoRA：{0}', error_model_not_found: '服务器上已没有所选的 LoRA：请在设置中移除它。',
  resized: '模型画的是 {0}，图片已调整大小。', notKept: '图库无法保存这张图片：磁盘已满或无法写入。离开前请先下载。',
};

const all = { en: english, zh: chinese };
let current = recall('language') ?? (navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en');
const listeners = [];

export const language = () => current;

/** A text of the page, with its places filled. */
export function say(name, ...values) {
  const text = (all[current] ?? english)[name] ?? name;
  return values.reduce((line, value, i) => line.replace(`{${i}}`, () => value), text);
}

/** Whether the page has a text of that name. */
export const has = (name) => name in english;

/** What can be asked for, in the language of the page. */
export const examples = () => (current === 'zh'
  ? ['一个红色的星星', '画三个绿色的圆形', '黑色背景上有一个大的黄色心形']
  : ['a red star left of a blue ring', 'three green circles', 'a big yellow heart on a black background']);

/** Changes the language of the page. */
export function speak(name) {
  current = name in all ? name : 'en';
  remember('language', current);
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
  for (const element of root.querySelectorAll('[data-title]')) element.title = say(element.dataset.title);
  for (const element of root.querySelectorAll('[data-placeholder]')) element.placeholder = say(element.dataset.placeholder);
}
