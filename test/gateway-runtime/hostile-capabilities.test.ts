import type { ServerResponse } from 'node:http';
import { startGateway, type TestGateway, until } from '../helpers/gateway-instance.js';
import { type ScriptedServer, startScriptedServer } from '../helpers/gateway-scripted.js';

/** Capabilities as JSON, nested so deeply that writing them again fails. */
const deep = `{"experimental":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`;
/** Capabilities of a megabyte. */
const large = JSON.stringify({ experimental: { a: 'x'.repeat(1_000_000) } });

let backend: ScriptedServer;
let gateway: TestGateway;
/** Streams on which the backend's own clients listen. */
const streams: ServerResponse[] = [];

beforeAll(async () => {
  backend = await startScriptedServer({
    initialize: {
      protocolVersion: '2025-11-25',
      capabilities: { tools: { listChanged: true } },
      serverInfo: { name: 's', version: '1' },
    },
    'tools/call': { content: [] },
    GET: (response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      streams.push(response);
    },
  });
  gateway = await startGateway({ backends: [{ name: 'b', url: backend.url }] });
  await gateway.waitFor('b', 'connected');
});

afterAll(async () => {
  await gateway?.close();
  await backend?.close();
});

const shakeHands = (capabilities: string) =>
  gateway.post(
    `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":${capabilities},"clientInfo":{"name":"t","version":"1"}}}`,
  );

const listTools = (capabilities: string) =>
  gateway.post(
    `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},"io.modelcontextprotocol/clientCapabilities":${capabilities}}}}`,
    { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' },
  );

test.each([
  ['nested too deeply', deep],
  ['too long', large],
])('capabilities that are %s are refused in both eras, and nothing is kept of them', async (_, capabilities) => {
  const legacy = await shakeHands(capabilities);
  expect(await legacy.json()).toMatchObject({
    error: { code: -32602, message: expect.stringContaining('capabilities') },
  });
  expect(legacy.headers.get('mcp-session-id')).toBeNull();
  const modern = await listTools(capabilities);
  expect(modern.status).toBe(400);
  expect(await modern.json()).toMatchObject({
    error: { code: -32602, message: expect.stringContaining('capabilities') },
  });
});

test.each(['[]', '"all"', '5', 'null', 'true'])('capabilities %s are no object', async (capabilities) => {
  expect(await (await shakeHands(capabilities)).json()).toMatchObject({ result: {} });
  expect(await (await listTools(capabilities)).json()).toMatchObject({ error: { code: -32602 } });
});

test('a client hears of what changed for it, whatever others say of themselves', async () => {
  await shakeHands(deep);
  const begun = await shakeHands('{"elicitation":{}}');
  const headers = { 'mcp-session-id': begun.headers.get('mcp-session-id') as string };
  const { length } = streams;
  await gateway.post({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'b_call' } }, headers);
  await until(() => streams.length > length, 'the connection of the client to listen');
  const listening = await fetch(gateway.url, { headers: { ...headers, accept: 'text/event-stream' } });
  streams.at(-1)?.write('data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n');
  const reader = listening.body?.pipeThrough(new TextDecoderStream()).getReader();
  let heard = '';
  await until(async () => {
    heard += (await reader?.read())?.value ?? '';
    return heard.includes('list_changed');
  }, 'the client to hear');
  await reader?.cancel();
});

test('a call whose arguments are nested too deeply for the backend fails alone, and nothing waits for it', async () => {
  const begun = await shakeHands('{}');
  const headers = { 'mcp-session-id': begun.headers.get('mcp-session-id') as string };
  const args = `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
  const answer = await gateway.post(
    `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"b_call","arguments":${args}}}`,
    headers,
  );
  expect(await answer.json()).toMatchObject({ error: { code: -32603 } });
  expect(
    await (
      await gateway.post({ jsonrpc: '2.0', id: 4, method: 'tools/call', params: { name: 'b_call' } }, headers)
    ).json(),
  ).toMatchObject({ result: { content: [] } });
});
