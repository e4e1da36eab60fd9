import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { bestTools } from '../../../gateway-runtime/src/routing/word-index.js';
import { connectAnswering, startAskingServer } from '../../helpers/gateway-asking.js';
import { startGateway, type TestGateway, textOf } from '../../helpers/gateway-instance.js';
import { inFrontOf } from '../../helpers/gateway-offering.js';

const tool = (name: string, description = '', args: Record<string, unknown> = {}) => ({
  name,
  description,
  inputSchema: { type: 'object' as const, properties: args as Record<string, object> },
});

describe('the ranking', () => {
  const tools = [
    tool('oci_list_buckets', 'Lists buckets of Object Storage in a compartment.', { compartment_id: {} }),
    tool('oci_delete_bucket', 'Deletes a bucket.', { bucket_name: {} }),
    tool('getQueryHistory', 'The queries that ran before.', { since: { description: 'Start of the period' } }),
    tool('logs_search', 'Search log lines, also of buckets.', { query: {}, limit: {} }),
    { ...tool('opaque'), title: 'Kostenübersicht' },
    tool('create_instance', 'Creates a virtual machine.', { shape: {}, availabilityDomain: {} }),
  ];
  const first = (query: string) => bestTools(tools, query)[0]?.name;

  test.each([
    ['list buckets', 'oci_list_buckets'],
    ['delete bucket', 'oci_delete_bucket'],
    ['deleting buckets', 'oci_delete_bucket'],
    ['query history', 'getQueryHistory'],
    ['queries', 'getQueryHistory'],
    ['find log lines', 'logs_search'],
    ['LOGS', 'logs_search'],
    ['kostenubersicht', 'opaque'],
    ['start a virtual machine', 'create_instance'],
    ['availability domain', 'create_instance'],
    ['period', 'getQueryHistory'],
    ['compartment', 'oci_list_buckets'],
    ['oci_delete_bucket', 'oci_delete_bucket'],
    ['weather', undefined],
    ['…', undefined],
  ])('%s finds %s', (query, expected) => {
    expect(first(query)).toBe(expected);
  });

  test('a rare word counts more than a frequent one', () => {
    const many = [...Array.from({ length: 20 }, (_, n) => tool(`list_${n}`)), tool('show', 'A zebra.')];
    expect(bestTools(many, 'list zebra').at(0)?.name).toBe('show');
    expect(bestTools(many, 'list')).toHaveLength(20);
  });

  test('odd tools and long queries are no trouble', () => {
    const odd = [{ name: 'x', description: 7, title: null, inputSchema: { properties: [null] } }, { name: 'y' }];
    expect(bestTools(odd as never, 'x').map(({ name }) => name)).toEqual(['x']);
    const large = Array.from({ length: 2000 }, (_, n) => tool(`tool_${n}`, 'word '.repeat(500)));
    const started = performance.now();
    expect(bestTools(large, `${'word '.repeat(1000)}tool 7`)).toHaveLength(2000);
    bestTools(large, 'ing'.repeat(100_000));
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe('a gateway that lists a search in place of all tools', () => {
  const auth = {
    enabled: true,
    static_tokens: { all: { client_id: 'all', scopes: ['write'] }, some: { client_id: 'some', scopes: [] } },
    tool_scopes: { '*': [], delete_thing: ['write'], '*_thing_of_b': [], gateway_health: [] },
  };
  const withTitle = {
    ...tool('get_thing', 'Gets a thing.', { id: {} }),
    annotations: { readOnlyHint: true },
    outputSchema: { type: 'object' as const },
  };
  let gateway: TestGateway;

  const as = (token: string, view?: string) =>
    gateway.connect({ requestInit: { headers: { authorization: `Bearer ${token}` } } }, view);

  beforeAll(async () => {
    ({ gateway } = await inFrontOf(
      [{ tools: [withTitle, 'delete_thing', 'call_tool'] }, { tools: ['make_thing_of_b'] }],
      [{ namespace_tools: false }, {}],
      {
        auth,
        tool_search: true,
        views: { all: {}, found: { backends: ['b'], tool_search: true } },
        gateway_tools: { enabled: true, required_scopes: [] },
      },
    ));
  });

  afterAll(() => gateway.close());

  const find = async (client: Awaited<ReturnType<typeof as>>, args: Record<string, unknown>) => {
    const result = await client.callTool({ name: 'search_tools', arguments: args });
    return {
      result,
      found: result.structuredContent as { tools: { name: string }[]; found: number; available: number },
    };
  };

  test('it lists two tools that say what they do', async () => {
    const { tools } = await (await as('all')).listTools();
    expect(tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint])).toEqual([
      ['search_tools', true],
      ['call_tool', false],
    ]);
    expect((await (await as('all', 'found')).listTools()).tools).toEqual(tools);
    const names = (await (await as('all', 'all')).listTools()).tools.map(({ name }) => name);
    expect(names).toEqual([
      'get_thing',
      'delete_thing',
      'make_thing_of_b',
      'gateway_health',
      'gateway_list_backends',
      'gateway_audit_log',
    ]);
  });

  test('a search answers with what it takes to call a tool', async () => {
    const client = await as('all');
    const { found, result } = await find(client, { query: 'get a thing' });
    const { outputSchema, ...shown } = withTitle;
    expect(found).toMatchObject({ found: 3, available: 6 });
    expect(found.tools[0]).toEqual(shown);
    expect(JSON.parse(textOf(result))).toEqual(found);
    expect((await find(client, { query: 'thing', limit: 1 })).found.tools).toHaveLength(1);
    expect((await find(client, { query: 'health' })).found.tools[0]?.name).toBe('gateway_health');
  });

  test('a search finds only what the caller may use in this view', async () => {
    const names = async (client: Awaited<ReturnType<typeof as>>) =>
      (await find(client, { query: 'thing' })).found.tools.map(({ name }) => name).sort();
    expect(await names(await as('all'))).toEqual(['delete_thing', 'get_thing', 'make_thing_of_b']);
    expect(await names(await as('some'))).toEqual(['get_thing', 'make_thing_of_b']);
    expect(await names(await as('all', 'found'))).toEqual(['make_thing_of_b']);
  });

  test('a call goes to the tool it names, as a direct call does', async () => {
    const client = await as('all');
    const call = (args: Record<string, unknown>) => client.callTool({ name: 'call_tool', arguments: args });
    expect(textOf(await call({ name: 'get_thing', arguments: { id: 1 } }))).toBe('a: get_thing {"id":1}');
    expect(textOf(await call({ name: 'b_make_thing_of_b' }))).toBe('b: make_thing_of_b {}');
    expect(textOf(await client.callTool({ name: 'get_thing', arguments: { id: 2 } }))).toBe('a: get_thing {"id":2}');
    expect((await call({ name: 'gateway_health' })).structuredContent).toMatchObject({ status: 'ok' });
    const some = await as('some');
    for (const name of ['delete_thing', 'call_tool']) {
      const refused = some.callTool(name === 'call_tool' ? { name, arguments: { name: 'delete_thing' } } : { name });
      await expect(refused).rejects.toThrow('needs write');
    }
    const audited = gateway.logs.map(({ audit }) => audit).filter(Boolean);
    expect(audited).toContainEqual(
      expect.objectContaining({ client: 'all', tool: 'get_thing', backend: 'a', outcome: 'ok' }),
    );
    expect(audited.slice(-2)).toMatchObject([
      { client: 'some', tool: 'delete_thing', outcome: 'denied' },
      { client: 'some', tool: 'delete_thing', outcome: 'denied' },
    ]);
  });

  test.each([
    ['call_tool', {}, 'name must be the name of a tool'],
    ['call_tool', { name: 7 }, 'name must be a string'],
    ['call_tool', { name: 'nope' }, 'unknown tool "nope"; find the names of tools with search_tools'],
    ['call_tool', { name: 'call_tool', arguments: { name: 'get_thing' } }, 'unknown tool "call_tool"'],
    ['call_tool', { name: 'get_thing', arguments: [] }, 'arguments must be an object'],
    ['search_tools', {}, 'query must say'],
    ['search_tools', { query: ' ' }, 'query must say'],
    ['search_tools', { query: 'x', limit: 0 }, 'limit must be a whole number from 1 to 20'],
  ])('%s tells the model what is wrong with %j', async (name, args, message) => {
    const result = await (await as('all')).callTool({ name, arguments: args });
    expect(result.isError).toBe(true);
    expect(textOf(result)).toContain(message);
  });

  test('where there is no search, its tools do not exist, and their names are nobody else’s', async () => {
    const client = await as('all', 'all');
    await expect(client.callTool({ name: 'call_tool', arguments: { name: 'get_thing' } })).rejects.toThrow(
      'unknown tool',
    );
    const authorization = 'Bearer all';
    const ready = (await (await fetch(`${gateway.origin}/ready`, { headers: { authorization } })).json()) as object;
    expect(ready).toMatchObject({ collisions: [{ kind: 'tool', name: 'call_tool', hidden: 'a' }] });
  });
});

test('a tool that is called through the search asks its client, in both eras', async () => {
  const server = await startAskingServer();
  const gateway = await startGateway({ tool_search: true, backends: [{ name: 'a', url: server.url }] });
  await gateway.waitFor('a', 'connected');
  const call = { name: 'call_tool', arguments: { name: 'a_ask_twice' } };
  const legacy = await connectAnswering(gateway.url, 'ada');
  const accepted = { action: 'accept', content: { name: 'ada' } };
  expect(JSON.parse(textOf(await legacy.callTool(call)))).toEqual([accepted, accepted]);
  await legacy.close();
  const modern = new ModernClient(
    { name: 'ada', version: '1.0.0' },
    { capabilities: { elicitation: {} }, versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  modern.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { name: 'ada' } }));
  await modern.connect(new ModernTransport(new URL(gateway.url)));
  expect((await modern.listTools()).tools.map(({ name }) => name)).toEqual(['search_tools', 'call_tool']);
  expect(JSON.parse(textOf(await modern.callTool(call)))).toEqual([accepted, accepted]);
  await modern.close();
  await gateway.close();
  await server.close();
});

test('without a search, a backend may have tools of these names', async () => {
  const { gateway } = await inFrontOf([{ tools: ['search_tools', 'call_tool', 'gateway_health'] }]);
  const client = await gateway.connect();
  expect(textOf(await client.callTool({ name: 'call_tool', arguments: { x: 1 } }))).toBe('a: call_tool {"x":1}');
  expect(textOf(await client.callTool({ name: 'gateway_health' }))).toBe('a: gateway_health {}');
  await gateway.close();
});

test('a gateway without backends has nothing to find', async () => {
  const gateway = await startGateway({ tool_search: true });
  const client = await gateway.connect();
  const result = await client.callTool({ name: 'search_tools', arguments: { query: 'anything' } });
  expect(result.structuredContent).toEqual({ tools: [], found: 0, available: 0 });
  await gateway.close();
});
