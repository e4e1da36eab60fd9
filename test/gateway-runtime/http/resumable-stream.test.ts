import { once } from 'node:events';
import { request, type ServerResponse } from 'node:http';
import { ReplayBudget } from '../../../gateway-runtime/src/http/replay-budget.js';
import { ResumableStreams } from '../../../gateway-runtime/src/http/resumable-streams.js';
import { type Listening, listen } from '../../helpers/gateway-servers.js';

const responses: ServerResponse[] = [];
let server: Listening;

beforeAll(async () => {
  // Only what the streams wait with: sockets go on as always.
  jest.useFakeTimers({
    doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date', 'setInterval'],
  });
  server = await listen((_, response) => void responses.push(response));
});

afterAll(async () => {
  jest.useRealTimers();
  await server?.close();
});

/** A connection of a client, seen from both sides. */
async function connect() {
  const sent = request(server.url).end();
  sent.on('error', () => {});
  while (responses.length === 0) await new Promise(setImmediate);
  const response = responses.shift() as ServerResponse;
  let text = '';
  sent.once('response', (answer) => answer.on('data', (chunk) => (text += chunk)).on('error', () => {}));
  const leave = async () => {
    const closed = once(response, 'close');
    sent.destroy();
    await closed;
  };
  const ended = () => new Promise((resolve) => sent.once('response', (answer) => answer.once('close', resolve)));
  return { response, leave, ended, text: () => text };
}

const message = (method: string) => ({ jsonrpc: '2.0' as const, method });

function begin(streams: ResumableStreams, response: ServerResponse, isAnswer = true) {
  const seen: string[] = [];
  const stream = streams.begin({
    isAnswer,
    response,
    keepAliveMs: 10_000,
    onDetached: () => seen.push('detached'),
    onAbandoned: () => seen.push('abandoned'),
  });
  return { stream, seen };
}

test('a stream waits half a minute for its client', async () => {
  const streams = new ResumableStreams(new ReplayBudget(), true);
  const client = await connect();
  const { seen } = begin(streams, client.response);
  await client.leave();
  jest.advanceTimersByTime(29_999);
  expect(seen).toEqual(['detached']);
  jest.advanceTimersByTime(1);
  expect(seen).toEqual(['detached', 'abandoned']);
});

test('a client that came back in time can go again', async () => {
  const streams = new ResumableStreams(new ReplayBudget(), true);
  const [first, second] = [await connect(), await connect()];
  const { stream, seen } = begin(streams, first.response);
  await first.leave();
  jest.advanceTimersByTime(29_000);
  stream.attach(second.response, 0);
  jest.advanceTimersByTime(60_000);
  expect(seen).toEqual(['detached']);
  await second.leave();
  jest.advanceTimersByTime(30_000);
  expect(seen).toEqual(['detached', 'detached', 'abandoned']);
});

test('an answer can be fetched for half a minute after its end, and news only as long as there may be more', async () => {
  const streams = new ResumableStreams(new ReplayBudget(), true);
  const [one, two] = [await connect(), await connect()];
  const answer = begin(streams, one.response).stream;
  const news = begin(streams, two.response, false).stream;
  const [answerId, newsId] = [one, two].map(({ text }) => text);
  for (const stream of [answer, news]) {
    stream.send(message('x'));
    stream.end();
  }
  await Promise.all([one.ended(), two.ended()]);
  const idOf = (text?: () => string) => /^id: (.*\.0)$/m.exec(text?.() ?? '')?.[1] ?? '';
  const known = (text?: () => string) => streams.find(idOf(text))?.stream !== undefined;
  expect([known(answerId), known(newsId)]).toEqual([true, false]);
  jest.advanceTimersByTime(30_000);
  expect(known(answerId)).toBe(false);
  expect(streams.find(idOf(answerId))).toEqual({ isAnswer: true, stream: undefined, sequence: 0 });
});

test('what all streams keep together is bounded, and given back', async () => {
  const budget = new ReplayBudget(1000);
  const streams = new ResumableStreams(budget, false);
  const [one, two] = [await connect(), await connect()];
  const large = begin(streams, one.response).stream;
  large.send(message('x'.repeat(990)));
  expect(budget.isSpent).toBe(false);
  begin(streams, two.response).stream.send(message('y'.repeat(500)));
  expect(budget.isSpent).toBe(false);
  await Promise.all([one.leave(), two.leave()]);
  streams.close();
  large.send(message('x'.repeat(900)));
  budget.take(1000);
  expect(budget.isSpent).toBe(false);
});

test('of streams that ended the newest hundred are known', async () => {
  const streams = new ResumableStreams(new ReplayBudget(), true);
  const ids: string[] = [];
  for (let n = 0; n < 103; n++) {
    const client = await connect();
    begin(streams, client.response).stream.end();
    await client.ended();
    ids.push(/^id: (.*)$/m.exec(client.text())?.[1] ?? '');
  }
  const known = ids.map((id) => streams.find(id)?.stream !== undefined);
  expect(known.filter(Boolean)).toHaveLength(101);
  expect(known.slice(0, 3)).toEqual([false, false, true]);
});
