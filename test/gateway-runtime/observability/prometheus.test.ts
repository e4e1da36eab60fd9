import type { GatewayConfigInput } from '../../../gateway-runtime/src/config/index.js';
import { bounds } from '../../../gateway-runtime/src/observability/durations.js';
import { startCli } from '../../helpers/gateway-cli.js';
import { makeDirectory } from '../../helpers/gateway-directory.js';
import { startGateway, type TestGateway, until } from '../../helpers/gateway-instance.js';
import { startHttpServer, startStatelessServer } from '../../helpers/gateway-servers.js';
import { parseMetrics } from '../../helpers/prometheus-text.js';

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close();
});

async function start(config: GatewayConfigInput): Promise<TestGateway> {
  const gateway = await startGateway({ stateless: true, ...config });
  open.push(gateway);
  for (const { name } of config.backends ?? []) await gateway.waitFor(name as string, 'connected');
  return gateway;
}

const callOf = (name: string, args: object = {}) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name, arguments: args },
});

async function scrape(gateway: Pick<TestGateway, 'origin'>, headers: Record<string, string> = {}) {
  const answer = await fetch(`${gateway.origin}/metrics`, { headers });
  expect(answer.status).toBe(200);
  const isOpenMetrics = answer.headers.get('content-type')?.startsWith('application/openmetrics-text') === true;
  return parseMetrics(await answer.text(), isOpenMetrics);
}

test('the page says which limits held calls back', async () => {
  const gateway = await start({
    gateway_tools: { enabled: true },
    limits: { client: { calls_per_minute: 1, burst: 1 } },
  });
  for (let n = 0; n < 3; n++) await gateway.post(callOf('gateway_health'));
  const page = await scrape(gateway);
  expect(page.valueOf('mcp_gateway_rate_limited_total', { limit: 'limits.client' })).toBe(2);
});

test('the page says what was called, and how it ended', async () => {
  const [a, b] = [await startStatelessServer('a'), await startHttpServer('b', { json: true })];
  open.push(a, b);
  const gateway = await start({
    auth: {
      enabled: true,
      static_tokens: { t: { client_id: 'c', scopes: [] } },
      tool_scopes: { a_work: ['admin'], '*': [] },
    },
    backends: [
      { name: 'a', url: a.url },
      { name: 'b', url: b.url },
    ],
  });
  const headers = { authorization: 'Bearer t' };
  for (let n = 0; n < 7; n++) await gateway.post(callOf('a_echo', { text: 'x' }), headers);
  for (let n = 0; n < 3; n++) await gateway.post(callOf('a_fail'), headers);
  for (let n = 0; n < 2; n++) await gateway.post(callOf('a_work'), headers);
  await gateway.post(callOf('b_slow', { ms: 120 }), headers);
  await b.close();
  await gateway.post(callOf('b_echo', { text: 'x' }), headers);
  await gateway.waitFor('b', 'down');
  for (let n = 0; n < 4; n++) await gateway.post(callOf('a_echo'));
  for (let n = 0; n < 5; n++) await gateway.post(callOf('a_echo'), { authorization: 'Bearer wrong' });
  const page = await scrape(gateway, headers);
  const calls = (backend: string, outcome: string) => page.valueOf('mcp_gateway_calls_total', { backend, outcome });
  expect([calls('a', 'ok'), calls('a', 'error'), calls('a', 'denied')]).toEqual([7, 3, 2]);
  expect([calls('b', 'ok'), calls('b', 'unavailable')]).toEqual([1, 1]);
  const took = (part: string, labels: object) =>
    page.valueOf(`mcp_gateway_call_duration_seconds_${part}`, { ...labels });
  // What was denied or never answered took no time.
  expect([took('count', { backend: 'a' }), took('count', { backend: 'b' })]).toEqual([10, 1]);
  expect(took('sum', { backend: 'b' })).toBeGreaterThanOrEqual(0.12);
  const buckets = [...bounds.map(String), '+Inf'].map((le) => took('bucket', { backend: 'b', le }));
  expect(buckets).toEqual([...buckets].sort());
  expect([took('bucket', { backend: 'b', le: '0.1' }), took('bucket', { backend: 'b', le: '+Inf' })]).toEqual([0, 1]);
  expect(page.valueOf('mcp_gateway_backend_up', { backend: 'a' })).toBe(1);
  expect(page.valueOf('mcp_gateway_backend_up', { backend: 'b' })).toBe(0);
  const states = page.series.filter(
    ({ name, labels }) => name === 'mcp_gateway_backend_state' && labels.backend === 'b',
  );
  expect(Object.fromEntries(states.map(({ labels, value }) => [labels.state, value]))).toEqual({
    ...{ connecting: 0, connected: 0, degraded: 0, down: 1 },
  });
  expect(page.valueOf('mcp_gateway_http_requests_total', { method: 'POST', status: '401' })).toBe(9);
  expect(page.valueOf('mcp_gateway_http_requests_total', { method: 'POST', status: '403' })).toBe(2);
  const failures = (reason: string) => page.valueOf('mcp_gateway_auth_failures_total', { reason });
  expect(['missing_token', 'invalid_token', 'insufficient_scope', 'unavailable'].map(failures)).toEqual([4, 5, 0, 0]);
  expect(page.valueOf('mcp_gateway_calls_in_flight')).toBe(0);
  expect(page.valueOf('mcp_gateway_config_last_reload_successful')).toBe(1);
  expect(page.valueOf('mcp_gateway_audit_dropped_total')).toBe(0);
  expect(page.valueOf('process_resident_memory_bytes')).toBeGreaterThan(1e6);
  expect(page.types.get('nodejs_eventloop_lag_p99_seconds')).toBe('gauge');
});

