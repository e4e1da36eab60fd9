import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gatewayJsonSchema, parseGatewayConfig } from '../../../gateway-runtime/src/config/index.js';
import { ConfigError, formatFault } from '../../../gateway-runtime/src/errors.js';
import { loadConfig } from '../../../gateway-runtime/src/loading/config-loader.js';
import { runCli } from '../../helpers/gateway-cli.js';
import { makeDirectory } from '../../helpers/gateway-directory.js';

const metricsUrl = 'https://apm.example/20200101/opentelemetry/v1/metrics';

function faultsOf(input: unknown): string[] {
  try {
    parseGatewayConfig(input);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

const compartment_id = 'ocid1.compartment.oc1..metrics';
const otlp_url = 'https://apm.example/20200101/opentelemetry/private/v1/traces';

test('metrics and traces are off, and complete with what has no default', () => {
  expect(parseGatewayConfig({})).not.toHaveProperty('metrics');
  expect(parseGatewayConfig({ metrics: null, traces: null })).toMatchObject({ metrics: undefined, traces: undefined });
  const { metrics, traces } = parseGatewayConfig({
    metrics: { compartment_id },
    traces: { otlp_url, data_key_env: 'KEY' },
  });
  expect(metrics).toEqual({ compartment_id, namespace: 'mcp_gateway', interval: 60 });
  expect(traces).toEqual({ otlp_url, data_key_env: 'KEY', sample_ratio: 1 });
});

describe('metrics', () => {
  const faults = (metrics: object) => faultsOf({ metrics: { compartment_id, ...metrics } });

  test.each([
    { namespace: 'm' },
    { namespace: 'Mcp_2' },
    { namespace: `m${'x'.repeat(255)}` },
    { region: 'eu-frankfurt-1' },
    { resource_group: 'team-a.v$1_x' },
    { interval: 1 },
    { interval: 3600 },
  ])('%j is good', (metrics) => {
    expect(faults(metrics)).toEqual([]);
  });

  const namespace = 'a letter, then letters, digits or "_", that does not begin with "oci_" or "oracle_"';
  const group = 'a letter, then letters, digits, ".", "_", "-" or "$"';
  const interval = 'a whole number of seconds from 1 to 3600';
  test.each([
    [{ namespace: 'oci_mcp' }, `metrics.namespace: expected ${namespace}, got "oci_mcp"`],
    [{ namespace: 'ORACLE_x' }, `metrics.namespace: expected ${namespace}, got "ORACLE_x"`],
    [{ namespace: 'mcp-gateway' }, `metrics.namespace: expected ${namespace}, got "mcp-gateway"`],
    [{ namespace: '1mcp' }, `metrics.namespace: expected ${namespace}, got "1mcp"`],
    [{ resource_group: 'a b' }, `metrics.resource_group: expected ${group}, got "a b"`],
    [{ region: 'x/y' }, 'metrics.region: expected a region such as "eu-frankfurt-1", got "x/y"'],
    [{ interval: 0 }, `metrics.interval: expected ${interval}, got 0`],
    [{ interval: 3601 }, `metrics.interval: expected ${interval}, got 3601`],
    [{ interval: 1.5 }, `metrics.interval: expected ${interval}, got 1.5`],
    [{ compartment_id: '' }, 'metrics.compartment_id: expected the OCID of a compartment, got ""'],
    [{ compartmentId: 'x' }, 'metrics.compartmentId: unknown field; did you mean "compartment_id"?'],
  ])('%j is a fault', (metrics, fault) => {
    expect(faults(metrics)).toEqual([fault]);
  });

  test('a compartment is needed', () => {
    expect(faultsOf({ metrics: {} })).toEqual([
      'metrics.compartment_id: expected the OCID of a compartment, but it is missing',
    ]);
  });
});

describe('traces', () => {
  const key = 'K3Y-V4LUE';
  const faults = (traces: object) => faultsOf({ traces: { otlp_url, data_key_env: 'KEY', ...traces } });

  test.each([
    { sample_ratio: 0 },
    { sample_ratio: 1 },
    { data_key_env: undefined, data_key: key },
    { data_key_env: undefined, data_key_file: '/key' },
    { data_key_env: undefined, data_key_secret_id: 'ocid1.vaultsecret.oc1.fra.x' },
    { otlp_url: 'http://localhost:4318/v1/traces', data_key_env: undefined },
    { otlp_url: 'http://127.0.0.1:4318/v1/traces', data_key_env: null },
    { otlp_url: 'http://[::1]:4318/v1/traces', data_key_env: undefined },
  ])('%j is good', (traces) => {
    expect(faults(traces)).toEqual([]);
  });

  const ending = 'a URL that ends in /v1/traces, as that of an APM domain does';
  const secure = 'an https URL (http only on a loopback host)';
  test.each([
    [{ sample_ratio: 1.01 }, 'traces.sample_ratio: expected a number from 0 to 1, got 1.01'],
    [{ sample_ratio: -0.01 }, 'traces.sample_ratio: expected a number from 0 to 1, got -0.01'],
    [
      { otlp_url: 'http://apm.example/v1/traces' },
      `traces.otlp_url: expected ${secure}, got "http://apm.example/v1/traces"`,
    ],
    [{ otlp_url: 'https://apm.example/v1' }, `traces.otlp_url: expected ${ending}, got "https://apm.example/v1"`],
    [{ data_key_env: undefined }, 'traces.data_key: needs data_key_env, data_key_file, data_key_secret_id or data_key'],
    [{ data_key_file: '/key' }, 'traces.data_key_file: data_key_env is set too; keep one of them'],
    [{ data_key_env: undefined, data_key: [key] }, 'traces.data_key: expected a string that is not empty, got a list'],
  ])('%j is a fault', (traces, fault) => {
    expect(faults(traces)).toEqual([fault]);
  });

  test('a key is never quoted', () => {
    expect(faults({ data_key: key, sample_ratio: 2 }).join('\n')).not.toContain(key);
  });
});

describe('otlp_metrics', () => {
  const faults = (otlp_metrics: object) =>
    faultsOf({ otlp_metrics: { otlp_url: metricsUrl, data_key_env: 'KEY', ...otlp_metrics } });

  test('is sent every minute', () => {
    const { otlp_metrics } = parseGatewayConfig({ otlp_metrics: { otlp_url: metricsUrl, data_key_env: 'KEY' } });
    expect(otlp_metrics).toEqual({ otlp_url: metricsUrl, data_key_env: 'KEY', interval: 60 });
  });

  test.each([
    [
      { otlp_url },
      `otlp_metrics.otlp_url: expected a URL that ends in /v1/metrics, as that of an APM domain does, got "${otlp_url}"`,
    ],
    [{ interval: 0 }, 'otlp_metrics.interval: expected a whole number of seconds from 1 to 3600, got 0'],
    [
      { data_key_env: undefined },
      'otlp_metrics.data_key: needs data_key_env, data_key_file, data_key_secret_id or data_key',
    ],
    [{ data_key: 's3cret' }, 'otlp_metrics.data_key_env: data_key is set too; keep one of them'],
  ])('%j is a fault', (otlp_metrics, fault) => {
    expect(faults(otlp_metrics)).toEqual([fault]);
  });
});

describe('prometheus', () => {
  test('has a port of its own only if told so', () => {
    expect(parseGatewayConfig({ prometheus: {} }).prometheus).toEqual({ tools: false });
  });

  test.each([
    [{ port: 65536 }, 'prometheus.port: expected a whole number from 0 to 65535 (0 picks a free port), got 65536'],
    [{ host: '::' }, 'prometheus.host: is the address of a port of its own; set port too, or remove host'],
    [{ tools: 1 }, 'prometheus.tools: expected true or false, got 1'],
  ])('%j is a fault', (prometheus, fault) => {
    expect(faultsOf({ prometheus })).toEqual([fault]);
  });

  test('a port is not opened over stdio', () => {
    const { write, remove } = makeDirectory();
    const config = write('gateway.json', { prometheus: { port: 9464 }, drain_delay: 5 });
    const loaded = loadConfig({ config, stdio: true }, {});
    expect(loaded.warnings.map(formatFault)).toEqual(['prometheus.port: is not used over stdio, which opens no port']);
    // Whoever ends the gateway sends nothing more.
    expect(loaded.config.drain_delay).toBe(0);
    remove();
  });
});

test.each([
  [{ drain_delay: -1 }, 'drain_delay: expected a number of seconds from 0 to 3600, got -1'],
  [{ drain_timeout: 3601 }, 'drain_timeout: expected a number of seconds from 0 to 3600, got 3601'],
])('%j is a fault', (config, fault) => {
  expect(faultsOf(config)).toEqual([fault]);
});

describe('--check', () => {
  const { write, remove } = makeDirectory();
  afterAll(remove);
  const check = (config: object) =>
    runCli(['--check', '--no-auth', '--config', write('gateway.json', JSON.stringify(config))]);

  test('accepts both, and opens nothing', async () => {
    const traces = { otlp_url, data_key_env: 'KEY' };
    const { code, stdout } = await check({ metrics: { compartment_id }, traces, prometheus: { port: 1 } });
    expect([code, stdout.split('\n')[0]]).toEqual([0, 'ok: 0 backends']);
  });

  test('does not wait as a gateway does that ends', async () => {
    const began = Date.now();
    expect(await check({ drain_delay: 60 })).toMatchObject({ code: 0, stderr: '' });
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  test('names what is wrong', async () => {
    const { code, stderr } = await check({ metrics: {}, traces: { otlp_url } });
    expect([code, stderr.trimEnd().split('\n')]).toEqual([
      78,
      [
        'metrics.compartment_id: expected the OCID of a compartment, but it is missing',
        'traces.data_key: needs data_key_env, data_key_file, data_key_secret_id or data_key',
      ],
    ]);
  });

  test('warns of metrics that are switched off', () => {
    const warnings = (config: object) =>
      loadConfig({ host: '127.0.0.1', auth: false, config: write('w.json', JSON.stringify(config)) }, {}).warnings;
    expect(warnings({ metrics: { compartment_id } })).toEqual([]);
    const otlp_metrics = { otlp_url: metricsUrl, data_key_env: 'KEY' };
    const all = { metrics: { compartment_id }, otlp_metrics, prometheus: { port: 9464 } };
    expect(warnings({ ...all, enable_metrics: false }).map(formatFault)).toEqual(
      Object.keys(all).map((field) => `${field}: nothing is published, since enable_metrics is false`),
    );
  });
});

test('every field is explained', () => {
  type Schema = { properties: Record<string, Schema>; anyOf?: Schema[] };
  const { properties } = gatewayJsonSchema() as unknown as Schema;
  const fieldsOf = (field: string) => {
    const { anyOf, ...schema } = properties[field] as Schema;
    return Object.keys([schema, ...(anyOf ?? [])].find((part) => part.properties)?.properties ?? {});
  };
  const docs = readFileSync(join(__dirname, '../../../docs/telemetry.md'), 'utf8');
  const fields = ['metrics', 'traces', 'otlp_metrics', 'prometheus'].flatMap(fieldsOf);
  expect(fields).toHaveLength(20);
  expect(fields.filter((field) => !docs.includes(`\`${field}\``))).toEqual([]);
});
