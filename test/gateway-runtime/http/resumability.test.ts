import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { RequestContext } from '../../../gateway-runtime/src/contracts/session.js';
import { startFront, type TestFront } from '../../helpers/gateway-front.js';
import { until } from '../../helpers/gateway-instance.js';
import { startRelay } from '../../helpers/proxies.js';
import { readEvents, type SseEvent } from '../../helpers/sse-events.js';

/** Calls that wait, by their name: each says what it is told, and ends when it is told nothing. */
const calls = new Map<string, { context: RequestContext; say: (text?: string) => void }>();
const aborted: string[] = [];
let front: TestFront;

beforeAll(async () => {
  front = await startFront(
    {
      'tools/call': async ({ name, _meta }, context) => {
        const progressToken = (_meta as { progressToken?: unknown } | undefined)?.progressToken ?? 0;
        let progress = 0;
        if (name === 'named') context.answeredBy?.('logs.eu-1');
        context.signal.addEventListener('abort', () => aborted.push(String(name)));
        await new Promise<void>((resolve) => {
          const say = (message?: string) => {
            progress += 1;
            if (message === undefined) resolve();
            else context.notify('notifications/progress', { progressToken, progress, message });
          };
          calls.set(String(name), { context, say });
        });
        return { content: [{ type: 'text', text: `result of ${name}` }] };
      },
    },
    { auth: { static_tokens: { ada: { client_id: 'ada' }, bob: { client_id: 'bob' } } } },
  );
});

afterAll(() => front?.close());

const ada = { authorization: 'Bearer ada' };

/** A call on a stream that has begun. */
async function begin(name: string, session: Record<string, string>, first = 'first') {
  const leaving = new AbortController();
  const body = { jsonrpc: '2.0', id: name, method: 'tools/call', params: { name } };
  const posted = front.post(body, session, leaving.signal);
  await until(() => calls.has(name), 'the call');
  const call = calls.get(name) as NonNullable<ReturnType<typeof calls.get>>;
  call.say(first);
  return { call, events: readEvents(await posted), leave: () => leaving.abort() };
}

async function resume(id: string | undefined, session: Record<string, string>) {
  const response = await front.get({ ...session, 'last-event-id': String(id) });
  expect(response.status).toBe(200);
  return readEvents(response);
}

async function all(reader: { next(): Promise<SseEvent | undefined> }): Promise<(string | undefined)[]> {
  const texts: (string | undefined)[] = [];
  for (let event = await reader.next(); event; event = await reader.next()) if (event.data) texts.push(wordsOf(event));
  return texts;
}

function wordsOf({ data = '{}' }: SseEvent): string | undefined {
  const { params, result } = JSON.parse(data);
  return params?.message ?? result?.content[0].text ?? JSON.stringify(params);
}

test('a stream begins with the place before its first event, for clients that know what that is', async () => {
  const { call, events } = await begin('primed', await front.begin(ada, '2025-11-25'));
  const [first, second] = [await events.next(), await events.next()];
  expect(first).toEqual({ id: expect.stringMatching(/^answer-[\w-]{8}\.0$/), retry: '1000', data: '' });
  expect(second?.id).toBe(first?.id?.replace(/0$/, '1'));
  call.say();
  expect(await all(events)).toEqual(['result of primed']);
  for (const version of ['2025-06-18', '2025-03-26', '2024-11-05']) {
    const older = await begin(version, await front.begin(ada, version));
    expect(await older.events.next()).toMatchObject({ id: expect.stringMatching(/\.1$/), event: 'message' });
    older.call.say();
  }
});

test('a client that lost the answer to a call gets what it missed and then the rest', async () => {
  const session = await front.begin(ada);
  const { call, events, leave } = await begin('lost', session);
  await events.next();
  const last = await events.next();
  call.say('second');
  leave();
  call.say('third');
  const again = await resume(last?.id, session);
  expect([wordsOf((await again.next()) as SseEvent), wordsOf((await again.next()) as SseEvent)]).toEqual([
    'second',
    'third',
  ]);
  call.say('fourth');
  call.say();
  expect(await all(again)).toEqual(['fourth', 'result of lost']);
  expect(aborted).not.toContain('lost');
});

