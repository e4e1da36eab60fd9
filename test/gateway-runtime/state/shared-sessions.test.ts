import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { GatewayConfigInput } from '../../../gateway-runtime/src/config/index.js';
import { anonymous } from '../../../gateway-runtime/src/contracts/identity.js';
import { ClientSessions } from '../../../gateway-runtime/src/http/client-sessions.js';
import type { HttpSession } from '../../../gateway-runtime/src/http/session.js';
import { MemorySessionStore } from '../../../gateway-runtime/src/state/memory-session-store.js';
import { RedisConnection } from '../../../gateway-runtime/src/state/redis-connection.js';
import { RedisSessions } from '../../../gateway-runtime/src/state/redis-sessions.js';
import { type CliGateway, startCli } from '../../helpers/gateway-cli.js';
import { makeDirectory } from '../../helpers/gateway-directory.js';
import { startGateway, type TestGateway, textOf, until } from '../../helpers/gateway-instance.js';
import { startHttpServer } from '../../helpers/gateway-servers.js';
import { startRelay, startRoundRobin } from '../../helpers/proxies.js';
import { describeRedis, startRedis, type TestRedis } from '../../helpers/redis.js';
import { readEvents } from '../../helpers/sse-events.js';

const notesServer = join(__dirname, '../fixtures/notes-server.mjs');

/** What is logged when there is no connection. */
const down = 'shared state is not available; trying again';

const open: { close(): Promise<void> }[] = [];

function keep<T extends { close(): Promise<void> }>(resource: T): T {
  open.push(resource);
  return resource;
}

let redis: TestRedis;

afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close();
  await redis?.stop();
});

const tokens = { ada: { client_id: 'ada', scopes: ['*'] }, bob: { client_id: 'bob', scopes: ['*'] } };

/** Replicas of one gateway, which share what they know of sessions. */
async function replicas(
  count: number,
  config: GatewayConfigInput = {},
  sessionIdleMs?: number,
): Promise<TestGateway[]> {
  const gateways: TestGateway[] = [];
  for (let number = 0; number < count; number++) {
    gateways.push(keep(await startGateway({ state: { url: redis.url }, ...config }, { sessionIdleMs })));
  }
  for (const gateway of gateways) await until(() => logged(gateway, 'shared state is connected'), 'the connection');
  return gateways;
}

function logged({ logs }: TestGateway, message: string): boolean {
  return logs.some(({ msg }) => msg === message);
}

const initialize = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};
const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };

const as = (token: string) => ({ authorization: `Bearer ${token}` });

/** Opens a session. @returns the header that names it */
async function begin(gateway: TestGateway, headers: Record<string, string> = {}): Promise<Record<string, string>> {
  const answer = await gateway.post(initialize, headers);
  return { ...headers, 'mcp-session-id': answer.headers.get('mcp-session-id') ?? '' };
}

async function statusOf(gateway: TestGateway, session: Record<string, string>): Promise<number> {
  return (await gateway.post(ping, session)).status;
}

function end(gateway: TestGateway, headers: Record<string, string>): Promise<Response> {
  return fetch(gateway.url, { method: 'DELETE', headers });
}

async function stateOf({ origin }: TestGateway): Promise<unknown> {
  return ((await (await fetch(`${origin}/ready`)).json()) as { state: unknown }).state;
}

/** The program as a process of its own. */
async function startProcess(config: GatewayConfigInput, env: Record<string, string> = {}): Promise<CliGateway> {
  const directory = makeDirectory();
  const file = directory.write('gateway.json', { auth: { enabled: false }, ...config });
  const gateway = await startCli(['--config', file], env);
  directory.remove();
  keep({ close: async () => void gateway.process.kill('SIGKILL') });
  return gateway;
}

