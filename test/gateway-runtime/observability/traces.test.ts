import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackendInput, GatewayConfigInput } from '../../../gateway-runtime/src/config/index.js';
import { traceContextOf } from '../../../gateway-runtime/src/contracts/trace.js';
import { makeDirectory } from '../../helpers/gateway-directory.js';
import { startGateway, type TestGateway, textOf, until } from '../../helpers/gateway-instance.js';
import { type Listening, listen, startHttpServer, startSseServer } from '../../helpers/gateway-servers.js';
import { makeKeyPair, makeSessionToken } from '../../helpers/oci-signature.js';
import { startVault } from '../../helpers/oci-vault.js';
import { startCollector, type TestCollector } from '../../helpers/otlp-collector.js';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const otherTrace = '0af7651916cd43dd8448eb211c80319c';
const parentId = '00f067aa0ba902b7';
const traceparent = `00-${traceId}-${parentId}-01`;
const key = 'K3Y-0F-THE-DOMAIN';

const directory = makeDirectory();
afterAll(directory.remove);

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close();
});

function keep<T extends { close(): Promise<unknown> }>(resource: T): T {
  open.push(resource);
  return resource;
}

async function startTracing(
  config: GatewayConfigInput,
  traces: object = { data_key: key },
  env: Record<string, string> = {},
): Promise<{ gateway: TestGateway; collector: TestCollector }> {
  const collector = keep(await startCollector());
  const full = { ...config, traces: { otlp_url: collector.url, ...traces } };
  const gateway = keep(await startGateway(full, { host: { env, kill: () => {} } }));
  for (const { name, enabled = true } of config.backends ?? []) {
    if (enabled) await gateway.waitFor(name as string, 'connected');
  }
  return { gateway, collector };
}

/** What a backend was sent: requests with their headers. */
interface Received {
  readonly headers: Record<string, unknown>;
  readonly method: string;
  readonly params: { readonly _meta?: Record<string, unknown>; readonly arguments?: object };
}

/** A server that remembers what came, and whose tool answers as its name says. */
async function startRecorder(): Promise<Listening & { readonly received: Received[] }> {
  const received: Received[] = [];
  const results: Record<string, object> = {
    initialize: {
      result: {
        protocolVersion: '2025-06-18',
        capabilities: { tools: {}, resources: {} },
        serverInfo: { name: 'r', version: '1' },
      },
    },
    'tools/list': {
      result: { tools: ['ok', 'fail', 'refuse'].map((name) => ({ name, inputSchema: { type: 'object' } })) },
    },
    'resources/list': { result: { resources: [{ uri: 'file:///s3cret', name: 'r' }] } },
    'resources/read': { result: { contents: [] } },
    ok: { result: { content: [] } },
    fail: { result: { content: [{ type: 'text', text: 's3cret' }], isError: true } },
    refuse: { error: { code: -32050, message: 's3cret' } },
  };
  const listening = await listen(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const { id, method, params } = JSON.parse(body);
    if (id === undefined) return void response.writeHead(202).end();
    received.push({ headers: request.headers, method, params });
    const answer = results[method === 'tools/call' ? params.name : method] ?? { result: {} };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
  });
  return keep({ ...listening, url: `${listening.url}/mcp`, received });
}

const callOf = (name: string, _meta?: object) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name, arguments: { password: 's3cret' }, ...(_meta && { _meta }) },
});

/** Asked for with every call. */
const progressToken = expect.any(Number);

