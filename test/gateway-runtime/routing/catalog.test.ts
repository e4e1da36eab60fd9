import { request as httpRequest } from 'node:http';
import { startGateway, textOf, until } from '../../helpers/gateway-instance.js';
import { inFrontOf, startOffering, toolsOf } from '../../helpers/gateway-offering.js';
import { listen, startHttpServer } from '../../helpers/gateway-servers.js';

describe('names on conflict', () => {
  test('tools and prompts have their own names, and that of their backend where an earlier one has it', async () => {
    const { gateway } = await inFrontOf([
      { tools: ['one', 'both'], prompts: ['both'] },
      { tools: ['both', 'two'], prompts: ['both', 'two'] },
    ]);
    expect(await toolsOf(gateway)).toEqual(['one', 'both', 'b_both', 'two']);
    const client = await gateway.connect();
    expect((await client.listPrompts()).prompts).toEqual([{ name: 'both' }, { name: 'b_both' }, { name: 'two' }]);
    const said = await Promise.all(
      ['both', 'b_both', 'a_both', 'two', 'b_two'].map(async (name) => textOf(await client.callTool({ name }))),
    );
    expect(said).toEqual(['a: both {}', 'b: both {}', 'a: both {}', 'b: two {}', 'b: two {}']);
    const prompts = await Promise.all(['both', 'a_both', 'b_both'].map((name) => client.getPrompt({ name })));
    expect(prompts.map(({ messages }) => messages[0]?.content)).toMatchObject([
      { text: 'a: both' },
      { text: 'a: both' },
      { text: 'b: both' },
    ]);
    const ref = { type: 'ref/prompt' as const, name: 'b_both' };
    await expect(client.complete({ ref, argument: { name: 'x', value: '' } })).rejects.toThrow(/not found/i);
    await gateway.close();
  });

  test('a backend that takes a moment to start has its place all the same', async () => {
    // Its first answers come when the other backend is long connected.
    const slow = await startOffering('slow', { tools: ['x'] });
    const delayed = await listen((request, response) => {
      setTimeout(() => {
        const { port } = new URL(slow.url);
        const { method, headers, url } = request;
        request.pipe(
          httpRequest({ port, method, headers, path: url }, (answer) => {
            response.writeHead(answer.statusCode ?? 500, answer.headers);
            answer.pipe(response);
          }),
        );
      }, 100);
    });
    const quick = await startOffering('quick', { tools: ['x'] });
    const gateway = await startGateway({
      backends: [
        { name: 'a', url: `${delayed.url}/mcp`, namespace_tools: 'on_conflict' },
        { name: 'b', url: quick.url, namespace_tools: 'on_conflict' },
      ],
    });
    expect(await toolsOf(gateway)).toEqual(['x', 'b_x']);
    await gateway.close();
    await Promise.all([delayed.close(), slow.close(), quick.close()]);
  });

  test('a name stays when an earlier backend comes later, and when its own starts again', async () => {
    const placeholder = await listen(() => {});
    await placeholder.close();
    const late = await startOffering('late', { tools: ['other'] });
    const gateway = await startGateway({
      backends: [
        { name: 'a', url: `${placeholder.url}/mcp`, namespace_tools: 'on_conflict' },
        { name: 'b', url: late.url, namespace_tools: 'on_conflict' },
      ],
    });
    await gateway.waitFor('b', 'connected');
    expect(await toolsOf(gateway)).toEqual(['other']);
    const early = await startOffering('early', { tools: ['other', 'more'] }, { port: placeholder.port });
    await gateway.waitFor('a', 'connected');
    expect(await toolsOf(gateway)).toEqual(['a_other', 'more', 'other']);

    await late.close();
    await gateway.waitFor('b', 'down');
    await early.offer({ tools: ['other', 'more', 'new'] });
    await until(async () => (await toolsOf(gateway)).includes('new'), 'the new tool');
    expect(await toolsOf(gateway)).toEqual(['a_other', 'more', 'new']);
    const again = await startOffering('again', { tools: ['new', 'other'] }, { port: late.port });
    await gateway.waitFor('b', 'connected');
    expect(await toolsOf(gateway)).toEqual(['a_other', 'more', 'new', 'b_new', 'other']);
    await gateway.close();
    await Promise.all([early.close(), again.close()]);
  });

  test('rules of tool_scopes hold for both names, whichever a client uses', async () => {
    const tokens = { all: { client_id: 'all', scopes: ['admin'] }, some: { client_id: 'some', scopes: [] } };
    const auth = {
      enabled: true,
      static_tokens: tokens,
      tool_scopes: { '*': [], both: ['admin'], b_two: ['admin'] },
    };
    const { gateway } = await inFrontOf([{ tools: ['both'] }, { tools: ['both', 'two', 'three'] }], [], { auth });
    const as = (token: string) => gateway.connect({ requestInit: { headers: { authorization: `Bearer ${token}` } } });
    const [all, some] = [await as('all'), await as('some')];
    expect((await all.listTools()).tools.map(({ name }) => name)).toEqual(['both', 'b_both', 'two', 'three']);
    expect((await some.listTools()).tools.map(({ name }) => name)).toEqual(['three']);
    for (const name of ['both', 'a_both', 'b_both', 'two', 'b_two']) {
      expect(textOf(await all.callTool({ name }))).toMatch(/both|two/);
      await expect(some.callTool({ name })).rejects.toThrow('needs admin');
    }
    expect(textOf(await some.callTool({ name: 'b_three' }))).toBe('b: three {}');
    await gateway.close();
  });
});