describeRedis('replicas that share sessions', () => {
  test('a session opened at one replica is good at every other, for its owner alone', async () => {
    redis = await startRedis();
    const [a, b] = (await replicas(2, { auth: { static_tokens: tokens } })) as [TestGateway, TestGateway];
    const session = await begin(a, as('ada'));
    expect(await statusOf(b, session)).toBe(200);
    expect(await statusOf(b, { ...session, ...as('bob') })).toBe(404);
    const other = await begin(a, as('ada'));
    expect(await statusOf(b, { ...other, ...as('bob') })).toBe(404);
    expect(await statusOf(b, other)).toBe(200);
    expect((await end(b, { ...other, ...as('bob') })).status).toBe(404);
    expect(await statusOf(b, { ...other, 'mcp-session-id': 'x'.repeat(32) })).toBe(404);
  });

  test('the server learns neither names nor tokens', async () => {
    redis = await startRedis();
    const [a] = (await replicas(1, { name: 'edge', auth: { static_tokens: tokens } })) as [TestGateway];
    const { 'mcp-session-id': id } = await begin(a, as('ada'));
    expect(await redis.command('KEYS', '*')).toEqual([`mcp:edge:session:${id}`]);
    const fields = (await redis.command('HGETALL', `mcp:edge:session:${id}`)) as string[];
    const known = ['version', '2025-06-18', 'capabilities', '{}'];
    expect(fields).toEqual(['owner', expect.stringMatching(/^[\w-]{43}$/), ...known]);
    const life = Number(await redis.command('PTTL', `mcp:edge:session:${id}`));
    expect(life).toBeGreaterThan(34 * 60_000);
    expect(life).toBeLessThanOrEqual(35 * 60_000);
  });

  test('gateways of other names on the same server share nothing', async () => {
    redis = await startRedis();
    const [a] = (await replicas(1, { name: 'a' })) as [TestGateway];
    const [b] = (await replicas(1, { name: 'b' })) as [TestGateway];
    expect(await statusOf(b, await begin(a))).toBe(404);
  });

  test('DELETE at one replica ends a session at every other', async () => {
    redis = await startRedis();
    const [a, b, c] = (await replicas(3)) as [TestGateway, TestGateway, TestGateway];
    const session = await begin(a);
    expect(await statusOf(b, session)).toBe(200);
    expect((await end(b, session)).status).toBe(204);
    await until(async () => (await statusOf(a, session)) === 404, 'the session to end');
    expect(await statusOf(b, session)).toBe(404);
    expect(await statusOf(c, session)).toBe(404);
  });

  test('a session that nobody uses expires everywhere, and one in use or listening does not', async () => {
    redis = await startRedis();
    const [a, b] = (await replicas(2, {}, 1500)) as [TestGateway, TestGateway];
    const [idle, used, listening] = [await begin(a), await begin(a), await begin(a)];
    const stream = await fetch(a.url, { headers: { ...listening, accept: 'text/event-stream' } });
    for (let round = 0; round < 12; round++) {
      expect(await statusOf(a, used)).toBe(200);
      const keys = [used, listening].map((session) => `mcp:oci-mcp-gateway:session:${session['mcp-session-id']}`);
      expect(await redis.command('EXISTS', ...keys)).toBe(2);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect(await statusOf(b, idle)).toBe(404);
    expect(await statusOf(b, used)).toBe(200);
    expect(await statusOf(b, listening)).toBe(200);
    await stream.body?.cancel();
  });

  test('log level, subscriptions and cancellation are known wherever the client calls next', async () => {
    redis = await startRedis();
    const server = keep(await startHttpServer('s'));
    const [a, b] = (await replicas(2, { backends: [{ name: 's', url: server.url }] })) as [TestGateway, TestGateway];
    for (const gateway of [a, b]) await gateway.waitFor('s', 'connected');
    const balancer = keep(await startRoundRobin([a.origin, b.origin]));
    const client = new Client({ name: 'test', version: '1.0.0' });
    const transport = new StreamableHTTPClientTransport(new URL(`${balancer.url}/mcp`));
    await client.connect(transport as never);
    const heard: string[] = [];
    client.fallbackNotificationHandler = async ({ method }) => void heard.push(method);
    const uri = (await client.listResources()).resources[0]?.uri ?? '';
    await client.subscribeResource({ uri });
    await client.setLoggingLevel('error');
    const key = `mcp:oci-mcp-gateway:session:${transport.sessionId}`;
    expect(await redis.command('HGET', key, 'level')).toBe('error');
    expect(await redis.command('HGET', key, `resource ${uri}`)).toBe('1');

    const headers = { 'mcp-session-id': transport.sessionId ?? '' };
    const slow = {
      jsonrpc: '2.0',
      id: 'slow',
      method: 'tools/call',
      params: { name: 's_slow', arguments: { ms: 9000 } },
    };
    const called = a.post(slow, headers);
    await until(() => server.seen.headers.length > 0, 'the call to begin');
    await new Promise((resolve) => setTimeout(resolve, 200));
    await b.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'slow' } }, headers);
    await until(() => server.seen.cancelled.length === 1, 'the call to be cancelled');
    await called;
    await client.close();
  });

  test('a child process tells only its own replica, which passes it on to where the client listens', async () => {
    redis = await startRedis();
    const backends = [{ name: 'notes', command: process.execPath, args: [notesServer] }];
    const [a, b] = (await replicas(2, { backends })) as [TestGateway, TestGateway];
    for (const gateway of [a, b]) await gateway.waitFor('notes', 'connected');
    const session = await begin(a);
    const stream = await fetch(b.url, { headers: { ...session, accept: 'text/event-stream' } });
    const request = (id: number, method: string, params: object) =>
      a.post({ jsonrpc: '2.0', id, method, params }, session).then((answer) => answer.json());
    expect(await request(1, 'resources/subscribe', { uri: 'note://only' })).toMatchObject({ result: {} });
    await request(2, 'tools/call', { name: 'notes_write' });
    const updated = { jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri: 'note://only' } };
    expect(await readEvents(stream).message()).toEqual(updated);
  });

  test('a session that makes room ends everywhere where it was opened, and is only forgotten where it was not', async () => {
    redis = await startRedis();
    const quiet = { debug() {}, info() {}, warn() {}, error() {} };
    const replica = () => {
      const config = { url: redis.url, allow_plain_text: false };
      const connection = new RedisConnection({ config, logger: quiet });
      const shared = new RedisSessions({ connection, gateway: 'small' });
      const onEvicted = (session: HttpSession) => sessions.evicted(session);
      const store = new MemorySessionStore<HttpSession>({ most: 2, onEvicted });
      const dispatcher = { sessionOpened() {}, sessionClosed() {}, sessionRestored() {} };
      const sessions: ClientSessions = new ClientSessions({ store, shared, dispatcher });
      shared.start(sessions);
      connection.start();
      keep({
        close: async () => {
          shared.close();
          connection.close();
          store.close();
        },
      });
      return sessions;
    };
    const [a, b] = [replica(), replica()];
    const begun = async (sessions: ClientSessions) =>
      (await sessions.open({ identity: anonymous }, { era: 'legacy', version: '2025-06-18', capabilities: {} })).id;
    const first = await begun(a);
    expect(await b.find(first, { identity: anonymous })).toBeDefined();
    const [second, third] = [await begun(b), await begun(b)];
    const count = async () => [...b.held(0)].map(({ id }) => id);
    expect(await count()).toEqual([second, third]);
    expect((await b.find(first, { identity: anonymous }))?.id).toBe(first);
    await until(async () => (await a.find(second, { identity: anonymous })) === undefined, 'the session to end');
    expect((await a.find(third, { identity: anonymous }))?.id).toBe(third);
  });
});

