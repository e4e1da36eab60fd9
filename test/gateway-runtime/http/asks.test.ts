import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import type { RequestContext } from '../../../gateway-runtime/src/contracts/session.js';
import { startFront, type TestFront } from '../../helpers/gateway-front.js';
import { until } from '../../helpers/gateway-instance.js';
import { readEvents } from '../../helpers/sse-events.js';

const call = (id: number, params = {}) => ({ jsonrpc: '2.0', id, method: 'tools/call', params });
const answer = (id: unknown, result: unknown) => ({ jsonrpc: '2.0', id, result });

const requestedSchema = { type: 'object', properties: { which: { type: 'string' } } };

let front: TestFront;

beforeAll(async () => {
  const never = new AbortController().signal;
  front = await startFront(
    {
      'tools/call': async ({ times = 1, signal = never }, { ask }: RequestContext) => {
        const question = () =>
          ask?.('elicitation/create', { message: 'which?', requestedSchema }, signal as AbortSignal);
        const answers = await Promise.allSettled(Array.from({ length: times as number }, question));
        return {
          content: [],
          answers: answers.map((one) => ('value' in one ? one.value : (one.reason as Error).message)),
        };
      },
      'tools/list': async (_, { session }) => ({ answer: await session?.ask('roots/list', {}, never) }),
      'prompts/get': async (_, { ask }) => {
        void ask?.('roots/list', {}, never).catch(() => {});
        return {};
      },
    },
    { auth: { static_tokens: { ada: { client_id: 'ada' }, bob: { client_id: 'bob' } } } },
  );
});

afterAll(() => front?.close());

const ada = { authorization: 'Bearer ada' };
const bob = { authorization: 'Bearer bob' };

test('a question goes out on the stream of its request, and its answer comes back', async () => {
  const session = await front.begin(ada);
  const response = await front.post(call(7), session);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const events = readEvents(response);
  const asked = await events.message();
  expect(asked).toEqual({
    jsonrpc: '2.0',
    id: expect.any(String),
    method: 'elicitation/create',
    params: { message: 'which?', requestedSchema },
  });
  const settled = await front.post(answer(asked?.id, { action: 'accept', x: [1] }), session);
  expect([settled.status, await settled.text()]).toEqual([202, '']);
  expect(await events.rest()).toEqual([answer(7, { content: [], answers: [{ action: 'accept', x: [1] }] })]);
});

test('an error of the client is the answer, with its code and data', async () => {
  const session = await front.begin(ada);
  const listening = readEvents(await front.get(session));
  const listed = front.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, session);
  const asked = await listening.message();
  const error = { code: -32_099, message: 'no', data: { why: 'because' } };
  await front.post({ jsonrpc: '2.0', id: asked?.id, error }, session);
  expect(await (await listed).json()).toEqual({ jsonrpc: '2.0', id: 1, error });
});

test('what belongs to no request is asked on the stream of another one when the client does not listen', async () => {
  const session = await front.begin(ada);
  const waiting = readEvents(await front.post(call(1), session));
  const first = await waiting.message();
  const listed = front.post({ jsonrpc: '2.0', id: 2, method: 'tools/list' }, session);
  const second = await waiting.message();
  expect(second).toMatchObject({ method: 'roots/list' });
  await front.post(answer(second?.id, { roots: [] }), session);
  expect(await (await listed).json()).toEqual(answer(2, { answer: { roots: [] } }));
  await front.post(answer(first?.id, {}), session);
  expect(await waiting.rest()).toHaveLength(1);
});

test('nobody else can answer, nobody twice, and answers to nothing are ignored', async () => {
  const session = await front.begin(ada);
  const others = await front.begin(bob);
  const own = await front.begin(ada);
  const events = readEvents(await front.post(call(1), session));
  const asked = await events.message();
  expect((await front.post(answer(asked?.id, 'of bob'), { ...session, ...bob })).status).toBe(404);
  for (const other of [others, own])
    expect((await front.post(answer(asked?.id, 'of another'), other)).status).toBe(202);
  for (const id of [null, 17, 'x', String(asked?.id).replace(/\d+$/, '9')]) {
    expect((await front.post(answer(id, 'of nobody'), session)).status).toBe(202);
  }
  for (const text of ['first', 'second']) expect((await front.post(answer(asked?.id, text), session)).status).toBe(202);
  expect(await events.rest()).toEqual([answer(1, { content: [], answers: ['first'] })]);
});

