// The official client of OpenAI's API, unmodified.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import OpenAI, { toFile } from 'openai';
import { all, ask, blueStar, draw, key, look, model, pictureIn, recolour, redStar, speaksOf, tooLong, url } from './look.mjs';

const client = new OpenAI({ baseURL: url + '/v1', apiKey: key, maxRetries: 0 });
const tools = [{ type: 'image_generation' }];
const drawnIn = response => response.output.find(item => item.type === 'image_generation_call');
const star = (await client.images.generate({ model, prompt: 'a red star' })).data[0].b64_json;
const address = 'data:image/png;base64,' + star;

test('the page works as it stands', async () => {
  const page = await import('./page.mjs');
  assert.equal(await look(await readFile('star.png')), redStar);
  assert.equal(page.edited.action, 'edit');
  assert.equal(await look(await readFile('blue.png')), blueStar);
});

test('lists the model', async () => {
  const models = await client.models.list();
  assert.deepEqual(models.data.map(entry => entry.id), [model]);
  assert.equal((await client.models.retrieve(model)).owned_by, 'nexusgen');
});

test('chats about a picture, streamed or not', async () => {
  const messages = [{ role: 'user', content: [{ type: 'image_url', image_url: { url: address } }, { type: 'text', text: ask }] }];
  const whole = await client.chat.completions.create({ model, messages });
  speaksOf('red', whole.choices[0].message.content);
  assert.equal(whole.choices[0].finish_reason, 'stop');
  let text = '', usage = null;
  const asked = { model, messages, stream: true, stream_options: { include_usage: true } };
  for await (const chunk of await client.chat.completions.create(asked)) {
    text += chunk.choices[0]?.delta?.content ?? '';
    usage = chunk.usage ?? usage;
  }
  assert.equal(text, whole.choices[0].message.content);
  assert.deepEqual(usage, whole.usage);
});

test('draws in a conversation, edits what it drew and is asked about it', async () => {
  const messages = [{ role: 'user', content: draw }];
  const first = (await client.chat.completions.create({ model, messages })).choices[0].message;
  assert.equal(await look(pictureIn(first.content)), redStar);
  const edit = [...messages, first, { role: 'user', content: recolour }];
  const second = (await client.chat.completions.create({ model, messages: edit })).choices[0].message;
  assert.equal(await look(pictureIn(second.content)), blueStar);
  const third = await client.chat.completions.create({ model, messages: [...messages, first, { role: 'user', content: ask }] });
  speaksOf('red', third.choices[0].message.content);
});

test('draws pictures, as bytes, by address and as a stream', async () => {
  const two = await client.images.generate({ model, prompt: 'a red star', n: 2, output_format: 'webp' });
  const shown = await Promise.all(two.data.map(picture => look(picture.b64_json)));
  assert.deepEqual(shown, Array(2).fill(redStar.replace('png', 'webp')));
  const named = await client.images.generate({ model, prompt: 'a red star', response_format: 'url', size: '224x224' });
  const fetched = await fetch(named.data[0].url);
  assert.equal(fetched.headers.get('content-type'), 'image/png');
  assert.equal(await look(Buffer.from(await fetched.arrayBuffer())), redStar.replace('112x112', '224x224'));
  const events = await all(await client.images.generate({ model, prompt: 'a red star', stream: true, partial_images: 2 }));
  assert.deepEqual(events.map(event => event.type.split('.')[1]), ['partial_image', 'partial_image', 'completed']);
  assert.equal(await look(events.at(-1).b64_json), redStar);
});

test('edits a picture', async () => {
  const image = await toFile(Buffer.from(star, 'base64'), 'star.png', { type: 'image/png' });
  const edited = await client.images.edit({ model, image, prompt: recolour });
  assert.equal(await look(edited.data[0].b64_json), blueStar);
});

test('answers by the responses API and continues by items, ids and references', async () => {
  const first = await client.responses.create({ model, input: draw, tools });
  assert.equal(await look(drawnIn(first).result), redStar);
  const before = { role: 'user', content: draw }, next = { role: 'user', content: recolour };
  const inputs = [
    [before, ...first.output, next],
    [before, { type: 'image_generation_call', id: drawnIn(first).id }, next],
    [before, ...first.output.map(item => ({ type: 'item_reference', id: item.id })), next],
  ];
  for (const input of inputs) {
    const second = await client.responses.create({ model, input, tools });
    assert.equal(drawnIn(second).action, 'edit');
    assert.equal(await look(drawnIn(second).result), blueStar);
  }
  const content = [{ type: 'input_image', image_url: address }, { type: 'input_text', text: ask }];
  speaksOf('red', (await client.responses.create({ model, input: [{ role: 'user', content }] })).output_text);
});

test('streams responses', async () => {
  const events = await all(await client.responses.create({ model, input: draw, tools, stream: true }));
  assert.equal(events[0].type, 'response.created');
  assert.equal(events.at(-1).type, 'response.completed');
  assert.deepEqual(events.map(event => event.sequence_number), events.map((_, i) => i));
  assert.equal(await look(drawnIn(events.at(-1).response).result), redStar);
  const helper = client.responses.stream({ model, input: draw, tools });
  const whole = await helper.finalResponse();
  assert.equal(await look(drawnIn(whole).result), redStar);
});

test('an aborted stream ends', async () => {
  const stream = await client.responses.create({ model, input: draw, tools, stream: true });
  let events = 0;
  for await (const event of stream) {
    events += 1;
    if (event.type === 'response.output_text.delta') stream.controller.abort();
  }
  assert.ok(events < 10, `${events} events`);
  const signal = AbortSignal.timeout(50);
  await assert.rejects(client.images.generate({ model, prompt: 'a red star', steps: 100 }, { signal }), OpenAI.APIUserAbortError);
});

test('errors are the kinds that callers expect', async () => {
  const messages = [{ role: 'user', content: 'x' }];
  await assert.rejects(client.chat.completions.create({ model: 'gpt-4o', messages }), OpenAI.NotFoundError);
  await assert.rejects(client.images.generate({ model, prompt: '' }), OpenAI.BadRequestError);
  await assert.rejects(
    client.responses.create({ model, input: tooLong }),
    error => error instanceof OpenAI.BadRequestError && error.code === 'context_length_exceeded' && error.param === 'input');
  const stranger = new OpenAI({ baseURL: url + '/v1', apiKey: 'a-wrong-key', maxRetries: 0 });
  await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
});