describeRedis('when the server is away', () => {
  test('known sessions go on, others are asked to wait, and what was missed is made good', async () => {
    redis = await startRedis();
    const [a, b] = (await replicas(2)) as [TestGateway, TestGateway];
    const [shared, known, deleted] = [await begin(a), await begin(a), await begin(a)];
    expect(await statusOf(b, deleted)).toBe(200);
    await redis.stop();
    await until(() => logged(a, down) && logged(b, down), 'the loss');
    expect(await stateOf(a)).toEqual({ status: 'down', reason: expect.stringMatching(/./) });
    expect((await fetch(`${a.origin}/ready`)).status).toBe(200);

    expect(await statusOf(a, known)).toBe(200);
    const started = Date.now();
    const refused = await b.post(ping, known);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect((await end(a, known)).status).toBe(503);
    expect(await statusOf(b, { 'mcp-session-id': 'no id' })).toBe(404);
    const opened = await begin(a);
    expect(await statusOf(a, opened)).toBe(200);
    expect(Date.now() - started).toBeLessThan(1900);

    // It has forgotten everything; the replicas have not.
    await redis.start();
    await until(async () => (await statusOf(b, known)) === 200, 'the sessions of the other replica');
    for (const session of [shared, opened]) expect(await statusOf(b, session)).toBe(200);
    expect((await end(b, deleted)).status).toBe(204);
    await until(async () => (await statusOf(a, deleted)) === 404, 'the session to end');
    expect(await stateOf(a)).toEqual({ status: 'connected' });
    for (const gateway of [a, b]) {
      expect(gateway.logs.filter(({ msg }) => msg === down)).toHaveLength(1);
      expect(gateway.logs.filter(({ msg }) => msg === 'shared state is connected')).toHaveLength(2);
    }
  });

  test('a gateway starts without it, serves, and joins the others when it comes', async () => {
    redis = await startRedis();
    await redis.stop();
    const a = keep(await startGateway({ state: { url: redis.url } }));
    const session = await begin(a);
    expect(await statusOf(a, session)).toBe(200);
    expect(await stateOf(a)).toEqual({ status: 'down', reason: 'cannot be reached (ECONNREFUSED)' });
    await redis.start();
    await until(() => logged(a, 'shared state is connected'), 'the connection');
    const [b] = (await replicas(1)) as [TestGateway];
    await until(async () => (await statusOf(b, session)) === 200, 'the session to be shared');
  });

  test('one that accepts connections and says nothing holds no request for longer than its time', async () => {
    redis = await startRedis();
    const [a, b] = (await replicas(2)) as [TestGateway, TestGateway];
    const session = await begin(a);
    redis.freeze();
    const started = Date.now();
    expect(await statusOf(a, session)).toBe(200);
    expect(Date.now() - started).toBeLessThan(1500);
    expect(await statusOf(b, session)).toBe(503);
    expect(Date.now() - started).toBeLessThan(4000);
    await until(() => logged(b, down), 'the loss');
    const again = Date.now();
    expect(await statusOf(b, session)).toBe(503);
    expect(Date.now() - again).toBeLessThan(1500);
    redis.thaw();
    await until(async () => (await statusOf(b, session)) === 200, 'the session', 15_000);
  });

  test('a replica that was cut off while a session ended learns of it when it is back', async () => {
    redis = await startRedis();
    const [a] = (await replicas(1)) as [TestGateway];
    const way = await startRelay(redis.port);
    const b = keep(await startGateway({ state: { url: `redis://127.0.0.1:${way.port}` } }));
    await until(() => logged(b, 'shared state is connected'), 'the connection');
    const session = await begin(a);
    expect(await statusOf(b, session)).toBe(200);
    await way.close();
    await until(() => logged(b, down), 'the loss');
    expect((await end(a, session)).status).toBe(204);
    expect(await statusOf(b, session)).toBe(200);
    keep(await startRelay(redis.port, way.port));
    await until(async () => (await statusOf(b, session)) === 404, 'the session to end');
    expect(await statusOf(a, session)).toBe(404);
  });

  test('choices made meanwhile are written down when it is back', async () => {
    redis = await startRedis();
    const [a, b] = (await replicas(2)) as [TestGateway, TestGateway];
    const session = await begin(a);
    await redis.stop();
    await until(() => logged(a, down), 'the loss');
    const set = { jsonrpc: '2.0', id: 2, method: 'logging/setLevel', params: { level: 'alert' } };
    expect((await a.post(set, session)).status).toBe(200);
    await redis.start();
    await until(async () => (await statusOf(b, session)) === 200, 'the session');
    const key = `mcp:oci-mcp-gateway:session:${session['mcp-session-id']}`;
    expect(await redis.command('HGET', key, 'level')).toBe('alert');
  });
});

