import { exposedName, maxNameLength } from '../../../gateway-runtime/src/routing/names.js';
import { matchesTemplate } from '../../../gateway-runtime/src/routing/uri-template.js';
import { startGateway, textOf } from '../../helpers/gateway-instance.js';
import { listen, startHttpServer } from '../../helpers/gateway-servers.js';

const backend = { name: 'logs', namespace_tools: true };

test.each([
  ['search', 'logs_search'],
  ['x'.repeat(maxNameLength - 5), `logs_${'x'.repeat(maxNameLength - 5)}`],
  // sha256('logs_' + 60 times x) begins with 7d31f7c7.
  ['x'.repeat(maxNameLength - 4), `logs_${'x'.repeat(50)}_${'HASH'}`],
])('%s is exposed as %s', (name, expected) => {
  const exposed = exposedName(backend, name);
  expect(exposed.replace(/_[0-9a-f]{8}$/, '_HASH')).toBe(expected);
  expect(exposed.length).toBeLessThanOrEqual(maxNameLength);
});

test('names that differ only after the cut stay different, and the same at every start', () => {
  const [a, b] = ['a', 'b'].map((end) => exposedName(backend, 'x'.repeat(80) + end));
  expect(a).not.toBe(b);
  expect(exposedName(backend, `${'x'.repeat(80)}a`)).toBe(a);
});

test('nothing is changed without namespacing', () => {
  expect(exposedName({ name: 'logs', namespace_tools: false }, 'y'.repeat(100))).toBe('y'.repeat(100));
});

test.each([
  ['item://a/{id}', 'item://a/7', true],
  ['item://a/{id}', 'item://a/7/8', false],
  ['item://a/{id}', 'item://b/7', false],
  ['file://{+path}', 'file:///a/b.txt', true],
  ['x://h{/path*}', 'x://h/a/b', true],
  ['x://h/s{?q,page}', 'x://h/s?q=1', true],
  ['x://h/s{?q,page}', 'x://h/s', true],
  ['x://h/s{?q,page}', 'x://h/st', false],
  ['x://h/s{?q}{#part}', 'x://h/s?q=1#p', true],
  ['x://{owner}/{repo}/f{/path*}', 'x://me/it/f/a/b', true],
  ['x://{owner}/{repo}/f{/path*}', 'x://me/f/a/b', false],
  ['x://{a}-{b}', 'x://1-2-3', true],
  ['x://{a}-{b}', 'x://-3', false],
  ['x://{a}{b}', 'x://1', false],
  ['x://h{', 'x://h{', true],
  ['x://h/(a|b).*', 'x://h/a', false],
])('template %s and %s: %s', (template, uri, matches) => {
  expect(matchesTemplate(template, uri)).toBe(matches);
});

