// The AI SDK with its provider for OpenAI, which speaks the Responses API, unmodified.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { createOpenAI } from '@ai-sdk/openai';
import { APICallError, convertToModelMessages, generateImage, generateText, readUIMessageStream, streamText } from 'ai';
import { all, ask, blueStar, draw, key, look, model as name, recolour, redStar, speaksOf, tooLong, url } from './look.mjs';

const nexusgen = createOpenAI({ baseURL: url + '/v1', apiKey: key });
const model = nexusgen(name), tools = { image_generation: nexusgen.tools.imageGeneration() };
const first = { role: 'user', content: draw }, edit = { role: 'user', content: recolour };
const drawnIn = answer => answer.toolResults[0].output.result;
const drawn = await generateText({ model, tools, messages: [first] });

test('the page works as it stands', async () => {
  const page = await import('./page.mjs');
  assert.equal(await look(drawnIn(page.first)), redStar);
  assert.equal(await look(await readFile('blue.png')), blueStar);
});

test('draws, and counts tokens', async () => {
  assert.equal(await look(drawnIn(drawn)), redStar);
  assert.equal(drawn.finishReason, 'stop');
  assert.ok(drawn.usage.outputTokens > 16 && drawn.usage.totalTokens === drawn.usage.inputTokens + drawn.usage.outputTokens);
});

test('the second turn refers to the items of the first', async () => {
  let sent;
  const fetch = (address, request) => (sent = JSON.parse(request.body), globalThis.fetch(address, request));
  const watched = createOpenAI({ baseURL: url + '/v1', apiKey: key, fetch });
  const second = await generateText({ model: watched(name), tools, messages: [first, ...drawn.response.messages, edit] });
  assert.deepEqual(sent.input.map(item => item.type), [undefined, 'item_reference', 'item_reference', undefined]);
  assert.equal(await look(drawnIn(second)), blueStar);
  const question = { role: 'user', content: ask };
  speaksOf('red', (await generateText({ model, tools, messages: [first, ...drawn.response.messages, question] })).text);
});

test('continues a response by its id', async () => {
  const previousResponseId = drawn.steps.at(-1).providerMetadata.openai.responseId;
  const second = await generateText({ model, tools, prompt: recolour, providerOptions: { openai: { previousResponseId } } });
  assert.equal(await look(drawnIn(second)), blueStar);
});

test('is asked about a picture that is sent', async () => {
  const picture = { type: 'file', mediaType: 'image/png', data: Buffer.from(drawnIn(drawn), 'base64') };
  const messages = [{ role: 'user', content: [{ type: 'text', text: ask }, picture] }];
  speaksOf('red', (await generateText({ model, messages })).text);
});

test('a required tool draws', async () => {
  const toolChoice = { type: 'tool', toolName: 'image_generation' };
  assert.equal(await look(drawnIn(await generateText({ model, tools, toolChoice, prompt: 'a red star' }))), redStar);
});

test('streams text, partial pictures and the picture', async () => {
  const tool = nexusgen.tools.imageGeneration({ partialImages: 2, outputFormat: 'webp', size: '224x224' });
  const answer = streamText({ model, tools: { image_generation: tool }, messages: [first] });
  const parts = await all(answer.fullStream);
  const results = parts.filter(part => part.type === 'tool-result');
  assert.equal(results.length, 3);
  assert.equal(await look(results.at(-1).output.result), redStar.replace('112x112 png', '224x224 webp'));
  assert.equal(parts.filter(part => part.type === 'text-delta').map(part => part.text).join(''), await answer.text);
  assert.equal(await answer.finishReason, 'stop');
});

test('a chat of a page edits what was streamed into it', async () => {
  const chat = [{ id: '1', role: 'user', parts: [{ type: 'text', text: draw }] }];
  const answer = streamText({ model, tools, messages: await convertToModelMessages(chat) });
  const reply = (await all(readUIMessageStream({ stream: answer.toUIMessageStream() }))).at(-1);
  assert.equal(await look(reply.parts.find(part => part.type === 'tool-image_generation').output.result), redStar);
  chat.push(reply, { id: '2', role: 'user', parts: [{ type: 'text', text: recolour }] });
  const second = await generateText({ model, tools, messages: await convertToModelMessages(chat, { tools }) });
  assert.equal(await look(drawnIn(second)), blueStar);
});

test('generates and edits images', async () => {
  const images = nexusgen.image(name);
  const generated = await generateImage({ model: images, prompt: 'a red star', n: 2, size: '224x224' });
  const shown = await Promise.all(generated.images.map(image => look(image.uint8Array)));
  assert.deepEqual(shown, Array(2).fill(redStar.replace('112x112', '224x224')));
  const edited = await generateImage({ model: images, prompt: { text: recolour, images: [drawnIn(drawn)] } });
  assert.equal(edited.image.mediaType, 'image/png');
  assert.equal(await look(edited.image.uint8Array), blueStar);
});

test('an error is an error of the API, with its sentence', async () => {
  const isError = (status, sentence) => error =>
    APICallError.isInstance(error) && error.statusCode === status && !error.isRetryable && error.message.includes(sentence);
  await assert.rejects(generateText({ model: nexusgen('gpt-4o'), prompt: 'x' }), isError(404, 'There is no such model here'));
  await assert.rejects(generateImage({ model: nexusgen.image(name), prompt: '' }), isError(400, 'prompt'));
  const parts = await all(streamText({ model, prompt: tooLong, onError() {} }).fullStream);
  const errors = parts.filter(part => part.type === 'error');
  assert.equal(errors.length, 1);
  assert.ok(isError(400, 'maximum context length')(errors[0].error));
});

test('a stream can be aborted', async () => {
  const abort = new AbortController();
  const types = [];
  for await (const part of streamText({ model, tools, messages: [first], abortSignal: abort.signal }).fullStream) {
    types.push(part.type);
    if (part.type === 'text-delta') abort.abort();
  }
  assert.equal(types.at(-1), 'abort');
  assert.ok(!types.includes('tool-result'));
  const abortSignal = AbortSignal.timeout(50);
  await assert.rejects(generateText({ model, tools, messages: [first], abortSignal }), { name: /AbortError|TimeoutError/ });
});
