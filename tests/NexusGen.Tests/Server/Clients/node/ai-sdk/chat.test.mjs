// The AI SDK with its provider for compatible servers, which speaks chat completions, unmodified.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, convertToModelMessages, generateImage, generateText, readUIMessageStream, streamText } from 'ai';
import {
  all, ask, blueStar, draw, key, look, model as name, pictureIn, recolour, redStar, speaksOf, tooLong, url,
} from './look.mjs';

const settings = { baseURL: url + '/v1', apiKey: key };
const nexusgen = createOpenAICompatible({ name: 'nexusgen', includeUsage: true, ...settings });
const model = nexusgen(name), images = nexusgen.imageModel(name);
const first = { role: 'user', content: draw }, edit = { role: 'user', content: recolour };

test('the page works as it stands', async () => {
  const page = await import('./page.mjs');
  assert.equal(await look(await readFile('star.png')), redStar);
  speaksOf('red', await page.answer.text);
});

test('draws in a conversation, edits what it drew and is asked about it', async () => {
  for (const chat of [model, createOpenAI(settings).chat(name)]) {
    const drawn = await generateText({ model: chat, messages: [first] });
    assert.equal(await look(pictureIn(drawn.text)), redStar);
    const edited = await generateText({ model: chat, messages: [first, ...drawn.response.messages, edit] });
    assert.equal(await look(pictureIn(edited.text)), blueStar);
    const question = { role: 'user', content: ask };
    speaksOf('red', (await generateText({ model: chat, messages: [first, ...drawn.response.messages, question] })).text);
  }
});

test('streams, with usage', async () => {
  const answer = streamText({ model, messages: [first] });
  const parts = await all(answer.fullStream);
  const text = parts.filter(part => part.type === 'text-delta').map(part => part.text).join('');
  assert.equal(await look(pictureIn(text)), redStar);
  const usage = await answer.usage;
  assert.ok(usage.outputTokens > 16 && usage.totalTokens === usage.inputTokens + usage.outputTokens);
});

test('a chat of a page edits what was streamed into it', async () => {
  const chat = [{ id: '1', role: 'user', parts: [{ type: 'text', text: draw }] }];
  const answer = streamText({ model, messages: await convertToModelMessages(chat) });
  const reply = (await all(readUIMessageStream({ stream: answer.toUIMessageStream() }))).at(-1);
  chat.push(reply, { id: '2', role: 'user', parts: [{ type: 'text', text: recolour }] });
  const second = await generateText({ model, messages: await convertToModelMessages(chat) });
  assert.equal(await look(pictureIn(second.text)), blueStar);
});

test('takes the fields of this server as options of the provider', async () => {
  const request = { model, messages: [first], seed: 7, providerOptions: { nexusgen: { picture: { size: '224x224' } } } };
  const answers = [await generateText(request), await generateText(request)];
  assert.equal(await look(pictureIn(answers[0].text)), redStar.replace('112x112', '224x224'));
  assert.equal(answers[0].text, answers[1].text);
});

test('generates and edits images', async () => {
  const generated = await generateImage({ model: images, prompt: 'a red star', n: 2 });
  assert.deepEqual(await Promise.all(generated.images.map(image => look(image.uint8Array))), [redStar, redStar]);
  const edited = await generateImage({ model: images, prompt: { text: recolour, images: [generated.image.uint8Array] } });
  assert.equal(await look(edited.image.uint8Array), blueStar);
});

test('an error is an error of the API, with its sentence', async () => {
  const isError = (status, sentence) => error =>
    APICallError.isInstance(error) && error.statusCode === status && !error.isRetryable && error.message.includes(sentence);
  await assert.rejects(generateText({ model: nexusgen('gpt-4o'), prompt: 'x' }), isError(404, 'There is no such model here'));
  const parts = await all(streamText({ model, prompt: tooLong, onError() {} }).fullStream);
  const errors = parts.filter(part => part.type === 'error');
  assert.equal(errors.length, 1);
  assert.ok(isError(400, 'maximum context length')(errors[0].error));
});

test('a stream can be aborted', async () => {
  const abort = new AbortController();
  const parts = [];
  for await (const part of streamText({ model, messages: [first], abortSignal: abort.signal }).fullStream) {
    parts.push(part);
    if (part.type === 'text-delta') abort.abort();
  }
  assert.equal(parts.at(-1).type, 'abort');
  assert.ok(!parts.some(part => part.text?.includes('base64')));
});
