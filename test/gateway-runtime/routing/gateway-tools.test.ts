import { parseGatewayConfig } from '../../../gateway-runtime/src/config/index.js';
import { RecentRecords } from '../../../gateway-runtime/src/observability/recent-records.js';
import { startGateway, textOf } from '../../helpers/gateway-instance.js';
import { inFrontOf, startOffering } from '../../helpers/gateway-offering.js';
import { listen } from '../../helpers/gateway-servers.js';

const tokens = {
  ops: { client_id: 'ops', scopes: ['operations'] },
  app: { client_id: 'app', scopes: ['app'] },
  root: { client_id: 'root', scopes: ['*'] },
};

const bearer = (token: string) => ({ requestInit: { headers: { authorization: `Bearer ${token}` } } });

const own = ['gateway_health', 'gateway_list_backends', 'gateway_audit_log'];

test('with auth, their scopes have to be written', () => {
  const auth = { enabled: true, static_tokens: tokens };
  const parse = (gateway_tools: object, enabled = true) =>
    parseGatewayConfig({ auth: { ...auth, enabled }, gateway_tools });
  expect(() => parse({ enabled: true })).toThrow(
    'gateway_tools.required_scopes: say which scopes these tools need, such as ["operations"]; [] opens them to every caller',
  );
  for (const good of [{ enabled: true, required_scopes: [] }, { enabled: false }, {}]) {
    expect(parse(good).gateway_tools.enabled).toBe('required_scopes' in good);
  }
  expect(parse({ enabled: true }, false).gateway_tools.enabled).toBe(true);
});

test('they are not there unless they are asked for', async () => {
  const gateway = await startGateway({});
  const client = await gateway.connect();
  expect((await client.listTools()).tools).toEqual([]);
  await expect(client.callTool({ name: 'gateway_health' })).rejects.toThrow('unknown tool');
  await gateway.close();
});

test.each([
  [undefined, { ops: own, app: [], root: own }],
  [{ 'x*': ['app'] }, { ops: own, app: ['x'], root: [...own, 'x'] }],
  [{ '*': [] }, { ops: [...own, 'x'], app: ['x'], root: [...own, 'x'] }],
  [
    { 'gateway_*': ['app'], x: [] },
    { ops: ['x'], app: ['x'], root: [...own, 'x'] },
  ],
  [{ gateway_health: { any_of: ['app', 'operations'] } }, { ops: own, app: [], root: own }],
])('tool_scopes %j open them to nobody else', async (tool_scopes, expected) => {
  const { gateway } = await inFrontOf([{ tools: ['x'] }], [], {
    auth: { enabled: true, static_tokens: tokens, tool_scopes },
    gateway_tools: { enabled: true, required_scopes: ['operations'] },
  });
  for (const [token, tools] of Object.entries(expected)) {
    const client = await gateway.connect(bearer(token));
    const listed = (await client.listTools()).tools.map(({ name }) => name);
    const open = tool_scopes === undefined ? [...tools, 'x'] : tools;
    expect(listed.sort()).toEqual([...open].sort());
    for (const name of own) {
      const call = client.callTool({ name });
      if (listed.includes(name)) expect((await call).structuredContent).toBeDefined();
      else await expect(call).rejects.toThrow(/needs/);
    }
  }
  await gateway.close();
});

test('a health check tells what is missing', async () => {
  const placeholder = await listen(() => {});
  await placeholder.close();
  const server = await startOffering('a', { tools: ['x', 'gateway_health'], prompts: ['p'], resources: ['r://1'] });
  const gateway = await startGateway({
    name: 'front',
    version: '7.0.0',
    gateway_tools: { enabled: true },
    backends: [
      { name: 'a', url: server.url, namespace_tools: false, tags: ['red'], description: 'First' },
      { name: 'b', url: `${placeholder.url}/mcp?key=secret` },
    ],
  });
  await gateway.waitFor('a', 'connected');
  await gateway.waitFor('b', 'down');
  const client = await gateway.connect();
  await client.listTools();
  const health = await client.callTool({ name: 'gateway_health' });
  expect(health.structuredContent).toEqual({
    status: 'degraded',
    name: 'front',
    version: '7.0.0',
    uptime_seconds: expect.any(Number),
    sessions: 1,
    backends: { connected: 1, not_connected: ['b'] },
    collisions: [
      { kind: 'tool', name: 'gateway_health', hidden: 'a', fix: expect.stringContaining('"namespace_tools"') },
    ],
  });
  expect(JSON.parse(textOf(health))).toEqual(health.structuredContent);
  const listed = await client.callTool({ name: 'gateway_list_backends' });
  expect(listed.structuredContent).toEqual({
    backends: [
      {
        name: 'a',
        description: 'First',
        transport: 'streamable_http',
        tags: ['red'],
        state: 'connected',
        since: expect.stringMatching(/^\d{4}-.*Z$/),
        protocol_version: '2025-11-25',
        tools: 2,
        prompts: 1,
        resources: 1,
      },
      {
        name: 'b',
        transport: 'streamable_http',
        tags: [],
        state: 'down',
        since: expect.any(String),
        reason: expect.any(String),
      },
    ],
  });
  expect(textOf(listed)).not.toContain('secret');
  await gateway.close();
  await server.close();
});

