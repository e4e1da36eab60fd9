import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { until } from '../../helpers/gateway-instance.js';
import { answerJson, type ScriptedServer, startScriptedServer } from '../../helpers/gateway-scripted.js';
import { upstreams } from '../../helpers/gateway-upstream.js';

const subscriptionId = 'io.modelcontextprotocol/subscriptionId';
const discovered = (capabilities: object = { tools: {} }) => ({ supportedVersions: ['2026-07-28'], capabilities });

type Script = (response: ServerResponse, id: number, request: IncomingMessage) => void;

async function start(scripts: Record<string, unknown>, backend: object = {}, capabilities?: object) {
  const server = await startScriptedServer({ 'server/discover': discovered(capabilities), ...scripts });
  const set = upstreams();
  const connection = set.make({ url: server.url, ...backend });
  await connection.connect();
  return { server, logs: set.logs, ...connection };
}

const call = { name: 'call', arguments: {} };

const events = (response: ServerResponse, ...messages: object[]) => {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  for (const message of messages) response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
};

test.each<[string, Script, string]>([
  ['another id', (response) => answerJson(response, { jsonrpc: '2.0', id: 'x', result: {} }), 'without a result'],
  ['nothing', (response) => answerJson(response, ''), 'without a result'],
  ['garbage', (response) => answerJson(response, '{'), 'not JSON'],
  [
    'a stream that ends',
    (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end('id: a\nretry: 1\ndata:\n\n'),
    'without a result',
  ],
  [
    'a stream of garbage',
    (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: {\n\n'),
    'not JSON',
  ],
  [
    'an error without a form',
    (response, id) => response.writeHead(400).end(JSON.stringify({ jsonrpc: '2.0', id, error: { code: 'x' } })),
    'neither a result nor an error',
  ],
  ['a status', (response) => response.writeHead(403).end('s3cret'), 'answered HTTP 403'],
  ['a broken connection', (response) => response.socket?.destroy(), 'connection'],
  ['silence', () => {}, 'did not answer tools/call within 0.5 s'],
])('a call that is answered with %s fails alone, and nothing is asked twice', async (_, script, reason) => {
  const { server, upstream, disconnected } = await start({ 'tools/call': script }, { request_timeout: 0.5 });
  await expect(upstream.request('tools/call', call)).rejects.toThrow(reason);
  expect(server.counts['tools/call']).toBe(1);
  expect(server.counts).not.toHaveProperty('GET');
  await upstream.request('ping', undefined);
  expect(disconnected).toEqual([]);
});

test('an error without an id, as of a request that was not understood, is the answer', async () => {
  const error = { code: -32602, message: 'own words', data: { own: 1 } };
  const { upstream } = await start({
    'tools/call': (response: ServerResponse) => response.writeHead(400).end(JSON.stringify({ jsonrpc: '2.0', error })),
  });
  await expect(upstream.request('tools/call', call)).rejects.toMatchObject({ name: 'RpcError', ...error });
});

test('a tool that finds fault with headers for ever is called once more at most', async () => {
  let listed = 0;
  const { server, upstream } = await start({
    'tools/list': (response: ServerResponse, id: number) => {
      // An annotation that is never the one of the time before.
      const region = { type: 'string', 'x-mcp-header': `Region${listed++}` };
      const tools = [{ name: 'call', inputSchema: { type: 'object', properties: { region } } }];
      answerJson(response, { jsonrpc: '2.0', id, result: { tools } });
    },
    'tools/call': (response: ServerResponse, id: number) =>
      response.writeHead(400).end(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32020, message: 'no' } })),
  });
  const params = { ...call, arguments: { region: 'x' } };
  await expect(upstream.request('tools/call', params)).rejects.toMatchObject({ code: -32020 });
  expect(server.counts).toMatchObject({ 'tools/call': 2, 'tools/list': 1 });
  await expect(upstream.request('tools/call', call)).rejects.toMatchObject({ code: -32020 });
  expect(server.counts).toMatchObject({ 'tools/call': 3, 'tools/list': 2 });
});

test('tools with annotations against the rules are left out and named, the others stay as they are', async () => {
  const good = { name: 'good', inputSchema: { type: 'object', $defs: { a: {} }, 'x-own': [1] } };
  const bad = {
    name: 'bad',
    inputSchema: { type: 'object', properties: { a: { type: 'number', 'x-mcp-header': 'A' } } },
  };
  const odd = [null, 5, { name: 'odd' }];
  const { upstream, logs } = await start({ 'tools/list': { tools: [bad, good, ...odd], nextCursor: 'c', ttlMs: 5 } });
  expect(await upstream.request('tools/list', undefined)).toEqual({ tools: [good, ...odd], nextCursor: 'c', ttlMs: 5 });
  const reason = '"x-mcp-header" is only for strings, integers and booleans';
  expect(logs).toContainEqual([{ backend: 'b', tool: 'bad', reason }, 'tool left out']);
});

