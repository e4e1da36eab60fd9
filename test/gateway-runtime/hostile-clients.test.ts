import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { startGateway, type TestGateway, until } from '../helpers/gateway-instance.js';
import { answerJson, type ScriptedServer, startScriptedServer } from '../helpers/gateway-scripted.js';

const initialize = (protocolVersion = '2025-11-25') => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion, capabilities: {}, clientInfo: { name: 't', version: '1' } },
});
const ping = { jsonrpc: '2.0', id: 2, method: 'ping' };

let backend: ScriptedServer;
let gateway: TestGateway;
const sockets: Socket[] = [];
/** Calls that the gateway gave up. */
let abandoned = 0;
/** Lets the backend answer resources/subscribe. */
let subscribe: (() => void) | undefined;

beforeAll(async () => {
  backend = await startScriptedServer({
    initialize: {
      protocolVersion: '2025-11-25',
      capabilities: { tools: {}, resources: { subscribe: true } },
      serverInfo: { name: 's', version: '1' },
    },
    'resources/subscribe': (response: ServerResponse, id: number) => {
      subscribe = () => answerJson(response, { jsonrpc: '2.0', id, result: {} });
    },
    'resources/unsubscribe': {},
    'tools/call': (response: ServerResponse, id: number) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const params = { level: 'info', data: 'x'.repeat(100_000) };
      const note = `data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params })}\n\n`;
      let sent = 0;
      const write = () => {
        if (response.destroyed || sent++ > 300) {
          return void response.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result: { content: [] } })}\n\n`);
        }
        response.write(note, () => setImmediate(write));
      };
      write();
      response.once('close', () => {
        if (sent < 300) abandoned++;
      });
    },
  });
  gateway = await startGateway({ backends: [{ name: 'b', url: backend.url }] });
  await gateway.waitFor('b', 'connected');
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await gateway?.close();
  await backend?.close();
});

async function openSession(version?: string): Promise<Record<string, string>> {
  const answer = await gateway.post(initialize(version));
  return { 'mcp-session-id': answer.headers.get('mcp-session-id') as string };
}

test('fails when a batch is so large that its answers would fill the memory', async () => {
  const session = await openSession('2025-03-26');
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  const refused = await gateway.post(Array(51).fill(list), session);
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ error: { message: 'the batch has more than 50 messages' } });
  expect(await (await gateway.post(Array(50).fill(list), session)).json()).toHaveLength(50);
});

test.each(['12345678901234567890', '-9007199254740993', '1e400'])(
  'fails when an id (%s) cannot be given back',
  async (id) => {
    const answer = await gateway.post(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`, await openSession());
    expect(answer.status).toBe(400);
  },
);

test.each(['9007199254740991', '-1', '0', '1.5', '"x"', '""'])('the id %s comes back as it was', async (id) => {
  const answer = await gateway.post(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`, await openSession());
  expect(await answer.text()).toContain(`"id":${id},`);
});

test('fails when the body is not UTF-8', async () => {
  const [start, end] = ['{"jsonrpc":"2.0","id":"', '","method":"ping"}'].map((text) => Buffer.from(text));
  const send = async (middle: Buffer) =>
    fetch(gateway.url, {
      method: 'POST',
      headers: { ...(await openSession()), 'content-type': 'application/json' },
      body: Buffer.concat([start as Buffer, middle, end as Buffer]),
    });
  const refused = await send(Buffer.of(0xff, 0xc3));
  expect([refused.status, await refused.json()]).toMatchObject([400, { error: { code: -32700 } }]);
  expect(await (await send(Buffer.from('ä😀'))).json()).toMatchObject({ id: 'ä😀' });
});

test('a session that ends while it subscribes leaves no subscription behind', async () => {
  const session = await openSession();
  const params = { uri: 'x://a' };
  const subscribing = gateway.post({ jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params }, session);
  await until(() => subscribe !== undefined, 'the backend to be asked');
  await fetch(gateway.url, { method: 'DELETE', headers: session });
  subscribe?.();
  await (await subscribing).text();
  await until(() => backend.counts['resources/unsubscribe'] === 1, 'the backend to be told');
});

test('a session has a few event streams: the oldest ends for a new one', async () => {
  const session = await openSession();
  const headers = { ...session, accept: 'text/event-stream' };
  const streams: Response[] = [];
  for (let n = 0; n < 6; n++) streams.push(await fetch(gateway.url, { headers }));
  for (const stream of streams.slice(0, 2)) expect(await stream.text()).not.toContain('data: {');
  backend.push('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}');
  expect((await gateway.post(ping, session)).status).toBe(200);
  const ended = await Promise.all(
    streams
      .slice(2)
      .map((stream) =>
        Promise.race([stream.text().then(() => true), new Promise((resolve) => setTimeout(resolve, 100, false))]),
      ),
  );
  expect(ended).toEqual([false, false, false, false]);
  await fetch(gateway.url, { method: 'DELETE', headers: session });
});

test('a client that does not read what it asked for is disconnected, and its call cancelled', async () => {
  const session = await openSession();
  const body = JSON.stringify({ jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name: 'b_call' } });
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
  sockets.push(socket);
  socket.pause();
  socket.on('error', () => {});
  socket.write(
    [
      'POST /mcp HTTP/1.1',
      'Host: 127.0.0.1',
      'Content-Type: application/json',
      'Accept: application/json, text/event-stream',
      `Mcp-Session-Id: ${session['mcp-session-id']}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
  await until(() => abandoned === 1, 'the call to be cancelled');
});