test('a call becomes a span below the one of its caller, and the backend goes on below that', async () => {
  const recorder = await startRecorder();
  const { gateway, collector } = await startTracing({
    name: 'edge',
    stateless: true,
    backends: [{ name: 'r', url: recorder.url }],
  });
  await gateway.post(callOf('r_ok'), { traceparent, tracestate: 'vendor=1', baggage: 'user=s3cret' });
  await gateway.close();
  expect(collector.spans).toHaveLength(1);
  const [span] = collector.spans;
  expect(span).toMatchObject({
    ...{
      traceId,
      parentSpanId: parentId,
      traceState: 'vendor=1',
      name: 'tools/call r_ok',
      kind: 2,
      status: { code: 0 },
    },
    resource: { 'service.name': 'edge', 'service.version': '1.0.0' },
  });
  expect(span?.attributes).toEqual({
    'mcp.method.name': 'tools/call',
    'mcp.gateway.backend': 'r',
    'mcp.gateway.outcome': 'ok',
    'network.transport': 'tcp',
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'r_ok',
  });
  const below = { traceparent: `00-${traceId}-${span?.spanId}-01`, tracestate: 'vendor=1' };
  const call = recorder.received.find(({ method }) => method === 'tools/call');
  expect(call?.headers).toMatchObject(below);
  expect(call?.headers).not.toHaveProperty('baggage');
  expect(call?.params).toEqual({ name: 'ok', arguments: { password: 's3cret' }, _meta: { ...below, progressToken } });
  expect(collector.headers[0]?.authorization).toBe(`dataKey ${key}`);
  expect(collector.headers[0]?.['content-type']).toBe('application/json');
  expect(collector.bodies.join()).not.toMatch(/s3cret|K3Y/);
  expect(JSON.stringify(gateway.logs)).not.toMatch(/s3cret|K3Y/);
});

test('_meta knows the parent better than the HTTP request, and keeps what else is in it', async () => {
  const recorder = await startRecorder();
  const { gateway, collector } = await startTracing({ stateless: true, backends: [{ name: 'r', url: recorder.url }] });
  const meta = { traceparent: `00-${otherTrace}-${parentId}-01`, 'example.com/x': 1 };
  await gateway.post(callOf('r_ok', meta), { traceparent });
  await gateway.close();
  expect(collector.spans[0]).toMatchObject({ traceId: otherTrace, parentSpanId: parentId });
  const sent = `00-${otherTrace}-${collector.spans[0]?.spanId}-01`;
  expect(recorder.received.at(-1)?.params._meta).toEqual({
    'example.com/x': 1,
    traceparent: sent,
    progressToken,
  });
  expect(recorder.received.at(-1)?.headers.traceparent).toBe(sent);
});

test('each way to end has its name', async () => {
  const recorder = await startRecorder();
  const { gateway, collector } = await startTracing({
    stateless: true,
    auth: {
      enabled: true,
      static_tokens: { t: { client_id: 'c', scopes: [] } },
      tool_scopes: { r_ok: ['admin'], '*': [] },
    },
    limits: { tools: { r_refuse: { calls_per_minute: 1 } } },
    backends: [{ name: 'r', url: recorder.url }],
  });
  const headers = { authorization: 'Bearer t' };
  for (const name of ['r_ok', 'r_fail', 'r_refuse', 'r_refuse', 'r_nothing']) await gateway.post(callOf(name), headers);
  await gateway.post({ jsonrpc: '2.0', id: 2, method: 'resources/read', params: { uri: 'file:///s3cret' } }, headers);
  await recorder.close();
  await gateway.post(callOf('r_fail'), headers);
  await gateway.close();
  const ends = collector.spans.map(({ name, status, attributes }) => [
    ...[name, status.code, status.message],
    ...['mcp.gateway.outcome', 'error.type', 'rpc.response.status_code'].map((attribute) => attributes[attribute]),
  ]);
  expect(ends).toEqual([
    ['tools/call r_ok', 2, undefined, 'denied', 'denied', undefined],
    ['tools/call r_fail', 2, undefined, 'error', 'tool_error', undefined],
    ['tools/call r_refuse', 2, undefined, 'error', '-32050', '-32050'],
    ['tools/call r_refuse', 2, undefined, 'limited', 'limited', undefined],
    ['resources/read', 0, undefined, 'ok', undefined, undefined],
    ['tools/call r_fail', 2, undefined, 'unavailable', 'unavailable', undefined],
  ]);
  expect(collector.spans.every((span) => span.parentSpanId === undefined || span.parentSpanId === '')).toBe(true);
  expect(new Set(collector.spans.map((span) => span.traceId)).size).toBe(6);
  expect(collector.bodies.join()).not.toContain('s3cret');
});

