import type { GatewayConfigInput } from '../../../gateway-runtime/src/config/index.js';
import { bounds } from '../../../gateway-runtime/src/observability/durations.js';
import { startGateway, type TestGateway, until } from '../../helpers/gateway-instance.js';
import { startStatelessServer } from '../../helpers/gateway-servers.js';
import { startCollector, type TestCollector } from '../../helpers/otlp-collector.js';

const key = 'K3Y-0F-THE-DOMAIN';

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close();
});

async function start(
  otlp: object = { data_key: key },
  config: GatewayConfigInput = {},
): Promise<{ gateway: TestGateway; collector: TestCollector }> {
  const [collector, server] = [await startCollector(), await startStatelessServer('s')];
  const gateway = await startGateway({
    ...{ name: 'edge', stateless: true, backends: [{ name: 's', url: server.url }], ...config },
    otlp_metrics: { otlp_url: collector.metricsUrl, interval: 1, ...otlp },
  });
  open.push(collector, server, gateway);
  await gateway.waitFor('s', 'connected');
  return { gateway, collector };
}

const call = (gateway: TestGateway, name: string, args: object = {}) =>
  gateway.post({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name, arguments: { ...args, text: 's3cret' } },
  });

const durations = 'mcp.server.operation.duration';

test('calls become a histogram that goes on, by backend and by what went wrong', async () => {
  const { gateway, collector } = await start();
  for (let n = 0; n < 5; n++) await call(gateway, 's_echo');
  await call(gateway, 's_fail');
  await call(gateway, 's_slow', { ms: 60 });
  const counted = () => collector.points.filter(({ metric }) => metric === durations);
  await until(() => counted().some(({ count }) => count === 6), 'all calls');
  await call(gateway, 's_echo');
  await gateway.close();
  const common = {
    ...{ 'mcp.method.name': 'tools/call', 'gen_ai.operation.name': 'execute_tool', 'mcp.gateway.backend': 's' },
  };
  const [good, failed] = counted().slice(-2);
  expect(good).toMatchObject({ unit: 's', temporality: 2, count: 7, attributes: common });
  expect(good?.attributes).toEqual(common);
  expect(failed).toMatchObject({ count: 1, attributes: { ...common, 'error.type': 'tool_error' } });
  expect(good?.explicitBounds).toEqual(bounds);
  expect(good?.bucketCounts?.reduce((sum, each) => sum + each)).toBe(7);
  expect(good?.bucketCounts?.[bounds.indexOf(0.05) + 1]).toBeGreaterThanOrEqual(1);
  expect(good?.sum).toBeGreaterThanOrEqual(0.06);
  expect(good?.resource).toMatchObject({ 'service.name': 'edge', 'service.version': '1.0.0' });
  const last = (metric: string) => collector.points.filter((point) => point.metric === metric).at(-1);
  expect(last('mcp.gateway.backend.up')).toMatchObject({ asDouble: 1, attributes: { 'mcp.gateway.backend': 's' } });
  expect(last('mcp.gateway.sessions')).toMatchObject({ asDouble: 0, unit: '{session}' });
  expect(last('mcp.gateway.requests.in_flight')?.asDouble).toBe(0);
  expect(new Set(collector.headers.map(({ authorization }) => authorization))).toEqual(new Set([`dataKey ${key}`]));
  expect(collector.bodies.join()).not.toMatch(/s3cret|K3Y/);
  expect(JSON.stringify(gateway.logs)).not.toMatch(/s3cret|K3Y/);
});

test('a key that is refused is read again, and an outage is logged once', async () => {
  const { gateway, collector } = await start();
  collector.accepts = 'dataKey other';
  await until(() => collector.headers.length > 2, 'attempts');
  collector.accepts = undefined;
  await until(() => gateway.logs.some(({ msg }) => msg === 'OTLP metrics are sent again'), 'the end of it');
  const lines = gateway.logs.filter(({ msg }) => /OTLP metrics/.test(String(msg)));
  expect(lines.map(({ msg, reason }) => [msg, reason])).toEqual([
    ['OTLP metrics cannot be sent; trying again', 'the collector answered HTTP 401; it refuses the data key'],
    ['OTLP metrics are sent again', undefined],
  ]);
});

test('a collector that never answers holds neither calls up nor the end', async () => {
  const { gateway, collector } = await start();
  collector.answer = 'nothing';
  await until(() => collector.headers.length > 0, 'an attempt');
  const began = performance.now();
  for (let n = 0; n < 20; n++) expect((await call(gateway, 's_echo')).status).toBe(200);
  expect(performance.now() - began).toBeLessThan(2000);
  const ending = performance.now();
  await gateway.close();
  expect(performance.now() - ending).toBeLessThan(4500);
});

test('nothing is sent when nothing is counted', async () => {
  const { gateway, collector } = await start({ data_key: key }, { enable_metrics: false });
  await call(gateway, 's_echo');
  await gateway.close();
  expect(collector.bodies).toEqual([]);
});