describeRedis('the way to the server', () => {
  /** What the library gives the user of a cache. */
  const rules =
    '~mcp:* &mcp:* -@all +ping +hgetall +hset +hdel +del +pexpire +publish +subscribe +multi +exec +evalsha +eval +time +get +set +zadd +zrem +zcard +zremrangebyscore'.split(
      ' ',
    );

  test('takes a password that is read again when it is refused, and no more rights than the library gives', async () => {
    redis = await startRedis();
    await redis.command('ACL', 'SETUSER', 'mcp', 'on', '>first', ...rules);
    const directory = makeDirectory();
    const password_file = directory.write('password', 'first\n');
    const state = { url: redis.url, username: 'mcp', password_file };
    const limits = { client: { calls_per_minute: 1, burst: 1, concurrency: 1 } };
    const more = { state, limits, gateway_tools: { enabled: true } };
    const [a, b] = (await replicas(2, more)) as [TestGateway, TestGateway];
    const session = await begin(a);
    expect(await statusOf(b, session)).toBe(200);
    const call = { jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name: 'gateway_health' } };
    expect([(await a.post(call, session)).status, (await b.post(call, session)).status]).toEqual([200, 429]);
    const set = { jsonrpc: '2.0', id: 2, method: 'logging/setLevel', params: { level: 'error' } };
    expect((await b.post(set, session)).status).toBe(200);
    expect((await end(b, session)).status).toBe(204);
    await until(async () => (await statusOf(a, session)) === 404, 'the session to end');
    expect(a.logs.filter(({ level }) => level === 'warn')).toEqual([]);

    directory.write('password', 'second');
    await redis.command('ACL', 'SETUSER', 'mcp', 'resetpass', '>second');
    await redis.command('CLIENT', 'KILL', 'USER', 'mcp');
    await until(() => a.logs.filter(({ msg }) => msg === 'shared state is connected').length === 2, 'the new password');
    expect(JSON.stringify(a.logs)).not.toMatch(/first|second/);
    directory.remove();
  });

  test('says what is wrong with a password, and never what it is', async () => {
    redis = await startRedis();
    await redis.command('ACL', 'SETUSER', 'mcp', 'on', '>right', ...rules);
    const wrong = keep(await startGateway({ state: { url: redis.url, username: 'mcp', password: 's3cret' } }));
    const missing = keep(await startGateway({ state: { url: redis.url, username: 'mcp', password_file: '/none' } }));
    await until(() => logged(wrong, down) && logged(missing, down), 'the refusals');
    expect(await stateOf(wrong)).toEqual({ status: 'down', reason: 'answers WRONGPASS' });
    expect(await stateOf(missing)).toMatchObject({ reason: expect.stringContaining('file /none cannot be read') });
    expect(JSON.stringify(wrong.logs)).not.toContain('s3cret');
  });

  test('is TLS with a certificate that is trusted, or none', async () => {
    redis = await startRedis({ tls: true });
    const untrusting = keep(await startGateway({ state: { url: redis.url } }));
    await until(() => logged(untrusting, down), 'the refusal');
    expect(await stateOf(untrusting)).toMatchObject({
      reason: expect.stringMatching(/^cannot be reached \(.*(SIGNATURE|CERT|ISSUER)/),
    });

    const trusting = await startProcess({ state: { url: redis.url } }, { NODE_EXTRA_CA_CERTS: redis.caFile });
    await until(() => trusting.output().includes('shared state is connected'), 'the connection');
    const other = redis.url.replace('localhost', '127.0.0.1');
    const elsewhere = await startProcess({ state: { url: other } }, { NODE_EXTRA_CA_CERTS: redis.caFile });
    await until(() => elsewhere.output().includes(down), 'the refusal');
    expect(elsewhere.output()).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
  });
});