test('an event names the backend that answers', async () => {
  const session = await front.begin(ada);
  const { call, events } = await begin('named', session);
  const primed = await events.next();
  expect(primed?.id).toMatch(/^answer-[\w-]{8}@logs\.eu-1\.0$/);
  call.say();
  expect(await all(await resume(primed?.id, session))).toEqual(['first', 'result of named']);
});

test('an answer that came while nobody listened waits', async () => {
  const session = await front.begin(ada);
  const { call, events, leave } = await begin('late', session);
  const primed = await events.next();
  leave();
  call.say();
  await until(
    () => front.sessions.some(({ id, idle }) => id === session['mcp-session-id'] && idle),
    'the end of the call',
  );
  for (let time = 0; time < 2; time++)
    expect(await all(await resume(primed?.id, session))).toEqual(['first', 'result of late']);
});

test('a stream that is resumed twice goes on at the newest connection alone', async () => {
  const session = await front.begin(ada);
  const { call, events } = await begin('twice', session);
  const primed = await events.next();
  const second = await resume(primed?.id, session);
  const third = await resume(primed?.id, session);
  call.say();
  expect(await all(events)).toEqual(['first']);
  expect(await all(second)).toEqual(['first']);
  expect(await all(third)).toEqual(['first', 'result of twice']);
});

test('a question waits for a client that is about to come back', async () => {
  const session = await front.begin(ada);
  const { call, events, leave } = await begin('asking', session);
  await events.next();
  const last = await events.next();
  leave();
  await until(() => !front.sessions.every(({ idle }) => idle), 'the loss');
  const answer = call.context.ask?.('roots/list', {}, new AbortController().signal);
  const again = await resume(last?.id, session);
  const asked = await again.message();
  await front.post({ jsonrpc: '2.0', id: asked?.id, result: { roots: [] } }, session);
  expect(await answer).toEqual({ roots: [] });
  call.say();
});

test('a client that listens for news goes on after the last one it got', async () => {
  const session = await front.begin(ada);
  const [own] = front.sessions.slice(-1);
  const leaving = new AbortController();
  const news = readEvents(await front.get(session, leaving.signal));
  const primed = await news.next();
  expect(primed?.id).toMatch(/^news-[\w-]{8}\.0$/);
  own?.notify('notifications/one', { n: 1 });
  own?.notify('notifications/two', { n: 2 });
  const one = await news.next();
  leaving.abort();
  await until(() => own?.idle === true, 'the loss');
  own?.notify('notifications/three', { n: 3 });
  const again = await resume(one?.id, session);
  own?.notify('notifications/four', { n: 4 });
  const next = [await again.message(), await again.message(), await again.message()];
  expect(next.map((message) => message?.params)).toEqual([{ n: 2 }, { n: 3 }, { n: 4 }]);
});

test('news do not go to the stream of an answer that was resumed', async () => {
  const session = await front.begin(ada);
  const [own] = front.sessions.slice(-1);
  const { call, events } = await begin('of one call', session);
  const again = await resume((await events.next())?.id, session);
  own?.notify('notifications/one', {});
  call.say();
  expect(await all(again)).toEqual(['first', 'result of of one call']);
  expect((await readEvents(await front.get(session)).message())?.method).toBe('notifications/one');
});

test('a call that takes long is answered on a stream, though it said nothing yet', async () => {
  const session = await front.begin(ada);
  const posted = front.post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'slow' } }, session);
  await until(() => calls.has('slow'), 'the call');
  const events = readEvents(await posted);
  const again = await resume((await events.next())?.id, session);
  calls.get('slow')?.say();
  expect(await all(again)).toEqual(['result of slow']);
});

test.each(['news-AAAAAAAA.3', 'x', '', '17', 'news-AAAAAAAA.99999999999999999999', 'x'.repeat(10_000)])(
  'after an event "%s" that nobody knows, news begin anew',
  async (id) => {
    const session = await front.begin(ada);
    const events = await resume(id, session);
    expect((await events.next())?.id).toMatch(/\.0$/);
  },
);

