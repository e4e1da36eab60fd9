import { execFile } from 'node:child_process';
import { request as httpRequest } from 'node:http';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { ElicitRequestSchema, ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import type { GatewayConfigInput } from '../../../gateway-runtime/src/config/index.js';
import { type AskingServer, startAskingServer } from '../../helpers/gateway-asking.js';
import { startGateway, type TestGateway, textOf, until } from '../../helpers/gateway-instance.js';
import { type SampleHttpServer, startHttpServer } from '../../helpers/gateway-servers.js';
import { modern } from '../../helpers/gateway-stdio.js';
import { describePython, pythonOf } from '../../helpers/python.js';
import { readEvents, type SseReader } from '../../helpers/sse-events.js';

let server: SampleHttpServer;
let asking: AskingServer;
beforeAll(async () => {
  [server, asking] = await Promise.all([startHttpServer('s'), startAskingServer()]);
});
afterAll(() => Promise.all([server.close(), asking.close()]));

async function start(configuration: GatewayConfigInput = {}): Promise<TestGateway> {
  const backends = [
    { name: 's', url: server.url },
    { name: 'a', url: asking.url, tags: ['asking'] },
  ];
  const views = { asking: { tags: ['asking'] } };
  const gateway = await startGateway({ enable_sse: true, backends, views, ...configuration }, { keepAliveMs: 50 });
  for (const { name } of backends) await gateway.waitFor(name, 'connected');
  return gateway;
}

/** An open connection of an old client. */
interface Old {
  readonly response: Response;
  readonly events: SseReader;
  readonly endpoint: string;
  readonly post: (message: unknown, headers?: Record<string, string>) => Promise<Response>;
  leave(): void;
}

async function open(gateway: TestGateway, headers: Record<string, string> = {}, path = '/sse'): Promise<Old> {
  const leaving = new AbortController();
  const response = await fetch(gateway.origin + path, { headers, signal: leaving.signal });
  const events = readEvents(response);
  const { event, data: endpoint = '' } = (await events.next()) ?? {};
  expect(event).toBe('endpoint');
  const post: Old['post'] = (message, more) =>
    fetch(new URL(endpoint, gateway.origin + path), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers, ...more },
      body: typeof message === 'string' ? message : JSON.stringify(message),
    });
  return { response, events, endpoint, post, leave: () => leaving.abort() };
}

const hello = (protocolVersion = '2024-11-05') => ({
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion, capabilities: {}, clientInfo: { name: 'old', version: '1' } },
});

const token = (name: string) => ({ authorization: `Bearer ${name}-token` });
const withTokens = {
  auth: {
    enabled: true,
    static_tokens: { 'ada-token': { client_id: 'ada', scopes: ['x'] }, 'bob-token': { client_id: 'bob' } },
    tool_scopes: { '*': [], s_fail: ['x'] },
  },
};

test('is not there unless it is switched on', async () => {
  const gateway = await start({ enable_sse: false });
  expect((await fetch(`${gateway.origin}/sse`)).status).toBe(404);
  expect((await fetch(`${gateway.origin}/messages?sessionId=x`, { method: 'POST' })).status).toBe(404);
  await gateway.close();
});

