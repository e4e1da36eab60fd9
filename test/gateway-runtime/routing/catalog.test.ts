import { startGateway, textOf } from '../../helpers/gateway-instance.js';
import { listen, startHttpServer } from '../../helpers/gateway-servers.js';

test('a name stays with the backend it was given to, whichever connects later', async () => {
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
  expect(await echo()).toBe('second: x');
  const { tools } = await client.listTools();
  expect(tools.filter(({ name }) => name === 'echo')).toHaveLength(1);
  const collision = { kind: 'tool', name: 'echo', kept: 'second', hidden: 'first' };
  const ready = (await (await fetch(`${gateway.origin}/ready`)).json()) as { collisions: object[] };
  expect(ready.collisions).toContainEqual({
    ...collision,
    fix: 'set "namespace_tools" of backend "first" to "on_conflict" or true, or give the tool another name in its "tools"',
  });
  expect(gateway.logs).toContainEqual(
    expect.objectContaining({ ...collision, msg: 'two backends offer the same name' }),
  );

  await second.close();
  await gateway.waitFor('second', 'down');
  expect(await echo()).toMatch(/^backend "second" is not connected/);
  await gateway.close();
  await first.close();
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
