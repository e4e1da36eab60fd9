import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { parseGatewayConfig } from '../../../gateway-runtime/src/config/index.js';
import { textOf } from '../../helpers/gateway-instance.js';
import { inFrontOf } from '../../helpers/gateway-offering.js';

const url = 'https://a.example/mcp';

test.each([
  [{ backends: ['a', 'nope'] }, 'views.v.backends: no backend is named "nope"; known: "a", "b"'],
  [{ tags: ['nope'] }, 'views.v.tags: no backend or tool has the tag "nope"; known: "red", "tool"'],
  [{ tags: ['red', 'tool'], tools: ['anything'] }, undefined],
  [{}, undefined],
])('view %j: %s', (view, fault) => {
  const backends = [
    { name: 'a', url, tags: ['red'] },
    { name: 'b', url, enabled: false, tools: { x: { tags: ['tool'] } } },
  ];
  const parse = () => parseGatewayConfig({ backends, views: { v: view } });
  if (fault) expect(parse).toThrow(fault);
  else expect(parse().views.v).toMatchObject({ ...view, tool_search: false });
});

test.each(['a/b', '', 'a b', 'x'.repeat(65)])('"%s" is no name of a view', (name) => {
  expect(() => parseGatewayConfig({ views: { [name]: {} } })).toThrow('expected the name of a view');
});

describe('views', () => {
  let started: Awaited<ReturnType<typeof inFrontOf>>;
  const views = {
    whole: { description: 'What a offers.', backends: ['a'] },
    tagged: { tags: ['red'] },
    both: { backends: ['c'], tags: ['red'] },
    some: { backends: ['a', 'b'], tools: ['*_x', 'one'] },
    single: { tools: ['c_*'] },
    empty: { backends: [] },
    own: { tools: ['gateway_health', 'one'] },
  };

  beforeAll(async () => {
    const offered = (tools: string[], label: string) => ({
      tools,
      prompts: [`${label}_prompt`],
      resources: [`note://${label}`],
      templates: [`item://${label}/{id}`],
    });
    started = await inFrontOf(
      [offered(['one', 'x'], 'a'), offered(['two', 'x'], 'b'), offered(['three', 'four'], 'c')],
      [{}, { tags: ['red'] }, { namespace_tools: true, tools: { four: { tags: ['red'] } } }],
      { views, gateway_tools: { enabled: true } },
    );
  });

  afterAll(() => started.gateway.close());

  test.each([
    ['whole', ['one', 'x'], ['a']],
    ['tagged', ['two', 'b_x', 'c_four'], ['b']],
    ['both', ['two', 'b_x', 'c_three', 'c_four'], ['b', 'c']],
    ['some', ['one', 'x', 'b_x'], ['a', 'b']],
    ['single', ['c_three', 'c_four'], []],
    ['empty', [], []],
    ['own', ['one', 'gateway_health'], []],
  ])('%s shows its tools, and what else its backends offer', async (view, tools, labels) => {
    const client = await started.gateway.connect({}, view);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(tools);
    const list = (method: string, field: string, key: string) =>
      client
        .request(
          { method } as never,
          { parse: (result: unknown) => result, safeParse: (data: unknown) => ({ success: true, data }) } as never,
        )
        .then((result) => (result as Record<string, Record<string, string>[]>)[field]?.map((item) => item[key]));
    expect(await list('prompts/list', 'prompts', 'name')).toEqual(
      labels.map((label) => (label === 'c' ? 'c_c_prompt' : `${label}_prompt`)),
    );
    expect(await list('resources/list', 'resources', 'uri')).toEqual(labels.map((label) => `note://${label}`));
    expect(await list('resources/templates/list', 'resourceTemplates', 'uriTemplate')).toEqual(
      labels.map((label) => `item://${label}/{id}`),
    );
  });

  test('what a view does not show cannot be used through it', async () => {
    const client = await started.gateway.connect({}, 'tagged');
    expect(textOf(await client.callTool({ name: 'b_x' }))).toContain('b: x {}');
    for (const name of ['one', 'x', 'a_x', 'c_three', 'gateway_health', 'nope']) {
      await expect(client.callTool({ name })).rejects.toThrow(`unknown tool "${name}"`);
    }
    expect((await client.getPrompt({ name: 'b_prompt' })).messages).toHaveLength(2);
    await expect(client.getPrompt({ name: 'a_prompt' })).rejects.toThrow('unknown prompt');
    const argument = { name: 'x', value: '' };
    await expect(client.complete({ ref: { type: 'ref/prompt', name: 'a_prompt' }, argument })).rejects.toThrow(
      'unknown prompt',
    );
    expect((await client.readResource({ uri: 'item://b/1' })).contents[0]).toMatchObject({ text: 'b' });
    // Whatever is listed nowhere goes to the only backend that has resources, which is in the view.
    for (const uri of ['note://a', 'mcp-gateway://a/note://a']) {
      expect((await client.readResource({ uri })).contents[0]).toMatchObject({ text: 'b' });
    }
    const none = await started.gateway.connect({}, 'single');
    for (const uri of ['note://a', 'note://c', 'mcp-gateway://c/note://c']) {
      await expect(none.readResource({ uri })).rejects.toThrow('no backend has this resource');
      await expect(none.subscribeResource({ uri })).rejects.toThrow('no backend has this resource');
    }
  });

  test('a view says what it is for, and how to use its backends', async () => {
    const whole = await started.gateway.connect({}, 'whole');
    expect(whole.getInstructions()).toBe('What a offers.\n\n## a\n\nHow to use a.');
    expect((await started.gateway.connect({}, 'single')).getInstructions()).toBe('## c\n\nHow to use c.');
    const empty = await started.gateway.connect({}, 'empty');
    expect([empty.getInstructions(), empty.getServerCapabilities()]).toEqual([
      undefined,
      { tools: { listChanged: true } },
    ]);
  });

  test('a client of the modern era sees the same', async () => {
    const client = new Client(
      { name: 'modern', version: '1.0.0' },
      { versionNegotiation: { mode: { pin: '2026-07-28' } } },
    );
    await client.connect(new StreamableHTTPClientTransport(new URL(`${started.gateway.url}/tagged`)));
    expect(client.getInstructions()).toBe('## b\n\nHow to use b.\n\n## c\n\nHow to use c.');
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['two', 'b_x', 'c_four']);
    expect(textOf(await client.callTool({ name: 'c_four' }))).toContain('c: four {}');
    await expect(client.callTool({ name: 'one' })).rejects.toMatchObject({ code: -32602 });
    await expect(client.listTools({ cursor: 'nope' })).rejects.toMatchObject({ code: -32602 });
    await client.close();
  });

  test('a view that does not exist is not served', async () => {
    for (const view of ['nope', 'constructor']) {
      await expect(started.gateway.connect({}, view)).rejects.toThrow('there is no such view');
    }
  });
});