describe('what the configuration says of single tools', () => {
  test('denied tools stay out, whatever is allowed', async () => {
    const tools = ['get_a', 'get_b', 'set_a', 'get_secret'];
    const { gateway } = await inFrontOf(
      [{ tools }],
      [{ allowed_tools: ['get_*', 'set_a'], denied_tools: ['*_secret', 'set_*'] }],
    );
    expect(await toolsOf(gateway)).toEqual(['get_a', 'get_b']);
    await expect((await gateway.connect()).callTool({ name: 'a_set_a' })).rejects.toThrow('unknown tool');
    await gateway.close();
  });

  test.each(['on_conflict', true, false])(
    'a tool has the name, title and description it was given (%s)',
    async (names) => {
      const inputSchema = { type: 'object' as const, $defs: { odd: {} } };
      const annotations = { readOnlyHint: true };
      const { gateway } = await inFrontOf(
        [{ tools: [{ name: 'x', description: 'before', inputSchema, annotations }, 'y', 'constructor'] }],
        [{ namespace_tools: names, tools: { x: { name: 'find', title: 'Find', description: 'after' }, toString: {} } }],
      );
      const client = await gateway.connect();
      const { tools } = await client.listTools();
      expect(tools[0]).toEqual({ name: 'find', title: 'Find', description: 'after', inputSchema, annotations });
      expect(tools.slice(1).map(({ name }) => name)).toEqual(
        names === true ? ['a_y', 'a_constructor'] : ['y', 'constructor'],
      );
      expect(textOf(await client.callTool({ name: 'find', arguments: { q: 1 } }))).toBe('a: x {"q":1}');
      await expect(client.callTool({ name: 'a_x' })).rejects.toThrow('unknown tool "a_x"');
      await gateway.close();
    },
  );

  test('a name that is taken is refused, and it is said what to change', async () => {
    const { gateway } = await inFrontOf(
      [{ tools: ['x'] }, { tools: ['y'], prompts: ['p'] }],
      [{}, { tools: { y: { name: 'a_x' } } }],
    );
    expect(await toolsOf(gateway)).toEqual(['x']);
    const { collisions } = (await (await fetch(`${gateway.origin}/ready`)).json()) as { collisions: object[] };
    expect(collisions).toEqual([
      {
        kind: 'tool',
        name: 'a_x',
        kept: 'a',
        hidden: 'b',
        fix: expect.stringContaining('another name in its "tools"'),
      },
    ]);
    await gateway.close();
  });
});

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
