import { type GatewayConfigInput, parseGatewayConfig } from '../../../gateway-runtime/src/config/index.js';
import type { Limits } from '../../../gateway-runtime/src/config/limits.js';
import type { Admission, LimitedCall } from '../../../gateway-runtime/src/contracts/rate-limiter.js';
import { RedisConnection } from '../../../gateway-runtime/src/state/redis-connection.js';
import { RedisLimiter } from '../../../gateway-runtime/src/state/redis-limiter.js';
import { type HoldingServer, startHolding } from '../../helpers/gateway-holding.js';
import { startGateway, type TestGateway, until } from '../../helpers/gateway-instance.js';
import { describeRedis, startRedis, type TestRedis } from '../../helpers/redis.js';

let redis: TestRedis;
let open: { close(): unknown }[] = [];

function keep<T extends { close(): unknown }>(resource: T): T {
  open.push(resource);
  return resource;
}

afterEach(async () => {
  for (const resource of open.reverse()) await resource.close();
  open = [];
  await redis?.stop();
});

const isConnected = ({ logs }: TestGateway) => logs.some(({ msg }) => msg === 'shared state is connected');

/** Replicas of one gateway in front of a backend `b` that holds calls. */
async function replicas(limits: GatewayConfigInput['limits'], config: GatewayConfigInput = {}) {
  const server: HoldingServer = keep(await startHolding('b'));
  const start = async () =>
    keep(
      await startGateway({
        backends: [{ name: 'b', url: server.url }],
        state: { url: redis.url },
        limits,
        // A stateless gateway answers requests without a session.
        stateless: true,
        ...config,
      }),
    );
  const gateways = [await start(), await start()] as [TestGateway, TestGateway];
  for (const gateway of gateways) {
    await gateway.waitFor('b', 'connected');
    await until(() => isConnected(gateway), 'the connection');
  }
  return { server, gateways };
}

const call = async (gateway: TestGateway, name: string) => {
  const answer = await gateway.post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name } });
  await answer.text();
  return answer.status;
};

const count = (statuses: readonly number[], wanted: number) => statuses.filter((status) => status === wanted).length;

describeRedis('limits that replicas share', () => {
  beforeEach(async () => {
    redis = await startRedis();
  });

  test('two gateways let exactly the burst through together', async () => {
    const limits = { tools: { b_quick: { calls_per_minute: 1, burst: 30 } } };
    const { gateways, server } = await replicas(limits);
    const statuses = await Promise.all(
      Array.from({ length: 100 }, (_, number) => call(gateways[number % 2] as TestGateway, 'b_quick')),
    );
    expect([count(statuses, 200), count(statuses, 429)]).toEqual([30, 70]);
    expect(server.calls).toBe(30);
  });

  test('two gateways hold back what is too much at once, and a call that ends makes room at both', async () => {
    const { gateways, server } = await replicas({ backends: { b: { concurrency: 4 } } });
    const held = [0, 1, 0, 1].map((number) => call(gateways[number] as TestGateway, 'b_hold'));
    await until(() => server.held === 4, 'four calls');
    expect([await call(gateways[0], 'b_quick'), await call(gateways[1], 'b_quick')]).toEqual([429, 429]);
    server.letGo();
    expect(await Promise.all(held)).toEqual([200, 200, 200, 200]);
    for (const gateway of gateways) {
      await until(async () => (await call(gateway, 'b_quick')) === 200, 'room for another call');
    }
  });

  test('a server that is gone fails no call: each gateway counts by itself, and together again when it is back', async () => {
    const { gateways } = await replicas({ client: { calls_per_minute: 1, burst: 3 } });
    const both = async (times: number) => {
      const statuses: number[] = [];
      for (let time = 0; time < times; time++) {
        for (const gateway of gateways) statuses.push(await call(gateway, 'b_quick'));
      }
      return [count(statuses, 200), count(statuses, 429)];
    };
    expect(await both(2)).toEqual([3, 1]);
    await redis.stop();
    expect(await both(4)).toEqual([6, 2]);
    for (const { logs } of gateways) {
      expect(logs.filter(({ level }) => level === 'warn')).toHaveLength(1);
    }
    await redis.start();
    for (const gateway of gateways) {
      await until(() => gateway.logs.filter(({ msg }) => msg === 'shared state is connected').length === 2, 'it again');
    }
    expect(await both(2)).toEqual([3, 1]);
  });

  test('a server that does not answer holds up one call for a moment, and the others not at all', async () => {
    const { gateways } = await replicas({ client: { calls_per_minute: 1000, concurrency: 100 } });
    expect(await call(gateways[0], 'b_quick')).toBe(200);
    redis.freeze();
    const started = performance.now();
    expect(await call(gateways[0], 'b_quick')).toBe(200);
    expect(performance.now() - started).toBeLessThan(800);
    const after = performance.now();
    for (let time = 0; time < 10; time++) expect(await call(gateways[0], 'b_quick')).toBe(200);
    expect(performance.now() - after).toBeLessThan(800);
    redis.thaw();
  });

  test('what the server keeps names nobody, and goes away by itself', async () => {
    const { gateways } = await replicas({ client: { calls_per_minute: 6000, concurrency: 9 } }, { name: 'edge' });
    expect(await call(gateways[0], 'b_quick')).toBe(200);
    const keys = (await redis.command('KEYS', '*')) as string[];
    for (const key of keys) expect(key).toMatch(/^mcp:edge:limit:(bucket|calls):[\w-]{43}$/);
    await until(async () => ((await redis.command('KEYS', '*')) as string[]).length === 0, 'no key to be left');
  });
});

describeRedis('leases of calls in flight', () => {
  const limits = parseGatewayConfig({ limits: { client: { concurrency: 2 } } }).limits as Limits;
  const one: LimitedCall = { identity: { key: 'ada', clientId: 'ada', scopes: new Set() } };

  beforeEach(async () => {
    redis = await startRedis();
  });

  /** A limiter of one replica. */
  async function replica(leaseMs: number) {
    const config = { url: redis.url, allow_plain_text: false };
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    const connection = keep(new RedisConnection({ config, logger }));
    connection.start();
    await until(() => connection.fault === undefined, 'the connection');
    return { connection, limiter: new RedisLimiter({ limits, connection, gateway: 'g', leaseMs }) };
  }

  const begin = async ({ limiter }: { limiter: RedisLimiter }): Promise<Admission> => limiter.admit(one);

  test('hold as long as the call, and lapse when the replica is gone', async () => {
    const [a, b] = [await replica(300), await replica(300)];
    const [first, second] = [await begin(a), await begin(a)];
    expect([first.admitted, second.admitted]).toEqual([true, true]);
    // Longer than a lease lasts that nobody renews.
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await begin(b)).toMatchObject({ admitted: false, limit: 'limits.client' });
    if (first.admitted) for (let time = 0; time < 3; time++) first.release();
    await until(async () => (await begin(b)).admitted, 'room for one');
    expect((await begin(b)).admitted).toBe(false);
    a.connection.close();
    await until(async () => (await begin(b)).admitted, 'the lease of a replica that is gone to lapse', 2000);
  });
});