describeRedis('a rolling restart', () => {
  test('goes unnoticed by a client that calls without a pause', async () => {
    redis = await startRedis();
    const server = keep(await startHttpServer('s'));
    const config = { state: { url: redis.url }, backends: [{ name: 's', url: server.url }] };
    const start = async () => {
      const gateway = await startProcess(config);
      await until(() => gateway.output().includes('shared state is connected'), 'the connection');
      return gateway;
    };
    const [a, b] = [await start(), await start()];
    const balancer = keep(await startRoundRobin([a.origin, b.origin]));
    const client = new Client({ name: 'test', version: '1.0.0' });
    const transport = new StreamableHTTPClientTransport(new URL(`${balancer.url}/mcp`));
    await client.connect(transport as never);
    const session = transport.sessionId;
    const call = async (text: string) =>
      expect(textOf(await client.callTool({ name: 's_echo', arguments: { text } }))).toBe(`s: ${text}`);
    for (let number = 0; number < 10; number++) await call(`${number}`);
    expect(new Set(balancer.seen.map(({ target }) => target))).toEqual(new Set([a.origin, b.origin]));

    // Each replica leaves the balancer before it ends, as Kubernetes does it.
    const c = await start();
    balancer.targets = [b.origin, c.origin];
    a.process.kill('SIGTERM');
    expect((await a.ended).code).toBe(0);
    for (let number = 0; number < 10; number++) await call(`${number}`);
    const d = await start();
    balancer.targets = [c.origin, d.origin];
    b.process.kill('SIGKILL');
    await b.ended;
    for (let number = 0; number < 10; number++) await call(`${number}`);
    // Neither of these was there when the session began.
    expect(transport.sessionId).toBe(session);
    expect(balancer.seen.filter(({ status }) => status >= 400)).toEqual([]);
    await transport.terminateSession();
    for (const { origin } of [c, d]) {
      const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
      const body = JSON.stringify(ping);
      const answer = () =>
        fetch(`${origin}/mcp`, { method: 'POST', headers: { ...headers, 'mcp-session-id': session ?? '' }, body });
      await until(async () => (await answer()).status === 404, 'the session to end');
    }
    await client.close();
  }, 60_000);
});