describe('with a client of SDK v1', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await start();
  });
  afterAll(() => gateway.close());

  test('everything a session has works: calls, progress, updates, questions', async () => {
    const client = new Client({ name: 'old', version: '1' }, { capabilities: { elicitation: {} } });
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { name: 'Ada' } }));
    const updated: string[] = [];
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void updated.push(params.uri));
    await client.connect(new SSEClientTransport(new URL('/sse', gateway.origin)) as never);
    expect(textOf(await client.callTool({ name: 's_echo', arguments: { text: 'hi' } }))).toBe('s: hi');
    expect(textOf(await client.callTool({ name: 'a_ask' }))).toContain('Ada');
    const progress: number[] = [];
    await client.callTool({ name: 's_work', arguments: { steps: 3, ms: 5 } }, undefined, {
      onprogress: (told) => progress.push(told.progress),
    });
    // The SDK forgets who wanted progress as soon as it has the result, and both may come at once.
    expect(progress.slice(0, 2)).toEqual([1, 2]);
    await client.subscribeResource({ uri: 'note://s' });
    await until(() => updated.length > 0, 'an update');
    await client.close();
  });

  test('a view is served below', async () => {
    const client = new Client({ name: 'old', version: '1' });
    await client.connect(new SSEClientTransport(new URL('/sse/asking', gateway.origin)) as never);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).filter((name) => !name.startsWith('a_'))).toEqual([]);
    expect(tools.length).toBeGreaterThan(3);
    await client.close();
    expect((await fetch(`${gateway.origin}/sse/nothing`)).status).toBe(404);
  });
});

const python = `
import asyncio, sys
from mcp import ClientSession
from mcp.client.sse import sse_client
async def run():
    async with sse_client(sys.argv[1]) as (reading, writing), ClientSession(reading, writing) as session:
        await session.initialize()
        print((await session.call_tool('s_echo', {'text': 'hi'})).content[0].text)
asyncio.run(run())
`;

describePython('with Python', () => {
  test.each(['mcp-1', 'mcp-2'] as const)('a client of the SDK in environment %s calls a tool', async (environment) => {
    const gateway = await start();
    const { stdout } = await promisify(execFile)(pythonOf(environment), ['-c', python, `${gateway.origin}/sse`]);
    expect(stdout.trim()).toBe('s: hi');
    await gateway.close();
  });
});

test('messages are taken with 202, and answered on the stream', async () => {
  const gateway = await start();
  const old = await open(gateway);
  expect(old.response.headers.get('content-type')).toBe('text/event-stream');
  expect(old.endpoint).toMatch(/^\/messages\?sessionId=[\w-]{32}$/);
  const taken = await old.post(hello());
  expect([taken.status, await taken.text()]).toEqual([202, 'Accepted']);
  expect(await old.events.message()).toMatchObject({ id: 0, result: { protocolVersion: '2024-11-05' } });
  await old.post({ jsonrpc: '2.0', method: 'notifications/initialized' });
  await old.post({ jsonrpc: '2.0', id: 'a', method: 'tools/call', params: { name: 's_nothing' } });
  expect(await old.events.message()).toMatchObject({ id: 'a', error: { code: -32602 } });
  // Only the handshake's era is known here, and only one of its versions has batches.
  await old.post({ jsonrpc: '2.0', id: 'b', method: 'server/discover', params: modern() });
  expect(await old.events.message()).toMatchObject({ id: 'b', error: { code: -32601 } });
  await old.post([{ jsonrpc: '2.0', id: 'c', method: 'ping' }]);
  expect(await old.events.message()).toMatchObject({ error: { code: -32600 } });
  await old.post({ jsonrpc: '2.0', id: 'd' });
  expect(await old.events.message()).toMatchObject({ id: 'd', error: { code: -32600 } });
  old.leave();
  await gateway.close();
});

test('the endpoint is told as the public URL has it', async () => {
  const gateway = await start({ auth: { enabled: false, resource_url: 'https://mcp.example/tools/mcp' } });
  const old = await open(gateway);
  expect(old.endpoint).toMatch(/^\/tools\/messages\?sessionId=/);
  old.leave();
  await gateway.close();
});

test.each<[string, string, RequestInit, number]>([
  ['POST to the stream', '/sse', { method: 'POST' }, 405],
  ['GET of messages', '/messages?sessionId=x', {}, 405],
  ['no stream wanted', '/sse', { headers: { accept: 'application/json' } }, 406],
  ['a foreign Origin', '/sse', { headers: { origin: 'https://evil.example' } }, 403],
  ['no id', '/messages', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }, 400],
  ['an unknown id', '/messages?sessionId=x', { method: 'POST', body: '{}' }, 404],
])('is refused: %s', async (_, path, init, status) => {
  const gateway = await start();
  expect((await fetch(gateway.origin + path, init)).status).toBe(status);
  await gateway.close();
});

