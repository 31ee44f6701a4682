// LangChain's client of OpenAI's API, by chat completions and by the Responses API, unmodified.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { AIMessage, HumanMessage } from '@langchain/core/messages';
import { ChatOpenAI, DallEAPIWrapper, tools } from '@langchain/openai';
import { all, ask, blueStar, draw, key, look, model, pictureIn, recolour, redStar, speaksOf, tooLong, url } from './look.mjs';

const settings = { model, apiKey: key, maxRetries: 0, configuration: { baseURL: url + '/v1' } };
const chat = new ChatOpenAI(settings), question = new HumanMessage(ask);
const responses = (more = {}) =>
  new ChatOpenAI({ ...settings, useResponsesApi: true, ...more }).bindTools([tools.imageGeneration()]);
const first = new HumanMessage(draw), edit = new HumanMessage(recolour);
const drawnIn = message => message.additional_kwargs.tool_outputs[0].result;
const join = chunks => chunks.reduce((whole, chunk) => whole.concat(chunk));
const star = pictureIn((await chat.invoke([first])).content).toString('base64');

test('the page works as it stands', async () => {
  const page = await import('./page.mjs');
  assert.equal(await look(drawnIn(page.first)), redStar);
  assert.equal(await look(await readFile('blue.png')), blueStar);
});

test('draws by chat, edits what it drew and is asked about it', async () => {
  const drawn = await chat.invoke([first]);
  assert.ok(drawn instanceof AIMessage);
  assert.equal(await look(pictureIn(drawn.content)), redStar);
  assert.equal(drawn.usage_metadata.total_tokens, drawn.usage_metadata.input_tokens + drawn.usage_metadata.output_tokens);
  assert.equal(await look(pictureIn((await chat.invoke([first, drawn, edit])).content)), blueStar);
  speaksOf('red', (await chat.invoke([first, drawn, question])).content);
});

test('streams a chat', async () => {
  const whole = join(await all(await chat.stream([first])));
  assert.equal(await look(pictureIn(whole.content)), redStar);
  assert.ok(whole.usage_metadata.output_tokens > 16);
});

test('is asked about a picture that is sent, in both forms and by both APIs', async () => {
  const text = { type: 'text', text: ask };
  const messages = [
    new HumanMessage({ content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,' + star } }, text] }),
    new HumanMessage({ contentBlocks: [{ type: 'image', mimeType: 'image/png', data: star }, text] }),
  ];
  for (const message of messages) {
    speaksOf('red', (await chat.invoke([message])).text);
    speaksOf('red', (await responses().invoke([message])).text);
  }
});

test('draws by the image tool, and edits by history and by the id of the response', async () => {
  for (const more of [{}, { zdrEnabled: true }, { outputVersion: 'v1' }]) {
    const model = responses(more);
    const drawn = await model.invoke([first]);
    assert.equal(await look(drawnIn(drawn)), redStar);
    assert.equal(await look(drawn.contentBlocks.find(block => block.type === 'image').data), redStar);
    assert.equal(await look(drawnIn(await model.invoke([first, drawn, edit]))), blueStar);
    if (!more.zdrEnabled) {
      const continued = await model.invoke([edit], { previous_response_id: drawn.response_metadata.id });
      assert.equal(await look(drawnIn(continued)), blueStar);
    }
  }
});

test('streams the Responses API, and edits what was streamed', async () => {
  const model = responses(), drawn = join(await all(await model.stream([first])));
  assert.equal(await look(drawnIn(drawn)), redStar);
  assert.equal(await look(drawnIn(await model.invoke([first, drawn, edit]))), blueStar);
});

test('the tool for images of agents draws', async () => {
  const image = { model, apiKey: key, baseUrl: url + '/v1', size: '224x224' }, big = redStar.replace('112x112', '224x224');
  assert.equal(await look(await new DallEAPIWrapper({ ...image, dallEResponseFormat: 'b64_json' }).invoke('a red star')), big);
  const address = await new DallEAPIWrapper(image).invoke('a red star');
  assert.equal(await look(Buffer.from(await (await fetch(address)).arrayBuffer())), big);
  const two = await new DallEAPIWrapper({ ...image, n: 2, dallEResponseFormat: 'b64_json' }).invoke('a red star');
  assert.deepEqual(await Promise.all(two.map(part => look(part.image_url.url))), [big, big]);
});

test('errors have the codes of the client', async () => {
  await assert.rejects(
    new ChatOpenAI({ ...settings, model: 'gpt-4o' }).invoke('x'),
    error => error.status === 404 && error.lc_error_code === 'MODEL_NOT_FOUND');
  for (const model of [chat, responses()]) {
    await assert.rejects(model.invoke(tooLong), { name: 'ContextOverflowError' });
  }
  await assert.rejects(
    new ChatOpenAI({ ...settings, apiKey: 'a-wrong-key' }).invoke('x'),
    error => error.status === 401 && error.lc_error_code === 'MODEL_AUTHENTICATION');
});

test('a stream can be aborted', async () => {
  for (const model of [chat, responses()]) {
    const abort = new AbortController();
    const chunks = [];
    await assert.rejects(async () => {
      for await (const chunk of await model.stream([first], { signal: abort.signal })) {
        chunks.push(chunk);
        abort.abort();
      }
    }, { name: /AbortError/ });
    assert.equal(chunks.length, 1);
  }
});