test('a call that its client cancels is no failure of the backend', async () => {
  const server = keep(await startHttpServer('s'));
  const { gateway, collector } = await startTracing({ backends: [{ name: 's', url: server.url }] });
  const client = await gateway.connect();
  const cancel = new AbortController();
  const call = client.callTool({ name: 's_slow', arguments: { ms: 5000 } }, undefined, { signal: cancel.signal });
  setTimeout(() => cancel.abort(), 200);
  await expect(call).rejects.toThrow();
  await until(() => server.seen.cancelled.length > 0, 'the cancellation');
  await gateway.close();
  expect(collector.spans.map(({ attributes }) => attributes['mcp.gateway.outcome'])).toEqual(['cancelled']);
});

test('the audit record of a call that begins a trace has its id', async () => {
  const recorder = await startRecorder();
  const { gateway, collector } = await startTracing({ stateless: true, backends: [{ name: 'r', url: recorder.url }] });
  for (const name of ['r_ok', 'r_fail']) await gateway.post(callOf(name));
  await gateway.close();
  expect(auditedTraces(gateway)).toEqual(collector.spans.map((span) => span.traceId));
});

const auditedTraces = ({ logs }: TestGateway) =>
  logs.filter(({ audit }) => audit).map(({ audit }) => (audit as { trace_id?: string }).trace_id);

test.each([
  [0, undefined, 0],
  [0, traceparent, 1],
  [1, undefined, 1],
  [1, traceparent.replace(/01$/, '00'), 0],
])('sample_ratio %d with the parent %s: %d spans', async (sample_ratio, parent, expected) => {
  const recorder = await startRecorder();
  const backends = [{ name: 'r', url: recorder.url }];
  const { gateway, collector } = await startTracing({ stateless: true, backends }, { data_key: key, sample_ratio });
  await gateway.post(callOf('r_ok'), parent === undefined ? {} : { traceparent: parent });
  await gateway.close();
  expect(collector.spans).toHaveLength(expected);
  const sent = String(recorder.received.at(-1)?.headers.traceparent);
  expect(sent).toMatch(new RegExp(`^00-${parent ? traceId : '[0-9a-f]{32}'}-[0-9a-f]{16}-0${expected}$`));
});

describe('without traces', () => {
  const valid = { traceparent, tracestate: 'vendor=1' };

  test.each<[string, (server: Received['headers'][]) => Promise<Listening>, Partial<BackendInput>]>([
    [
      'streamable_http',
      async (seen) => startHttpServer('s', { intercept: ({ headers }) => seen.push(headers) < 0 }),
      {},
    ],
    [
      'json_only',
      async (seen) => {
        const recorder = await startRecorder();
        return { ...recorder, close: async () => void seen.push(...recorder.received.map(({ headers }) => headers)) };
      },
      { json_only: true },
    ],
  ])('the context of the client reaches the backend: %s', async (_, start, backend) => {
    const seen: Received['headers'][] = [];
    const server = await start(seen);
    const gateway = keep(
      await startGateway({ stateless: true, backends: [{ name: 'r', url: server.url, ...backend }] }),
    );
    await gateway.waitFor('r', 'connected');
    const tool = backend.json_only ? 'r_ok' : 'r_echo';
    await gateway.post(callOf(tool), valid);
    await gateway.post(callOf(tool), { traceparent: 'garbage', tracestate: 'vendor=2' });
    await gateway.close();
    await server.close();
    expect(seen.filter((headers) => headers.traceparent === traceparent)).toHaveLength(1);
    expect(seen.find((headers) => headers.traceparent === traceparent)).toMatchObject(valid);
    expect(JSON.stringify(seen)).not.toMatch(/garbage|vendor=2/);
  });

  test('one that came in headers alone goes into _meta, too', async () => {
    const recorder = await startRecorder();
    const gateway = keep(await startGateway({ stateless: true, backends: [{ name: 'r', url: recorder.url }] }));
    await gateway.waitFor('r', 'connected');
    await gateway.post(callOf('r_ok', { 'example.com/x': 1 }), valid);
    expect(recorder.received.at(-1)?.params._meta).toEqual({ 'example.com/x': 1, ...valid, progressToken });
    expect(recorder.received.at(-1)?.headers).toMatchObject(valid);
  });

  test.each(['legacy', 'modern'] as const)('a child process gets it from a client of the %s era', async (era) => {
    const command = process.execPath;
    const child = { name: 'p', command, args: [join(__dirname, '../fixtures/meta-server.mjs')] };
    const gateway = keep(await startGateway({ stateless: true, backends: [child] }));
    await gateway.waitFor('p', 'connected');
    const key = (name: string) => `io.modelcontextprotocol/${name}`;
    const modern = { [key('protocolVersion')]: '2026-07-28', [key('clientCapabilities')]: {} };
    const names = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'p_meta' };
    const answer =
      era === 'modern'
        ? await gateway.post(callOf('p_meta', modern), { ...valid, ...names })
        : await gateway.post(callOf('p_meta'), valid);
    const { result } = (await answer.json()) as { result: unknown };
    expect(JSON.parse(textOf(result))).toMatchObject(valid);
  });

  test('the audit record has the trace of _meta, else that of the headers', async () => {
    const recorder = await startRecorder();
    const gateway = keep(await startGateway({ stateless: true, backends: [{ name: 'r', url: recorder.url }] }));
    await gateway.waitFor('r', 'connected');
    await gateway.post(callOf('r_ok', { traceparent: `00-${otherTrace}-${parentId}-01` }), valid);
    await gateway.post(callOf('r_ok'), valid);
    await gateway.post(callOf('r_ok'));
    expect(auditedTraces(gateway)).toEqual([otherTrace, traceId, undefined]);
  });

  test('one that came in _meta stays as it is', async () => {
    const recorder = await startRecorder();
    const gateway = keep(await startGateway({ stateless: true, backends: [{ name: 'r', url: recorder.url }] }));
    await gateway.waitFor('r', 'connected');
    await gateway.post(callOf('r_ok', { traceparent }));
    expect(recorder.received.at(-1)?.params._meta).toEqual({ traceparent, progressToken });
    expect(recorder.received.at(-1)?.headers.traceparent).toBe(traceparent);
  });
});