test('requests of a server, which this era does not have, are not answered', async () => {
  const asked: unknown[] = [];
  const { server, upstream } = await start({
    'tools/call': (response: ServerResponse, id: number) => {
      events(response, { id: 1, method: 'elicitation/create', params: {} }, { id: 2, method: 'ping' });
      setTimeout(() => {
        events(response, { id, result: { done: true } });
        response.end();
      }, 50);
    },
  });
  const onRequest = async (method: string) => void asked.push(method);
  expect(await upstream.request('tools/call', call, { onRequest })).toEqual({ done: true });
  expect(asked).toEqual([]);
  expect(Object.keys(server.counts)).not.toContain('POST');
});

describe('a subscription', () => {
  const capabilities = { tools: { listChanged: true } };
  const acknowledge = (id: number, notifications: object) => ({
    method: 'notifications/subscriptions/acknowledged',
    params: { _meta: { [subscriptionId]: id }, notifications },
  });
  const asked = ({ counts }: ScriptedServer) => counts['subscriptions/listen'] ?? 0;

  test('that no server knows is asked for once', async () => {
    const { server } = await start(
      {
        'subscriptions/listen': (response: ServerResponse, id: number) =>
          response.writeHead(404).end(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32601, message: 'no' } })),
      },
      {},
      capabilities,
    );
    await until(() => asked(server) > 0, 'the subscription');
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(asked(server)).toBe(1);
  });

  test.each<[string, Script]>([
    [
      'refused',
      (response, id) => answerJson(response, { jsonrpc: '2.0', id, error: { code: -32603, message: 'full' } }),
    ],
    ['ended at once', (response, id) => answerJson(response, { jsonrpc: '2.0', id, result: {} })],
    ['broken at once', (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end()],
    [
      'cancelled at once',
      (response, id) =>
        events(response, acknowledge(id, {}), { method: 'notifications/cancelled', params: { requestId: id } }),
    ],
  ])('that is %s is asked for again, later each time', async (_, script) => {
    const { server, upstream, disconnected } = await start({ 'subscriptions/listen': script }, {}, capabilities);
    await until(() => asked(server) === 3, 'the third attempt');
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(asked(server)).toBe(3);
    await upstream.request('ping', undefined);
    expect(disconnected).toEqual([]);
  });

  test('says what it was asked for: nothing of others, and nothing after its end', async () => {
    let stream: ServerResponse | undefined;
    let id = 0;
    const { upstream, notifications } = await start(
      {
        'subscriptions/listen': (response: ServerResponse, listenId: number) => {
          stream = response;
          id = listenId;
          const acknowledged = acknowledge(listenId, { toolsListChanged: true });
          events(response, acknowledged, acknowledged);
        },
      },
      {},
      capabilities,
    );
    await until(() => stream !== undefined, 'the subscription');
    const changed = (subscription: unknown) => ({
      method: 'notifications/tools/list_changed',
      params: { _meta: { [subscriptionId]: subscription, own: 1 } },
    });
    events(stream as ServerResponse, changed(id), changed('other'), changed(999));
    await until(() => notifications.length > 0, 'the change');
    expect(notifications).toEqual([['notifications/tools/list_changed', { _meta: { own: 1 } }]]);
    const closed = once(stream as ServerResponse, 'close');
    await upstream.close();
    await closed;
  });

  test('of a resource that a server does not agree to is refused', async () => {
    const { upstream } = await start({
      'subscriptions/listen': (response: ServerResponse, id: number) => events(response, acknowledge(id, {})),
    });
    await expect(upstream.request('resources/subscribe', { uri: 'note://x' })).rejects.toMatchObject({ code: -32602 });
  });
});

test('over stdio, garbage and answers to nobody are passed over', async () => {
  const { make } = upstreams();
  const answers = { 'server/discover': { result: discovered() }, 'tools/call': { result: { done: true } } };
  const program = [
    `const answers = ${JSON.stringify(answers)};`,
    "require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {",
    '  const { id, method } = JSON.parse(line);',
    "  console.log('garbage\\n[]\\nnull\\n' + JSON.stringify({ jsonrpc: '2.0', id: 'x', result: {} }));",
    "  console.log(JSON.stringify({ jsonrpc: '2.0', id: 5, method: 'elicitation/create', params: {} }));",
    "  console.log(JSON.stringify({ jsonrpc: '2.0', id, ...answers[method] }));",
    '});',
  ].join('\n');
  const { connect, upstream } = make({ command: process.execPath, args: ['-e', program], cwd: join(__dirname) });
  expect(await connect()).toMatchObject({ era: 'modern' });
  expect(await upstream.request('tools/call', call)).toEqual({ done: true });
  await upstream.close();
});
