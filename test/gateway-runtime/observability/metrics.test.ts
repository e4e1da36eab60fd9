import { metricIngestion } from '../../../gateway-runtime/src/auth/oci/ingestion.js';
import { instancePrincipal } from '../../../gateway-runtime/src/auth/oci/instance-principal.js';
import { endpointOf } from '../../../gateway-runtime/src/auth/oci/region.js';
import { RequestSigner } from '../../../gateway-runtime/src/auth/oci/request-signer.js';
import type { GatewayConfigInput } from '../../../gateway-runtime/src/config/index.js';
import { CallMetrics } from '../../../gateway-runtime/src/observability/call-metrics.js';
import { MetricsPublisher } from '../../../gateway-runtime/src/observability/metrics-publisher.js';
import { makeDirectory } from '../../helpers/gateway-directory.js';
import { startGateway, type TestGateway, textOf, until } from '../../helpers/gateway-instance.js';
import { type Listening, startHttpServer } from '../../helpers/gateway-servers.js';
import { startInstance } from '../../helpers/oci-identity.js';
import { startMonitoring, type TestMonitoring } from '../../helpers/oci-monitoring.js';
import { makeKeyPair, makeSessionToken } from '../../helpers/oci-signature.js';

const { publicKey, privateKey } = makeKeyPair();
const principal = {
  OCI_RESOURCE_PRINCIPAL_VERSION: '2.2',
  OCI_RESOURCE_PRINCIPAL_RPST: makeSessionToken(),
  OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM: privateKey,
};
const compartment_id = 'ocid1.compartment.oc1..metrics';

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close();
});

function keep<T extends { close(): Promise<unknown> }>(resource: T): T {
  open.push(resource);
  return resource;
}

async function startPublishing(
  config: GatewayConfigInput,
  env: Record<string, string> = principal,
): Promise<{ gateway: TestGateway; monitoring: TestMonitoring }> {
  const monitoring = keep(await startMonitoring(() => publicKey));
  const host = { env: { MCP_GATEWAY_MONITORING_ENDPOINT: monitoring.url, ...env }, kill: () => {} };
  // Nothing is published before the gateway ends, unless a test asks for it.
  const metrics = { compartment_id, interval: 3600 };
  const gateway = keep(await startGateway({ metrics, ...config }, { host }));
  return { gateway, monitoring };
}

const logged = ({ logs }: TestGateway, level: string) =>
  logs.filter((line) => line.level === level && /^metrics/.test(String(line.msg)));

test('a known series of calls gives exactly these points, the last ones when the gateway ends', async () => {
  const docs = keep(await startHttpServer('docs'));
  const dead: Listening = keep(await startHttpServer('dead'));
  const { gateway, monitoring } = await startPublishing({
    name: 'edge',
    metrics: { compartment_id, namespace: 'team_mcp', resource_group: 'frankfurt', interval: 3600 },
    auth: {
      enabled: true,
      static_tokens: { t: { client_id: 'c', scopes: [] } },
      tool_scopes: { docs_slow: ['admin'], '*': [] },
    },
    backends: [
      { name: 'docs', url: docs.url },
      { name: 'dead', url: dead.url },
      { name: 'off', url: 'http://127.0.0.1:1/mcp', enabled: false },
    ],
  });
  for (const name of ['docs', 'dead']) await gateway.waitFor(name, 'connected');
  const client = await gateway.connect({ requestInit: { headers: { authorization: 'Bearer t' } } });
  const call = (name: string, args: object = {}) => client.callTool({ name, arguments: { ...args } });
  for (let count = 0; count < 3; count++) await call('docs_echo', { text: 'x' });
  expect((await call('docs_fail')).isError).toBe(true);
  expect((await call('docs_echo')).isError).toBe(true);
  await expect(call('docs_slow', { ms: 1 })).rejects.toThrow();
  await expect(call('docs_nothing')).rejects.toThrow('unknown tool');
  await dead.close();
  await gateway.waitFor('dead', 'down');
  expect(textOf(await call('dead_echo', { text: 'x' }))).toContain('"dead" is not connected');
  expect(monitoring.requests).toEqual([]);
  await gateway.close();

  expect(monitoring.faults).toEqual([]);
  const metrics = monitoring.requests.flat();
  const values = Object.fromEntries(
    metrics.map(({ name, dimensions: { backend }, datapoints }) => [
      backend === undefined ? name : `${backend} ${name}`,
      datapoints.map(({ value }) => value),
    ]),
  );
  expect(values).toEqual({
    backends_up: [1],
    backends_down: [1],
    sessions: [1],
    'docs calls': [5],
    'docs errors': [2],
    'docs unavailable': [0],
    'docs denied': [1],
    'docs limited': [0],
    'docs backend_up': [1],
    'docs latency_p50': [expect.any(Number)],
    'docs latency_p99': [expect.any(Number)],
    'dead calls': [1],
    'dead errors': [1],
    'dead unavailable': [1],
    'dead denied': [0],
    'dead limited': [0],
    'dead backend_up': [0],
  });
  for (const { namespace, compartmentId, resourceGroup, dimensions } of metrics) {
    expect({ namespace, compartmentId, resourceGroup }).toEqual({
      ...{ namespace: 'team_mcp', compartmentId: compartment_id, resourceGroup: 'frankfurt' },
    });
    expect(dimensions.gateway).toBe('edge');
  }
});