test('a Host that is not the gateway is refused', async () => {
  const gateway = await start();
  const { hostname, port } = new URL(gateway.origin);
  const status = await new Promise((resolve) => {
    const request = httpRequest({ hostname, port, path: '/sse', headers: { host: 'evil.example' } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.end();
  });
  expect(status).toBe(403);
  await gateway.close();
});

test('a connection belongs to whoever opened it, and every message needs a token', async () => {
  const gateway = await start(withTokens);
  expect((await fetch(`${gateway.origin}/sse`)).status).toBe(401);
  const ada = await open(gateway, token('ada'));
  expect((await ada.post(hello(), { authorization: '' })).status).toBe(401);
  expect((await ada.post(hello(), token('bob'))).status).toBe(404);
  await ada.post(hello());
  expect(await ada.events.message()).toMatchObject({ id: 0 });
  await ada.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
  expect(JSON.stringify(await ada.events.message())).toContain('s_fail');
  const bob = await open(gateway, token('bob'));
  await bob.post(hello());
  await bob.events.message();
  await bob.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
  expect(JSON.stringify(await bob.events.message())).not.toContain('s_fail');
  ada.leave();
  bob.leave();
  await gateway.close();
});

test.each<[string, unknown, Record<string, string>, number]>([
  ['not JSON', '{', {}, 400],
  ['another type', '{}', { 'content-type': 'text/plain' }, 415],
  ['too much', `"${'x'.repeat(4 * 1024 * 1024)}"`, {}, 413],
])('a message that is %s is refused, and the connection lives on', async (_, body, headers, status) => {
  const gateway = await start();
  const old = await open(gateway);
  const refused = await old.post(body, headers);
  const { error } = (await refused.json()) as { error: { code: number } };
  expect([refused.status, error.code < 0]).toEqual([status, true]);
  await old.post(hello());
  expect(await old.events.message()).toMatchObject({ id: 0, result: {} });
  old.leave();
  await gateway.close();
});

test('the session ends with its stream, and so do its calls', async () => {
  const gateway = await start();
  const before = server.seen.cancelled.length;
  const old = await open(gateway);
  await old.post(hello());
  await old.events.message();
  await old.post({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 's_slow', arguments: { ms: 20_000 } },
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  old.leave();
  await until(() => server.seen.cancelled.length > before, 'the call to be cancelled');
  expect((await old.post(hello())).status).toBe(404);
  await gateway.close();
});

test('a client can cancel, and hears nothing more of it', async () => {
  const gateway = await start();
  const before = server.seen.cancelled.length;
  const old = await open(gateway);
  await old.post(hello());
  await old.events.message();
  await old.post({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 's_slow', arguments: { ms: 20_000 } },
  });
  await old.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
  await until(() => server.seen.cancelled.length > before, 'the call to be cancelled');
  await old.post({ jsonrpc: '2.0', id: 2, method: 'ping' });
  expect(await old.events.message()).toMatchObject({ id: 2 });
  old.leave();
  await gateway.close();
});

test('a quiet stream is kept alive', async () => {
  const gateway = await start();
  const old = await open(gateway);
  expect(await old.events.next()).toEqual({ comment: 'keep-alive' });
  old.leave();
  await gateway.close();
});

test('calls in flight are answered before the gateway ends', async () => {
  const gateway = await start();
  const old = await open(gateway);
  await old.post(hello());
  await old.events.message();
  await old.post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 's_slow', arguments: { ms: 300 } } });
  const closing = gateway.close();
  expect(await old.events.message()).toMatchObject({ id: 1, result: {} });
  expect(await old.events.message()).toBeUndefined();
  await closing;
});