test('a backend that speaks SSE is called in a trace as well', async () => {
  const server = keep(await startSseServer('s'));
  const { gateway, collector } = await startTracing({
    stateless: true,
    backends: [{ name: 's', url: server.url, transport: 'sse' }],
  });
  const answer = await gateway.post({ ...callOf('s_echo'), params: { name: 's_echo', arguments: { text: 'x' } } });
  expect(await answer.text()).toContain('s: x');
  await gateway.close();
  expect(collector.spans).toHaveLength(1);
});

describe('the data key', () => {
  const { publicKey, privateKey } = makeKeyPair();
  const secretId = 'ocid1.vaultsecret.oc1.eu-frankfurt-1.amaaaaaa';
  const principal = {
    OCI_RESOURCE_PRINCIPAL_VERSION: '2.2',
    OCI_RESOURCE_PRINCIPAL_RPST: makeSessionToken(),
    OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM: privateKey,
  };

  test('comes from Vault once, and again when it is refused', async () => {
    const vault = keep(await startVault(() => publicKey));
    vault.secrets.set(secretId, 'first\n');
    const recorder = await startRecorder();
    const { gateway, collector } = await startTracing(
      { stateless: true, backends: [{ name: 'r', url: recorder.url }] },
      { data_key_secret_id: secretId },
      { ...principal, MCP_GATEWAY_SECRETS_ENDPOINT: vault.url },
    );
    collector.accepts = 'dataKey first';
    await gateway.post(callOf('r_ok'));
    await until(() => collector.spans.length === 1, 'the first batch', 10_000);
    vault.secrets.set(secretId, 'second');
    collector.accepts = 'dataKey second';
    await gateway.post(callOf('r_ok'));
    await gateway.close();
    expect(collector.headers.map(({ authorization }) => authorization)).toEqual([
      ...['dataKey first', 'dataKey first', 'dataKey second'],
    ]);
    expect(collector.spans).toHaveLength(2);
    expect(vault.seen).toEqual([secretId, secretId]);
    expect(JSON.stringify(gateway.logs)).not.toMatch(/first|second/);
  });

  test.each([
    ['data_key_env', () => ({ data_key_env: 'KEY' }), { KEY: 'from-env' }, 'dataKey from-env'],
    [
      'data_key_file',
      () => {
        const file = join(directory.path, 'key');
        writeFileSync(file, 'from-file\n');
        return { data_key_file: file };
      },
      {},
      'dataKey from-file',
    ],
    ['none at all, for a collector beside the gateway', () => ({}), {}, undefined],
  ])('%s', async (_, traces, env, expected) => {
    const recorder = await startRecorder();
    const backends = [{ name: 'r', url: recorder.url }];
    const { gateway, collector } = await startTracing({ stateless: true, backends }, traces(), env);
    await gateway.post(callOf('r_ok'));
    await gateway.close();
    expect(collector.headers.map(({ authorization }) => authorization)).toEqual([expected]);
  });

  test.each([
    ['is missing', {}, { data_key_env: 'KEY' }, 'the data key has no credential: variable KEY holds none'],
    ['is refused', {}, { data_key: key }, 'the collector answered HTTP 401; it refuses the data key'],
  ])('when it %s, that is logged once', async (_, env, traces, reason) => {
    const recorder = await startRecorder();
    const backends = [{ name: 'r', url: recorder.url }];
    const { gateway, collector } = await startTracing({ stateless: true, backends }, traces, env);
    collector.accepts = 'dataKey other';
    await gateway.post(callOf('r_ok'));
    await gateway.close();
    const warnings = gateway.logs.filter(({ level, msg }) => level === 'warn' && /^spans/.test(String(msg)));
    expect(warnings.map(({ msg, ...line }) => [msg, line.reason])).toEqual([
      ['spans cannot be sent; trying again', reason],
    ]);
    expect(JSON.stringify(gateway.logs)).not.toMatch(/s3cret|K3Y/);
  });
});