test('latency is measured in milliseconds', async () => {
  const server = keep(await startHttpServer('s'));
  const { gateway, monitoring } = await startPublishing({ backends: [{ name: 's', url: server.url }] });
  await gateway.waitFor('s', 'connected');
  const client = await gateway.connect();
  for (const ms of [1, 1, 300]) await client.callTool({ name: 's_slow', arguments: { ms } });
  await gateway.close();
  expect(monitoring.valuesOf('latency_p50', 's')[0]).toBeLessThan(150);
  expect(monitoring.valuesOf('latency_p99', 's')[0]).toBeGreaterThan(290);
  expect(monitoring.valuesOf('latency_p99', 's')[0]).toBeLessThan(600);
});

test('points come every interval, each with what happened since the one before', async () => {
  const server = keep(await startHttpServer('s'));
  const { gateway, monitoring } = await startPublishing({
    metrics: { compartment_id, interval: 1 },
    backends: [{ name: 's', url: server.url }],
  });
  await gateway.waitFor('s', 'connected');
  const client = await gateway.connect();
  const echo = () => client.callTool({ name: 's_echo', arguments: { text: 'x' } });
  await echo();
  await echo();
  await until(() => monitoring.valuesOf('calls', 's').includes(2), 'the first points');
  const points = monitoring.requests.length;
  await until(() => monitoring.requests.length > points, 'the next points');
  await echo();
  await gateway.close();
  const calls = monitoring.valuesOf('calls', 's');
  expect(calls.reduce((sum, value) => sum + value, 0)).toBe(3);
  expect(calls.at(-1)).toBe(1);
  expect(calls).toContain(0);
  expect(monitoring.valuesOf('latency_p99', 's').length).toBeLessThan(calls.length);
  expect(monitoring.faults).toEqual([]);
});

test('more than 50 streams take several requests', async () => {
  const { gateway, monitoring } = await startPublishing({
    name: 'x'.repeat(300),
    backends: Array.from({ length: 20 }, (_, index) => ({ name: `b${index}`, url: 'http://127.0.0.1:1/mcp' })),
  });
  await gateway.close();
  expect(monitoring.requests.map((metrics) => metrics.length)).toEqual([50, 50, 23]);
  expect(monitoring.faults).toEqual([]);
  expect(monitoring.valuesOf('backends_down')).toEqual([20]);
});

test('enable_metrics: false switches all of it off', async () => {
  const { gateway, monitoring } = await startPublishing({
    enable_metrics: false,
    metrics: { compartment_id, interval: 1 },
  });
  await new Promise((resolve) => setTimeout(resolve, 1200));
  await gateway.close();
  expect(monitoring.asked).toBe(0);
});