test('rules for reading hold for them, since they say that they only read', async () => {
  const gateway = await startGateway({
    auth: { static_tokens: tokens, tool_scopes: { '*': { read: ['operations'], write: ['nobody'] } } },
    gateway_tools: { enabled: true, required_scopes: [] },
  });
  const [ops, app] = [await gateway.connect(bearer('ops')), await gateway.connect(bearer('app'))];
  expect((await ops.listTools()).tools).toHaveLength(3);
  expect((await ops.callTool({ name: 'gateway_health' })).isError).toBeUndefined();
  expect((await app.listTools()).tools).toEqual([]);
  await expect(app.callTool({ name: 'gateway_health' })).rejects.toThrow('needs operations');
  await gateway.close();
});

test('the last calls are told, newest first, without what was in them', async () => {
  const { gateway } = await inFrontOf([{ tools: ['x', 'y'] }], [], {
    auth: { enabled: true, static_tokens: tokens, tool_scopes: { '*': [], y: ['nobody'] } },
    gateway_tools: { enabled: true, required_scopes: ['operations'] },
  });
  const [ops, app] = [await gateway.connect(bearer('ops')), await gateway.connect(bearer('app'))];
  await app.callTool({ name: 'x', arguments: { password: 'tiger' } });
  await ops.callTool({ name: 'a_x' });
  await expect(app.callTool({ name: 'y' })).rejects.toThrow('needs nobody');
  await expect(app.callTool({ name: 'gateway_audit_log' })).rejects.toThrow('needs operations');
  const find = async (args: Record<string, unknown> = {}) => {
    const result = await ops.callTool({ name: 'gateway_audit_log', arguments: args });
    const { calls } = result.structuredContent as { calls: Record<string, unknown>[] };
    return calls.map(({ client, tool, backend, outcome }) =>
      [client, tool, backend, outcome].filter(Boolean).join(' '),
    );
  };
  expect(await find()).toEqual(['app gateway_audit_log denied', 'app y a denied', 'ops a_x a ok', 'app x a ok']);
  expect(await find({ tool: '*x' })).toEqual(['ops a_x a ok', 'app x a ok']);
  expect(await find({ client: 'app', outcome: 'denied' })).toEqual(['app gateway_audit_log denied', 'app y a denied']);
  expect(await find({ limit: 1 })).toEqual(['ops gateway_audit_log ok']);
  const wrong = await ops.callTool({ name: 'gateway_audit_log', arguments: { limit: 1001 } });
  expect([wrong.isError, textOf(wrong)]).toEqual([true, 'limit must be a whole number from 1 to 1000']);
  const all = await ops.callTool({ name: 'gateway_audit_log', arguments: {} });
  expect(all.structuredContent).toMatchObject({
    calls: [
      { time: expect.stringMatching(/^\d{4}-.*Z$/), ms: expect.any(Number), outcome: 'error' },
      {},
      {},
      {},
      {},
      {},
      {},
      {},
      {},
    ],
  });
  expect(textOf(all)).not.toContain('tiger');
  await gateway.close();
});

test('what is not audited is not remembered', async () => {
  const gateway = await startGateway({ gateway_tools: { enabled: true }, enable_audit_log: false });
  const client = await gateway.connect();
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(own.slice(0, 2));
  expect((await client.callTool({ name: 'gateway_health' })).structuredContent).toMatchObject({ status: 'ok' });
  await gateway.close();
});

test('no more than a thousand calls are remembered', () => {
  const recent = new RecentRecords();
  const time = new Date().toISOString();
  const call = { method: 'tools/call', time, client: 'c', rule: 'no rule', outcome: 'ok' } as const;
  for (let n = 0; n < 2500; n++) recent.record({ ...call, tool: String(n), ms: n });
  const found = recent.find({}, 5000).records.map(({ ms }) => ms);
  expect(found).toHaveLength(1000);
  expect([found[0], found[999]]).toEqual([2499, 1500]);
  expect(found).toEqual([...found].sort((a, b) => b - a));
});
