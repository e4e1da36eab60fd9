import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { toAbortSignal } from '../../../gateway-runtime/src/contracts/abortable.js';
import { anonymous } from '../../../gateway-runtime/src/contracts/identity.js';
import { Listeners } from '../../../gateway-runtime/src/http/listeners.js';
import { startFront, type TestFront } from '../../helpers/gateway-front.js';
import { until } from '../../helpers/gateway-instance.js';
import { readEvents } from '../../helpers/sse-events.js';

const key = (name: string) => `io.modelcontextprotocol/${name}`;
const _meta = { [key('protocolVersion')]: '2026-07-28', [key('clientCapabilities')]: {} };
const modern = (method: string) => ({ 'mcp-protocol-version': '2026-07-28', 'mcp-method': method });
const ada = { authorization: 'Bearer ada' };

const sockets: Socket[] = [];
let abandoned = 0;
let listening = 0;
let front: TestFront;

beforeAll(async () => {
  const never = new AbortController().signal;
  front = await startFront(
    {
      'tools/call': async (_, { ask }) => ({ answer: await ask?.('roots/list', {}, never) }),
      'prompts/get': async (_, { notify, signal }) => {
        while (!signal.aborted) {
          notify('notifications/progress', { progressToken: 1, progress: 1, message: 'x'.repeat(500_000) });
          await new Promise(setImmediate);
        }
        abandoned += 1;
      },
      'subscriptions/listen': async (_, { notify, signal }) => {
        listening += 1;
        notify('notifications/subscriptions/acknowledged', {});
        await once(toAbortSignal(signal), 'abort');
        listening -= 1;
        return {};
      },
    },
    { auth: { static_tokens: { ada: { client_id: 'ada' } } } },
  );
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await front?.close();
});

test('a flood of answers that nobody asked for changes nothing', async () => {
  const session = await front.begin(ada);
  const events = readEvents(await front.post({ jsonrpc: '2.0', id: 1, method: 'tools/call' }, session));
  const asked = await events.message();
  const [prefix] = String(asked?.id).split('.');
  const flood = Array.from({ length: 500 }, (_, n) =>
    front.post({ jsonrpc: '2.0', id: n % 2 ? n : `${prefix}.${n + 2}`, result: { n } }, session),
  );
  expect(new Set((await Promise.all(flood)).map(({ status }) => status))).toEqual(new Set([202]));
  await front.post({ jsonrpc: '2.0', id: asked?.id, result: 'mine' }, session);
  expect((await events.message())?.result).toEqual({ answer: 'mine' });
});

test.each([
  ['an error without a code', { error: { message: 'no' } }, -32_603],
  ['an error that is a text', { error: 'no' }, -32_603],
  ['an error that is null', { error: null }, -32_603],
  ['both a result and an error', { result: {}, error: { code: 5, message: 'no' } }, 5],
])('a client that answers with %s fails its own call alone', async (_, answer, code) => {
  const session = await front.begin(ada);
  const events = readEvents(await front.post({ jsonrpc: '2.0', id: 1, method: 'tools/call' }, session));
  const asked = await events.message();
  expect((await front.post({ jsonrpc: '2.0', id: asked?.id, ...answer }, session)).status).toBe(202);
  expect((await events.message())?.error).toMatchObject({ code });
});

test('a request without a token is refused before anything else is looked at', async () => {
  const bob: Record<string, string> = { authorization: 'Bearer bob' };
  for (const headers of [undefined, modern('x'), { 'mcp-protocol-version': 'v0' }, bob]) {
    expect((await front.post({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }, headers)).status).toBe(401);
  }
});

test('a client of the modern era that does not read is disconnected, and its request cancelled', async () => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 3, method: 'prompts/get', params: { _meta, name: 'p' } });
  const socket = connect(Number(new URL(front.url).port), '127.0.0.1');
  sockets.push(socket);
  socket.pause();
  socket.on('error', () => {});
  const headers = { ...ada, ...modern('prompts/get'), 'mcp-name': 'p', 'content-type': 'application/json' };
  const lines = Object.entries({ host: '127.0.0.1', ...headers, 'content-length': Buffer.byteLength(body) });
  socket.write(`POST /mcp HTTP/1.1\r\n${lines.map((line) => line.join(': ')).join('\r\n')}\r\n\r\n${body}`);
  await until(() => abandoned === 1, 'the end of the request');
});

test('the same subscription many times over is many streams, and each ends with its client', async () => {
  const leaving = new AbortController();
  const body = { jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params: { _meta, notifications: {} } };
  const headers = { ...ada, ...modern('subscriptions/listen') };
  const streams = await Promise.all(Array.from({ length: 20 }, () => front.post(body, headers, leaving.signal)));
  for (const stream of streams) expect((await readEvents(stream).message())?.method).toMatch(/acknowledged$/);
  expect(listening).toBe(20);
  leaving.abort();
  await until(() => listening === 0, 'the end of all');
});

test('a caller has a bounded number of streams for news, and the oldest ends for a new one', () => {
  const listeners = new Listeners();
  const ended: number[] = [];
  const removals: (() => void)[] = [];
  const listen = (n: number, caller = 'ada') => {
    const remove = listeners.add({ ...anonymous, key: caller }, () => {
      ended.push(n);
      remove();
    });
    removals.push(remove);
  };
  for (let n = 0; n < 1002; n++) listen(n);
  expect(ended).toEqual([0, 1]);
  for (let n = 2000; n < 2010; n++) listen(n, 'bob');
  for (const remove of removals.slice(0, 10)) remove();
  listen(3000);
  expect(ended).toEqual([0, 1]);
  listeners.endAll();
  expect(ended).toHaveLength(2 + 992 + 10 + 1);
});

test('initialize twice begins two sessions, and an open one is of no importance to it', async () => {
  const first = await front.begin(ada);
  const second = await front.begin(first);
  expect(second['mcp-session-id']).not.toBe(first['mcp-session-id']);
  for (const session of [first, second]) {
    expect((await front.post({ jsonrpc: '2.0', id: 1, method: 'ping' }, session)).status).toBe(200);
  }
});