test('nothing of other sessions and other streams is ever replayed', async () => {
  const session = await front.begin(ada);
  const others = [await front.begin(ada), await front.begin({ authorization: 'Bearer bob' })];
  const { call, events, leave } = await begin('private', session);
  const other = await begin('other', session, 'of another stream');
  const primed = await events.next();
  leave();
  for (const stranger of others) {
    const refused = await front.get({ ...stranger, 'last-event-id': String(primed?.id) });
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: { code: -32_000 } }]);
  }
  const stolen = await front.get({ ...session, authorization: 'Bearer bob', 'last-event-id': String(primed?.id) });
  expect(stolen.status).toBe(404);
  call.say();
  expect(await all(await resume(primed?.id, session))).toEqual(['first', 'result of private']);
  other.call.say();
  expect(await all(other.events)).toEqual(['of another stream', 'result of other']);
});

test('a call that said nothing yet ends with its connection, since nothing could name it', async () => {
  const session = await front.begin(ada);
  const leaving = new AbortController();
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'silent' } };
  const posted = front.post(body, session, leaving.signal).catch(() => {});
  await until(() => calls.has('silent'), 'the call');
  leaving.abort();
  await until(() => aborted.includes('silent'), 'the end of the call');
  await posted;
});

test('a session that ends takes its streams along', async () => {
  const session = await front.begin(ada);
  const { events, leave } = await begin('ended', session);
  const primed = await events.next();
  leave();
  await fetch(front.url, { method: 'DELETE', headers: session });
  expect(aborted).toContain('ended');
  expect((await front.get({ ...session, 'last-event-id': String(primed?.id) })).status).toBe(404);
});

test('a stream keeps a bounded number of events, and always the newest', async () => {
  const session = await front.begin(ada);
  const { call, events, leave } = await begin('long', session);
  const primed = await events.next();
  leave();
  await until(() => call.context.signal.aborted === false, 'the loss');
  for (let n = 0; n < 1200; n++) call.say(`message ${n}`);
  call.say();
  const replayed = await all(await resume(primed?.id, session));
  expect(replayed).toHaveLength(1000);
  expect(replayed.slice(-2)).toEqual(['message 1199', 'result of long']);
  const wide = await begin('wide', session);
  const first = await wide.events.next();
  wide.leave();
  for (let n = 0; n < 8; n++) wide.call.say(`${n}${'x'.repeat(300_000)}`);
  wide.call.say();
  const kept = await all(await resume(first?.id, session));
  expect(kept.map((text) => text?.[0])).toEqual(['5', '6', '7', 'r']);
});

describe.each(['first', 'second'])('a client of the %s official SDK', (generation) => {
  test('finishes a call although its connection breaks', async () => {
    const relay = await startRelay(Number(new URL(front.url).port));
    const url = new URL('/mcp', `http://127.0.0.1:${relay.port}`);
    const requestInit = { headers: ada };
    const reconnectionOptions = {
      initialReconnectionDelay: 10,
      maxReconnectionDelay: 50,
      reconnectionDelayGrowFactor: 1,
      maxRetries: 5,
    };
    const info = { name: 't', version: '1' };
    const [client, transport] =
      generation === 'first'
        ? [new ClientV1(info), new TransportV1(url, { requestInit, reconnectionOptions })]
        : [new Client(info), new StreamableHTTPClientTransport(url, { requestInit, reconnectionOptions })];
    await client.connect(transport as never);
    const name = `call of ${generation}`;
    const seen: (string | undefined)[] = [];
    const called = client.callTool({ name }, ...(generation === 'first' ? [undefined as never] : []), {
      onprogress: ({ message }: { message?: string }) => seen.push(message),
    } as never);
    await until(() => calls.has(name), 'the call');
    const call = calls.get(name);
    call?.say('before');
    await until(() => seen.includes('before'), 'the progress');
    relay.cut();
    call?.say('meanwhile');
    await until(() => seen.includes('meanwhile'), 'what was missed');
    call?.say();
    expect(await called).toMatchObject({ content: [{ text: `result of ${name}` }] });
    expect(seen).toEqual(['before', 'meanwhile']);
    await client.close();
    await relay.close();
  });
});