describe('when OCI does not take them', () => {
  test.each([
    [401, '; no policy allows this identity to use metrics in the compartment, or it does not exist'],
    [404, '; no policy allows this identity to use metrics in the compartment, or it does not exist'],
    [429, ''],
    [500, ''],
    [503, ''],
  ])('HTTP %d is logged once, and nothing is lost', async (status, hint) => {
    const server = keep(await startHttpServer('s'));
    const { gateway, monitoring } = await startPublishing({
      metrics: { compartment_id, interval: 1 },
      backends: [{ name: 's', url: server.url }],
    });
    monitoring.answer = status;
    await gateway.waitFor('s', 'connected');
    const client = await gateway.connect();
    const echo = () => client.callTool({ name: 's_echo', arguments: { text: 'x' } });
    await echo();
    await until(() => monitoring.asked >= (status === 401 ? 3 : 2), 'two attempts', 15_000);
    await echo();
    monitoring.answer = 200;
    await gateway.close();
    expect(monitoring.valuesOf('calls', 's').reduce((sum, value) => sum + value, 0)).toBe(2);
    expect(logged(gateway, 'warn').map(({ reason, msg }) => ({ reason, msg }))).toEqual([
      {
        reason: `OCI Monitoring answered HTTP ${status} (SomethingWrong)${hint}`,
        msg: 'metrics cannot be sent; trying again',
      },
    ]);
    expect(logged(gateway, 'info').map(({ msg }) => msg)).toEqual(['metrics are sent again']);
    expect(JSON.stringify(gateway.logs)).not.toContain('s3cret');
  });

  test('what it will never take is not sent again', async () => {
    const { gateway, monitoring } = await startPublishing({ metrics: { compartment_id, interval: 1 } });
    monitoring.answer = 400;
    await until(() => monitoring.asked === 1, 'the first attempt');
    monitoring.answer = 200;
    await until(() => monitoring.asked === 2, 'the second');
    expect(monitoring.valuesOf('backends_up')).toEqual([0]);
    expect(logged(gateway, 'warn').map(({ reason }) => reason)).toEqual([
      'OCI Monitoring answered HTTP 400 (SomethingWrong)',
    ]);
  });

  test('an answer that refuses some of them is logged', async () => {
    const { gateway, monitoring } = await startPublishing({});
    monitoring.failedMetrics = 1;
    await gateway.close();
    expect(logged(gateway, 'warn').map(({ reason }) => reason)).toEqual([
      'OCI Monitoring took some of the metrics and refused others',
    ]);
  });

  test('an identity that is missing is named, and calls go on', async () => {
    const server = keep(await startHttpServer('s'));
    const { gateway } = await startPublishing(
      { metrics: { compartment_id, interval: 1 }, backends: [{ name: 's', url: server.url }] },
      {},
    );
    await gateway.waitFor('s', 'connected');
    await until(() => logged(gateway, 'warn').length > 0, 'the reason');
    expect(logged(gateway, 'warn')[0]?.reason).toMatch(/^cannot sign requests \(resource_principal\): /);
    const client = await gateway.connect();
    expect(textOf(await client.callTool({ name: 's_echo', arguments: { text: 'x' } }))).toBe('s: x');
  });

  test('without a region the reason says what to set', async () => {
    const gateway = keep(
      await startGateway({ metrics: { compartment_id, interval: 1 } }, { host: { env: principal, kill: () => {} } }),
    );
    await until(() => logged(gateway, 'warn').length > 0, 'the reason');
    expect(logged(gateway, 'warn')[0]?.reason).toBe('no region is known; set metrics.region or OCI_REGION');
  });

  test('silence disturbs no call and holds the end up for 3 s at most', async () => {
    const server = keep(await startHttpServer('s'));
    const { gateway, monitoring } = await startPublishing({
      metrics: { compartment_id, interval: 1 },
      backends: [{ name: 's', url: server.url }],
    });
    monitoring.answer = 'nothing';
    await gateway.waitFor('s', 'connected');
    await until(() => monitoring.asked > 0, 'the first attempt');
    const client = await gateway.connect();
    const started = performance.now();
    for (let count = 0; count < 20; count++) await client.callTool({ name: 's_echo', arguments: { text: 'x' } });
    expect(performance.now() - started).toBeLessThan(2000);
    const ending = performance.now();
    await gateway.close();
    expect(performance.now() - ending).toBeLessThan(4500);
    expect(monitoring.asked).toBe(1);
  });
});

test.each([
  ['fra', 'https://telemetry-ingestion.eu-frankfurt-1.oraclecloud.com'],
  ['us-phoenix-1', 'https://telemetry-ingestion.us-phoenix-1.oraclecloud.com'],
  ['uk-gov-london-1', 'https://telemetry-ingestion.uk-gov-london-1.oraclegovcloud.uk'],
])('metrics of the region %s go to %s', (region, expected) => {
  expect(endpointOf(metricIngestion.address, region)).toBe(expected);
});

describe('the region of an identity', () => {
  test('is that of the instance', async () => {
    const instance = keep(await startInstance());
    const principal = await instancePrincipal({ OCI_METADATA_BASE_URL: `${instance.url}/opc/v2` })();
    expect(principal.getRegion?.()?.regionId).toBe('eu-frankfurt-1');
  });

  test('is that of the configuration file', async () => {
    const directory = makeDirectory();
    const key_file = directory.write('key.pem', privateKey);
    const fields = { user: 'u', fingerprint: 'f', tenancy: 't', key_file, region: 'eu-zurich-1' };
    const lines = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
    const configFile = directory.write('config', ['[DEFAULT]', ...lines].join('\n'));
    expect(await new RequestSigner({ method: 'oci_config', configFile }, {}).region()).toBe('eu-zurich-1');
    directory.remove();
  });

  test('is unknown for a resource, whose environment says it', async () => {
    expect(await new RequestSigner({ method: 'resource_principal' }, principal).region()).toBeUndefined();
  });
});