test('a batch of 2025-03-26 may hold answers', async () => {
  const session = await front.begin(ada, '2025-03-26');
  const events = readEvents(await front.post(call(1, { times: 2 }), session));
  const [one, two] = [await events.message(), await events.message()];
  const batch = [answer(one?.id, 'one'), { jsonrpc: '2.0', method: 'notifications/x' }, answer(two?.id, 'two')];
  expect((await front.post(batch, session)).status).toBe(202);
  expect(await events.rest()).toEqual([answer(1, { content: [], answers: ['one', 'two'] })]);
});

test('a client is asked a bounded number of things at once', async () => {
  const session = await front.begin(ada);
  const events = readEvents(await front.post(call(1, { times: 105 }), session));
  const ids: unknown[] = [];
  for (let n = 0; n < 100; n++) ids.push((await events.message())?.id);
  expect(new Set(ids).size).toBe(100);
  for (const id of ids) await front.post(answer(id, 'yes'), session);
  const [last] = await events.rest();
  const answers = (last?.result as { answers?: string[] } | undefined)?.answers;
  expect(answers?.slice(99)).toEqual(['yes', ...Array(5).fill('the client has too much to answer')]);
});

test('a question ends with its session', async () => {
  const session = await front.begin(ada);
  const events = readEvents(await front.post(call(1), session));
  await events.message();
  await fetch(front.url, { method: 'DELETE', headers: session });
  expect(await events.rest()).toEqual([]);
});

test('a question ends when its request is cancelled, and the client is told', async () => {
  const session = await front.begin(ada);
  const listening = readEvents(await front.get(session));
  const events = readEvents(await front.post(call(1), session));
  const asked = await events.message();
  await front.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }, session);
  const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: asked?.id } };
  expect(await Promise.race([events.message(), listening.message()])).toEqual(cancelled);
});

test('a question ends with the answer to its request', async () => {
  const session = await front.begin(ada);
  const events = readEvents(await front.post({ jsonrpc: '2.0', id: 1, method: 'prompts/get' }, session));
  const asked = await events.message();
  const withdrawn = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: asked?.id } };
  expect(await events.rest()).toEqual([withdrawn, answer(1, {})]);
});

test('other notifications of clients reach the router', async () => {
  const session = await front.begin(ada);
  await front.post(
    { jsonrpc: '2.0', method: 'notifications/roots/list_changed', params: { _meta: { a: 1 } } },
    session,
  );
  await until(() => front.notified.some(({ params }) => (params._meta as { a?: number })?.a === 1), 'the notification');
});

describe.each(['first', 'second'])('a client of the %s official SDK', (generation) => {
  test('answers what it is asked, in the middle of its call', async () => {
    const info = { name: 't', version: '1' };
    const options = { capabilities: { elicitation: {} } };
    const requestInit = { headers: ada };
    const respond = async () => ({ action: 'accept' as const, content: { which: 'this' } });
    const called = async () => {
      if (generation === 'first') {
        const client = new ClientV1(info, options);
        client.setRequestHandler(ElicitRequestSchema, respond);
        await client.connect(new TransportV1(new URL(front.url), { requestInit }) as never);
        return client.callTool({ name: 'x' }).finally(() => client.close());
      }
      const client = new Client(info, options);
      client.setRequestHandler('elicitation/create', respond);
      await client.connect(new StreamableHTTPClientTransport(new URL(front.url), { requestInit }));
      return client.callTool({ name: 'x' }).finally(() => client.close());
    };
    expect(await called()).toMatchObject({ answers: [{ action: 'accept', content: { which: 'this' } }] });
  });
});
