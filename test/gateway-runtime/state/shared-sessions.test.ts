import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { GatewayConfigInput } from '../../../gateway-runtime/src/config/index.js';
import { startGateway, type TestGateway, until } from '../../helpers/gateway-instance.js';
import { startHttpServer } from '../../helpers/gateway-servers.js';
import { describeRedis, startRedis, type TestRedis } from '../../helpers/redis.js';
import { startRoundRobin } from '../../helpers/round-robin.js';

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
    expect(fields).toEqual(['owner', expect.stringMatching(/^[\w-]{43}$/), 'version', '2025-06-18']);
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
    const [a, b] = (await replicas(2, {}, 600)) as [TestGateway, TestGateway];
    const [idle, used, listening] = [await begin(a), await begin(a), await begin(a)];
    const stream = await fetch(a.url, { headers: { ...listening, accept: 'text/event-stream' } });
    for (let round = 0; round < 12; round++) {
      expect(await statusOf(a, used)).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 150));
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

    const controller = new AbortController();
    const calls = [0, 1].map(() =>
      client.callTool({ name: 's_slow', arguments: { ms: 5000 } }, undefined, { signal: controller.signal }),
    );
    await until(() => balancer.seen.length > 0, 'the calls to begin');
    await new Promise((resolve) => setTimeout(resolve, 200));
    controller.abort();
    for (const call of calls) await expect(call).rejects.toThrow();
    await until(() => server.seen.cancelled.length === 2, 'both calls to be cancelled');
    await client.close();
  });
});