test('sessions and calls that go on are counted while they do', async () => {
  const server = await startHttpServer('s');
  open.push(server);
  const gateway = await start({ stateless: false, backends: [{ name: 's', url: server.url }] });
  const clients = [await gateway.connect(), await gateway.connect()];
  const calls = clients.map((client) => client.callTool({ name: 's_slow', arguments: { ms: 600 } }));
  await until(async () => (await scrape(gateway)).valueOf('mcp_gateway_calls_in_flight') === 2, 'two calls');
  expect((await scrape(gateway)).valueOf('mcp_gateway_sessions')).toBe(2);
  await Promise.all(calls);
  const page = await scrape(gateway);
  expect(page.valueOf('mcp_gateway_calls_in_flight')).toBe(0);
  expect(page.valueOf('mcp_gateway_calls_total', { backend: 's', outcome: 'ok' })).toBe(2);
});

test('both formats say the same, in whichever order they are asked for', async () => {
  const server = await startStatelessServer('s');
  open.push(server);
  const gateway = await start({ backends: [{ name: 's', url: server.url }] });
  await gateway.post(callOf('s_echo', { text: 'x' }));
  const accept = 'application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';
  const pages = [];
  for (const headers of [{ accept }, {}, { accept }, {}] as Record<string, string>[]) {
    pages.push(await scrape(gateway, headers));
  }
  for (const page of pages) expect(page.valueOf('mcp_gateway_calls_total', { backend: 's' })).toBe(1);
  expect(pages.map(({ types }) => types.get('mcp_gateway_calls'))).toEqual([
    'counter',
    undefined,
    'counter',
    undefined,
  ]);
  expect(pages.map(({ types }) => types.get('mcp_gateway_calls_total'))).toEqual([
    ...[undefined, 'counter', undefined, 'counter'],
  ]);
});

describe('nobody makes the page grow', () => {
  test.each([
    [300, false],
    [3000, true],
  ])('with %d names of tools and methods that do not exist, tools: %s', async (names, tools) => {
    const server = await startStatelessServer('s');
    open.push(server);
    const gateway = await start({ prometheus: { tools }, backends: [{ name: 's', url: server.url }] });
    await gateway.post(callOf('s_echo', { text: 'x' }));
    const before = (await scrape(gateway)).series.length;
    const post = async (n: number) => {
      const message = n % 2 ? callOf(`s_none${n}`) : { ...callOf('s_echo'), method: `none/${n}` };
      await (await gateway.post(message, { 'x-request-id': `r${n}` })).arrayBuffer();
    };
    for (let n = 0; n < names; n += 50) await Promise.all(Array.from({ length: 50 }, (_, index) => post(n + index)));
    await fetch(gateway.url, { method: 'PATCH' });
    const page = await scrape(gateway);
    // New are the method PATCH, GET as what scraped before, and their durations.
    expect(page.series.length - before).toBeLessThan(60);
    expect(JSON.stringify(page.series)).not.toMatch(/none|PATCH/);
    const counted = page.series.filter(({ name }) => name === 'mcp_gateway_tool_calls_total');
    expect(counted.map(({ labels, value }) => [labels, value])).toEqual(
      tools ? [[{ backend: 's', tool: 's_echo', outcome: 'ok' }, 1]] : [],
    );
  });
});

describe('who may read it', () => {
  const auth = { enabled: true, static_tokens: { t: { client_id: 'c', scopes: [] } } };

  test('callers with a token, and nobody else', async () => {
    const gateway = await start({ auth });
    const statusOf = async (headers: Record<string, string>, method = 'GET') =>
      (await fetch(`${gateway.origin}/metrics`, { method, headers })).status;
    expect(await statusOf({})).toBe(401);
    expect(await statusOf({ authorization: 'Bearer x' })).toBe(401);
    expect(await statusOf({ authorization: 'Bearer t' })).toBe(200);
    expect(await statusOf({ authorization: 'Bearer t' }, 'POST')).toBe(405);
    expect(await statusOf({ authorization: 'Bearer t', origin: 'https://evil.example' })).toBe(403);
  });

  test('nobody when nothing is counted', async () => {
    const gateway = await start({ enable_metrics: false });
    expect((await fetch(`${gateway.origin}/metrics`)).status).toBe(404);
  });

  test('everybody on a port of its own, which serves nothing else', async () => {
    const directory = makeDirectory();
    const config = directory.write('gateway.json', { auth, prometheus: { port: 0 } });
    const gateway = await startCli(['--config', config]);
    const port = () => /"host":"127.0.0.1","metrics_port":(\d+)/.exec(gateway.output())?.[1];
    await until(() => port() !== undefined, 'the port');
    const origin = `http://127.0.0.1:${port()}`;
    expect((await scrape({ origin })).valueOf('mcp_gateway_build_info')).toBe(1);
    expect((await fetch(`${gateway.origin}/metrics`)).status).toBe(401);
    for (const path of ['/mcp', '/ready', '/']) expect((await fetch(origin + path)).status).toBe(404);
    gateway.process.kill('SIGTERM');
    expect(await gateway.ended).toMatchObject({ code: 0, stderr: '' });
    directory.remove();
  });
});
