// Tests a server with the small model that ships, using the official JavaScript client of OpenAI's API unchanged.
// NEXUSGEN_URL is the address of the server.
import assert from 'node:assert/strict';
import test from 'node:test';
import OpenAI, { toFile } from 'openai';

const client = new OpenAI({ baseURL: process.env.NEXUSGEN_URL + '/v1', apiKey: process.env.NEXUSGEN_KEY, maxRetries: 0 });
const model = 'nexus-gen-tiny';
const isPng = bytes => bytes.subarray(1, 4).toString() === 'PNG';
const draw = async () => Buffer.from((await client.images.generate({ model, prompt: 'a red star' })).data[0].b64_json, 'base64');

test('lists the model', async () => {
  const models = await client.models.list();
  assert.deepEqual(models.data.map(entry => entry.id), [model]);
  assert.equal((await client.models.retrieve(model)).owned_by, 'nexusgen');
});

test('chats, streamed or not', async () => {
  const url = 'data:image/png;base64,' + (await draw()).toString('base64');
  const messages = [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }, { type: 'text', text: 'describe this picture' }] }];
  const whole = await client.chat.completions.create({ model, messages });
  assert.match(whole.choices[0].message.content, /red/);
  assert.equal(whole.choices[0].finish_reason, 'stop');
  let text = '', usage = null;
  for await (const chunk of await client.chat.completions.create({ model, messages, stream: true, stream_options: { include_usage: true } })) {
    text += chunk.choices[0]?.delta?.content ?? '';
    usage = chunk.usage ?? usage;
  }
  assert.equal(text, whole.choices[0].message.content);
  assert.deepEqual(usage, whole.usage);
});

test('draws in a conversation and edits what it drew', async () => {
  const messages = [{ role: 'user', content: 'Draw a picture: a red star' }];
  const first = (await client.chat.completions.create({ model, messages })).choices[0].message;
  assert.match(first.content, /!\[.*\]\(data:image\/png;base64,/);
  const second = (await client.chat.completions.create({ model, messages: [...messages, first, { role: 'user', content: 'make the background white' }] })).choices[0].message;
  assert.match(second.content, /!\[.*\]\(data:image\/png;base64,/);
  assert.notEqual(second.content, first.content);
});

test('draws pictures, as bytes, by address and as a stream', async () => {
  const two = await client.images.generate({ model, prompt: 'two blue circles', n: 2, output_format: 'png' });
  assert.equal(two.data.length, 2);
  assert.ok(two.data.every(picture => isPng(Buffer.from(picture.b64_json, 'base64'))));
  const named = await client.images.generate({ model, prompt: 'a green ring', response_format: 'url', size: '64x48' });
  const fetched = await fetch(named.data[0].url);
  assert.equal(fetched.headers.get('content-type'), 'image/png');
  const kinds = [];
  for await (const event of await client.images.generate({ model, prompt: 'a red star', stream: true, partial_images: 2 })) {
    kinds.push(event.type);
    assert.ok(isPng(Buffer.from(event.b64_json, 'base64')));
  }
  assert.equal(kinds.at(-1), 'image_generation.completed');
});

test('edits a picture', async () => {
  const image = await toFile(await draw(), 'star.png', { type: 'image/png' });
  const edited = await client.images.edit({ model, image, prompt: 'make the background white' });
  assert.ok(isPng(Buffer.from(edited.data[0].b64_json, 'base64')));
});

test('answers by the responses API, in steps and as a stream', async () => {
  const first = await client.responses.create({ model, input: 'Draw a picture: a red star', tools: [{ type: 'image_generation' }] });
  const drawn = first.output.find(item => item.type === 'image_generation_call');
  assert.ok(isPng(Buffer.from(drawn.result, 'base64')));
  const next = await client.responses.create({ model, input: 'make the background white', previous_response_id: first.id });
  assert.ok(next.output.some(item => item.type === 'image_generation_call'));
  const byId = await client.responses.create({
    model, input: [{ role: 'user', content: 'Draw a picture: a red star' }, { type: 'image_generation_call', id: drawn.id }, { role: 'user', content: 'make the background white' }],
  });
  assert.ok(byId.output.some(item => item.type === 'image_generation_call'));
  const byReference = await client.responses.create({
    model, input: [{ role: 'user', content: 'Draw a picture: a red star' }, ...first.output.map(item => ({ type: 'item_reference', id: item.id })), { role: 'user', content: 'make the background white' }],
  });
  assert.equal(byReference.output.find(item => item.type === 'image_generation_call').action, 'edit');
  const events = [];
  for await (const event of await client.responses.create({ model, input: 'Draw a picture: a red star', stream: true })) {
    events.push(event);
  }
  assert.equal(events[0].type, 'response.created');
  assert.equal(events.at(-1).type, 'response.completed');
  assert.deepEqual(events.map(event => event.sequence_number), events.map((_, i) => i));
  assert.equal(events.at(-1).response.output_text ?? first.output_text, first.output_text);
});

test('errors are the kinds that callers expect', async () => {
  await assert.rejects(client.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content: 'x' }] }), OpenAI.NotFoundError);
  await assert.rejects(client.images.generate({ model, prompt: '' }), OpenAI.BadRequestError);
  const stranger = new OpenAI({ baseURL: process.env.NEXUSGEN_URL + '/v1', apiKey: 'a-wrong-key', maxRetries: 0 });
  await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
});
