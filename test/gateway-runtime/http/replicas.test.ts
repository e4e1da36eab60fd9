import type { RequestContext } from '../../../gateway-runtime/src/contracts/session.js';
import { RedisConnection } from '../../../gateway-runtime/src/state/redis-connection.js';
import { RedisSessions } from '../../../gateway-runtime/src/state/redis-sessions.js';
import { startFront, type TestFront } from '../../helpers/gateway-front.js';
import { until } from '../../helpers/gateway-instance.js';
import { describeRedis, startRedis, type TestRedis } from '../../helpers/redis.js';
import { readEvents } from '../../helpers/sse-events.js';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const never = new AbortController().signal;

const static_tokens = { ada: { client_id: 'ada' }, bob: { client_id: 'bob' } };
const ada = { authorization: 'Bearer ada' };
const bob = { authorization: 'Bearer bob' };
const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: {} };

describeRedis('fronts that share sessions', () => {
  let redis: TestRedis;
  let fronts: [TestFront, TestFront];
  const connections: RedisConnection[] = [];

  beforeAll(async () => {
    redis = await startRedis();
    const replica = async () => {
      const connection = new RedisConnection({ config: { url: redis.url, allow_plain_text: false }, logger: quiet });
      const shared = new RedisSessions({ connection, gateway: 'fronts' });
      connections.push(connection);
      connection.start();
      const front = await startFront(
        {
          'tools/call': async (_, { ask }: RequestContext) => ({ answer: await ask?.('roots/list', {}, never) }),
          'tools/list': async (_, { view, session }) => ({ tools: [], view, ofSession: session?.view }),
        },
        { auth: { static_tokens }, shared, dispatcher: { hasView: () => true } },
      );
      await until(() => connection.fault === undefined, 'the connection');
      return front;
    };
    fronts = [await replica(), await replica()];
  });

  afterAll(async () => {
    for (const front of fronts ?? []) await front.close();
    for (const connection of connections) connection.close();
    await redis?.stop();
  });

  test('an answer that arrives at another one reaches the one that asked', async () => {
    const [a, b] = fronts;
    const session = await a.begin(ada);
    const events = readEvents(await a.post(call, session));
    const { id } = (await events.message()) ?? {};
    const others = await b.begin(bob);
    const answer = (of: string) => ({ jsonrpc: '2.0', id, result: { of } });
    expect((await b.post(answer('bob'), { ...session, ...bob })).status).toBe(404);
    expect((await b.post(answer('bob'), others)).status).toBe(202);
    expect((await b.post(answer('ada'), session)).status).toBe(202);
    expect(await events.rest()).toEqual([{ jsonrpc: '2.0', id: 1, result: { answer: { of: 'ada' } } }]);
  });

  test('a session keeps its view everywhere', async () => {
    const [a, b] = fronts;
    const post = (url: string, message: object, headers: Record<string, string>) =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(message),
      });
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } };
    const begun = await post(`${a.url}/logs`, { jsonrpc: '2.0', id: 0, method: 'initialize', params }, ada);
    const session = { ...ada, 'mcp-session-id': begun.headers.get('mcp-session-id') ?? '' };
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    expect((await post(b.url, list, session)).status).toBe(404);
    const listed = await post(`${b.url}/logs`, list, session);
    expect(await listed.json()).toMatchObject({ result: { view: 'logs', ofSession: 'logs' } });
  });

  test('the stream of a call is resumed where it began, and nowhere else', async () => {
    const [a, b] = fronts;
    const session = await a.begin(ada);
    const events = readEvents(await a.post(call, session));
    const primed = await events.next();
    expect((await b.get({ ...session, 'last-event-id': String(primed?.id) })).status).toBe(400);
    const again = readEvents(await a.get({ ...session, 'last-event-id': String(primed?.id) }));
    const asked = await again.message();
    await b.post({ jsonrpc: '2.0', id: asked?.id, result: {} }, session);
    expect(await again.rest()).toEqual([{ jsonrpc: '2.0', id: 1, result: { answer: {} } }]);
  });
});