test('a refused token is renewed', async () => {
  const instance = keep(await startInstance());
  const monitoring = keep(await startMonitoring(instance.tokens.publicKeyOf));
  const env = {
    OCI_METADATA_BASE_URL: `${instance.url}/opc/v2`,
    OCI_SDK_AUTH_CLIENT_REGION_URL: instance.url,
    MCP_GATEWAY_MONITORING_ENDPOINT: monitoring.url,
  };
  const metrics = { compartment_id, interval: 1 };
  const gateway = keep(
    await startGateway({ oci_auth_method: 'instance_principal', metrics }, { host: { env, kill: () => {} } }),
  );
  await until(() => monitoring.requests.length === 1, 'the first points');
  instance.tokens.revoke();
  await until(() => monitoring.requests.length === 2, 'the next points');
  expect(monitoring.asked).toBe(3);
  expect(instance.tokens.issued).toBe(2);
  expect(logged(gateway, 'warn')).toEqual([]);
});

test('memory stays bounded while OCI cannot be reached, and the newest points survive', async () => {
  jest.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') });
  try {
    const bodies: string[] = [];
    let reachable = false;
    let attempts = 0;
    const publisher = new MetricsPublisher({
      config: { compartment_id, namespace: 'm', interval: 1, region: undefined, resource_group: undefined },
      gateway: 'g',
      calls: new CallMetrics(),
      backends: () => Array.from({ length: 20 }, (_, index) => ({ name: `backend-${index}`, up: true })),
      sessions: () => 0,
      send: async (body) => {
        attempts++;
        if (!reachable) throw new Error('unreachable');
        bodies.push(body);
        return { status: 200, document: {} };
      },
      logger: { info: () => {}, warn: () => {} } as never,
    });
    publisher.start();
    await jest.advanceTimersByTimeAsync(600_000);
    // Each pause is twice as long as the one before: far fewer attempts than the 600 intervals.
    expect(attempts).toBeLessThan(15);
    reachable = true;
    await jest.advanceTimersByTimeAsync(700_000);
    const size = bodies.join('').length;
    expect(size).toBeGreaterThan(1024 * 1024);
    const stamps = bodies.map((body) => Date.parse(JSON.parse(body).metricData[0].datapoints[0].timestamp));
    expect(stamps).toEqual([...stamps].sort((a, b) => a - b));
    expect(Date.now() - (stamps.at(-1) as number)).toBeLessThanOrEqual(1000);
    // Four million characters wait at most; what has come since then is on top.
    const first = bodies.findIndex((_, index) => Date.now() - (stamps[index] as number) <= 700_000);
    expect(bodies.slice(0, first).join('').length).toBeLessThanOrEqual(4 * 1024 * 1024);
    await publisher.close();
  } finally {
    jest.useRealTimers();
  }
});

test('points that OCI would find too old are dropped', async () => {
  jest.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') });
  try {
    const stamps: number[] = [];
    let reachable = false;
    const publisher = new MetricsPublisher({
      config: { compartment_id, namespace: 'm', interval: 60, region: undefined, resource_group: undefined },
      gateway: 'g',
      calls: new CallMetrics(),
      backends: () => [],
      sessions: () => 0,
      send: async (body) => {
        if (!reachable) throw new Error('unreachable');
        stamps.push(Date.now() - Date.parse(JSON.parse(body).metricData[0].datapoints[0].timestamp));
        return { status: 200, document: {} };
      },
      logger: { info: () => {}, warn: () => {} } as never,
    });
    publisher.start();
    await jest.advanceTimersByTimeAsync(4 * 3600_000);
    reachable = true;
    await jest.advanceTimersByTimeAsync(660_000);
    expect(Math.max(...stamps)).toBeLessThanOrEqual(110 * 60_000);
    expect(Math.max(...stamps)).toBeGreaterThan(95 * 60_000);
    expect(new Set(stamps.map((age) => Math.round(age / 60_000))).size).toBeGreaterThan(90);
    await publisher.close();
  } finally {
    jest.useRealTimers();
  }
});
