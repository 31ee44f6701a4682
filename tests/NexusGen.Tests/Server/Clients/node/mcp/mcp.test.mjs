// The official client of the Model Context Protocol, over standard input and output and over HTTP, unmodified.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpError } from '@modelcontextprotocol/sdk/types.js';
import { blueStar, look, redStar, speaksOf, url } from './look.mjs';
import * as page from './page.mjs';

const names = ['compare_pictures', 'describe_picture', 'draw_picture', 'edit_picture'];
const clients = { 'standard input and output': page.client, HTTP: page.remote };
const call = (client, name, parameters, options) =>
  client.callTool({ name, arguments: parameters }, undefined, { timeout: 600_000, ...options });
const textOf = result => result.content.filter(part => part.type === 'text').map(part => part.text).join('\n');
const pictureOf = result => result.content.find(part => part.type === 'image').data;

test.after(async () => Promise.all(Object.values(clients).map(client => client.close())));

test('the page works as it stands', async () => {
  assert.equal(await look(await readFile('star.png')), redStar);
  assert.deepEqual(page.tools.map(tool => tool.name).sort(), names);
});

for (const [way, client] of Object.entries(clients)) {
  test(`lists tools over ${way}`, async () => {
    assert.equal(client.getServerVersion().name, 'nexusgen');
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map(tool => tool.name).sort(), names);
    assert.ok(tools.every(tool => tool.description && tool.inputSchema.type === 'object'));
  });

  test(`draws, edits, describes and compares over ${way}`, async () => {
    const drawn = await call(client, 'draw_picture', { prompt: 'a red star' });
    assert.equal(await look(pictureOf(drawn)), redStar);
    const picture = textOf(drawn).split(':')[0];
    const edited = await call(client, 'edit_picture', { picture, instruction: 'make the star blue' });
    assert.equal(await look(pictureOf(edited)), blueStar);
    speaksOf('red', textOf(await call(client, 'describe_picture', { picture })));
    const compared = await call(client, 'compare_pictures', { first: picture, second: textOf(edited).split(':')[0] });
    assert.ok(!compared.isError && textOf(compared).length > 0);
  });

  test(`hears progress over ${way}`, async () => {
    const heard = [];
    const onprogress = step => heard.push(step);
    const options = { onprogress, timeout: 60_000, resetTimeoutOnProgress: true };
    const drawn = await call(client, 'draw_picture', { prompt: 'a red star', steps: 100 }, options);
    assert.equal(await look(pictureOf(drawn)), redStar);
    assert.ok(heard.length > 1 && heard.every(step => step.total === 100));
    assert.deepEqual(heard.map(step => step.progress), heard.map(step => step.progress).toSorted((a, b) => a - b));
  });

  test(`a cancelled call ends over ${way}`, async () => {
    const abort = new AbortController();
    let after = 0;
    const onprogress = () => abort.signal.aborted ? after += 1 : abort.abort('enough');
    const parameters = { prompt: 'a red star', steps: 100, size: '1024x1024' };
    await assert.rejects(
      call(client, 'draw_picture', parameters, { signal: abort.signal, onprogress }),
      error => error instanceof McpError && error.message.includes('enough'));
    assert.equal(await look(pictureOf(await call(client, 'draw_picture', { prompt: 'a red star' }))), redStar);
    assert.equal(after, 0);
  });

  test(`errors of a call are the tool's, others are the protocol's, over ${way}`, async () => {
    const refused = await call(client, 'edit_picture', { picture: 'picture_none', instruction: 'x' });
    assert.equal(refused.isError, true);
    assert.match(textOf(refused), /There is no picture_none/);
    assert.match(textOf(await call(client, 'draw_picture', {})), /prompt is missing/);
    await assert.rejects(call(client, 'no_such_tool', {}), error => error instanceof McpError && error.code === -32602);
  });
}

test('HTTP without the key is refused', async () => {
  const stranger = new Client({ name: 'stranger', version: '1.0.0' });
  await assert.rejects(stranger.connect(new StreamableHTTPClientTransport(new URL('/mcp', url))), /send Authorization: Bearer/);
});