describe('when the collector does not take spans', () => {
  test.each<[string, (collector: TestCollector) => unknown, string]>([
    ['says 400', (collector) => Object.assign(collector, { answer: 400 }), 'the collector answered HTTP 400'],
    ['is gone', (collector) => collector.close(), 'the collector cannot be reached (ECONNREFUSED)'],
  ])('it %s: calls go on, and the reason is logged', async (_, spoil, reason) => {
    const server = keep(await startHttpServer('s'));
    const { gateway, collector } = await startTracing({ backends: [{ name: 's', url: server.url }] });
    await spoil(collector);
    const client = await gateway.connect();
    const started = performance.now();
    for (let count = 0; count < 20; count++) {
      expect(textOf(await client.callTool({ name: 's_echo', arguments: { text: 'x' } }))).toBe('s: x');
    }
    expect(performance.now() - started).toBeLessThan(3000);
    await until(() => gateway.logs.some((line) => line.reason === reason), reason, 20_000);
    expect(collector.spans).toEqual([]);
  });

  test.each(['nothing', 503] as const)('it answers %s: the end is held up for 3 s at most', async (answer) => {
    const recorder = await startRecorder();
    const { gateway, collector } = await startTracing({
      stateless: true,
      backends: [{ name: 'r', url: recorder.url }],
    });
    collector.answer = answer;
    await gateway.post(callOf('r_ok'));
    const ending = performance.now();
    await gateway.close();
    expect(performance.now() - ending).toBeLessThan(4500);
    expect(collector.bodies.length).toBeGreaterThan(0);
  });
});

test.each([
  [{ traceparent }, { traceparent }],
  [
    { traceparent, tracestate: 'a=1,b=2' },
    { traceparent, tracestate: 'a=1,b=2' },
  ],
  [{ traceparent, tracestate: 'a=1\r\nx: y' }, { traceparent }],
  [{ traceparent, tracestate: 'x'.repeat(513) }, { traceparent }],
  [{ tracestate: 'a=1' }, undefined],
  [{ traceparent: traceparent.toUpperCase() }, undefined],
  [{ traceparent: `${traceparent}-x` }, undefined],
  [{ traceparent: traceparent.replace(/^00/, 'ff') }, undefined],
  [{ traceparent: `00-${'0'.repeat(32)}-${parentId}-01` }, undefined],
  [{ traceparent: `00-${traceId}-${'0'.repeat(16)}-01` }, undefined],
  [{ traceparent: [traceparent] }, undefined],
  [undefined, undefined],
  ['text', undefined],
])('%j holds the context %j', (carrier, context) => {
  expect(traceContextOf(carrier)).toEqual(context);
});