test.each([`${'{+a}-'.repeat(15)}!`, `${'{a}-'.repeat(15)}!`, `${'{+a}-'.repeat(300)}!`])(
  'a template with many variables is no long work (%#)',
  (template) => {
    const started = performance.now();
    for (let n = 0; n < 100; n++) expect(matchesTemplate(template, `${'a-'.repeat(1000)}`)).toBe(false);
    expect(matchesTemplate(template, 'a-'.repeat(1_000_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(3000);
  },
);

test('the first backend in the configuration keeps a name, whichever connects first', async () => {
  const second = await startHttpServer('second');
  const placeholder = await listen(() => {});
  await placeholder.close();
  const gateway = await startGateway({
    backends: [
      { name: 'first', url: `${placeholder.url}/mcp`, namespace_tools: false },
      { name: 'second', url: second.url, namespace_tools: false },
    ],
  });
  await gateway.waitFor('second', 'connected');
  const client = await gateway.connect();
  const echo = async () => textOf(await client.callTool({ name: 'echo', arguments: { text: 'x' } }));
  expect(await echo()).toBe('second: x');

  const first = await startHttpServer('first', { port: placeholder.port });
  await gateway.waitFor('first', 'connected');
  expect(await echo()).toBe('first: x');
  const { tools } = await client.listTools();
  expect(tools.filter(({ name }) => name === 'echo')).toHaveLength(1);
  const collision = { kind: 'tool', name: 'echo', kept: 'first', hidden: 'second' };
  const ready = (await (await fetch(`${gateway.origin}/ready`)).json()) as { collisions: object[] };
  expect(ready.collisions).toContainEqual(collision);
  expect(gateway.logs).toContainEqual(
    expect.objectContaining({ ...collision, msg: 'two backends offer the same name' }),
  );

  await first.close();
  await gateway.waitFor('first', 'down');
  expect(await echo()).toMatch(/^backend "first" is not connected/);
  await gateway.close();
  await second.close();
});

test('only allowed tools are listed and callable', async () => {
  const server = await startHttpServer('s');
  const gateway = await startGateway({ backends: [{ name: 's', url: server.url, allowed_tools: ['echo', 'absent'] }] });
  await gateway.waitFor('s', 'connected');
  const client = await gateway.connect();
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['s_echo']);
  await expect(client.callTool({ name: 's_fail' })).rejects.toThrow('unknown tool "s_fail"');
  await gateway.close();
  await server.close();
});

test('a disabled backend is not touched', async () => {
  const server = await startHttpServer('s');
  const gateway = await startGateway({ backends: [{ name: 's', url: server.url, enabled: false }] });
  const client = await gateway.connect();
  expect((await client.listTools()).tools).toEqual([]);
  expect(server.seen.headers).toEqual([]);
  expect((await fetch(`${gateway.origin}/ready`)).status).toBe(200);
  await gateway.close();
  await server.close();
});

test('what the gateway does not understand passes unchanged, on every page', async () => {
  const tool = {
    name: 'odd',
    inputSchema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $defs: { a: { type: 'string' } },
      x: [1, null],
    },
    _meta: { 'example.org/x': { deep: [true] } },
    unknown: { kept: 1 },
  };
  const second = { name: 'second', inputSchema: {} };
  const result = { content: [{ type: 'hologram', data: 'ä\u2028' }], structuredContent: { n: 1e21 }, extra: null };
  let received: unknown;
  const server = await listen(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    let body = '';
    for await (const chunk of request) body += chunk;
    const { id, method, params } = JSON.parse(body);
    if (id === undefined) return void response.writeHead(202).end();
    if (method === 'tools/call') received = params;
    const results: Record<string, unknown> = {
      initialize: {
        protocolVersion: '2025-06-18',
        capabilities: { tools: {} },
        serverInfo: { name: 'o', version: '1' },
      },
      'tools/list': params?.cursor === 'next' ? { tools: [second] } : { tools: [tool], nextCursor: 'next' },
      'tools/call': result,
    };
    const answer = JSON.stringify({ jsonrpc: '2.0', id, result: results[method] });
    response.setHeader('content-type', 'application/json').end(answer);
  });
  const gateway = await startGateway({ stateless: true, backends: [{ name: 'o', url: `${server.url}/mcp` }] });
  await gateway.waitFor('o', 'connected');
  const ask = async (method: string, params?: object) =>
    ((await (await gateway.post({ jsonrpc: '2.0', id: 1, method, params })).json()) as { result: object }).result;
  expect(await ask('tools/list')).toEqual({
    tools: [
      { ...tool, name: 'o_odd' },
      { ...second, name: 'o_second' },
    ],
  });
  const params = { name: 'o_odd', arguments: { a: { b: [null, 'ü'] } }, _meta: { k: 1 }, more: {} };
  expect(await ask('tools/call', params)).toEqual(result);
  // Progress is always asked for, so that long calls are not given up.
  const _meta = { k: 1, progressToken: expect.any(Number) };
  expect(received).toEqual({ ...params, name: 'odd', _meta });
  await gateway.close();
  await server.close();
});
