import { partsOfUri, qualifiedUri } from '../../../gateway-runtime/src/routing/qualified-uri.js';
import { withUris } from '../../../gateway-runtime/src/routing/result-uris.js';
import { startGateway, until } from '../../helpers/gateway-instance.js';
import { inFrontOf, startOffering } from '../../helpers/gateway-offering.js';
import { listen } from '../../helpers/gateway-servers.js';

test.each(['note://x', 'file:///a/{path}', 'x://h/s{?q}', 'urn:a:b', 'https://h/a?q=1#p'])(
  '%s can be qualified and comes back',
  (uri) => {
    const qualified = qualifiedUri('a_b.c-1', uri);
    expect(partsOfUri(qualified)).toEqual({ backend: 'a_b.c-1', original: uri });
    if (!uri.includes('{')) expect(new URL(qualified).href).toBe(qualified);
  },
);

test.each(['note://x', 'mcp-gateway://a', 'mcp-gateway:/a/b'])('%s names no backend', (uri) => {
  expect(partsOfUri(uri)).toBeUndefined();
});

describe('two servers with some URIs in common', () => {
  const offered = { tools: ['t'], prompts: ['p'], templates: ['item://{id}'] };
  let started: Awaited<ReturnType<typeof inFrontOf>>;

  beforeAll(async () => {
    started = await inFrontOf([
      { ...offered, resources: ['note://both', 'note://a'] },
      { ...offered, resources: ['note://both', 'note://b', 'item://listed'] },
    ]);
  });

  afterAll(() => started.gateway.close());

  test('only what clashes has another URI', async () => {
    const client = await started.gateway.connect();
    expect((await client.listResources()).resources.map(({ uri, name }) => [name, uri])).toEqual([
      ['a', 'note://both'],
      ['a', 'note://a'],
      ['b', 'mcp-gateway://b/note://both'],
      ['b', 'note://b'],
      ['b', 'item://listed'],
    ]);
    expect((await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      'item://{id}',
      'mcp-gateway://b/item://{id}',
    ]);
    const { collisions } = (await (await fetch(`${started.gateway.origin}/ready`)).json()) as { collisions: object[] };
    expect(collisions).toEqual([]);
  });

  test.each([
    ['note://both', 'a', 'note://both/below'],
    ['mcp-gateway://b/note://both', 'b', 'note://both/below'],
    ['mcp-gateway://a/note://both', 'a', 'note://both/below'],
    ['note://b', 'b', 'note://b/below'],
    ['mcp-gateway://b/note://b', 'b', 'note://b/below'],
    ['item://listed', 'b', 'item://listed/below'],
    ['item://1', 'a', 'item://1/below'],
    ['mcp-gateway://b/item://1', 'b', 'item://1/below'],
    ['mcp-gateway://b/unlisted://1', 'b', 'unlisted://1/below'],
  ])('%s is read from %s, and comes back under the URI that was asked for', async (uri, label, below) => {
    const client = await started.gateway.connect();
    expect((await client.readResource({ uri })).contents).toEqual([
      { uri, text: label },
      { uri: below, text: label },
    ]);
  });

  test('what a server links to is found under the URI that its link has', async () => {
    const client = await started.gateway.connect();
    const linksOf = ({ content }: { content: unknown[] }) =>
      content.slice(1).map((link) => (link as { uri: string }).uri);
    const renamed = ['mcp-gateway://b/note://both', 'note://b', 'item://listed'];
    expect(linksOf((await client.callTool({ name: 't' })) as never)).toEqual(['note://both', 'note://a']);
    expect(linksOf((await client.callTool({ name: 'b_t' })) as never)).toEqual(renamed);
    const { messages } = await client.getPrompt({ name: 'b_p' });
    expect(linksOf({ content: messages.map(({ content }) => content) })).toEqual(renamed);
  });

  test.each([
    ['item://{id}', 'a', 'item://{id}'],
    ['mcp-gateway://b/item://{id}', 'b', 'item://{id}'],
    ['mcp-gateway://b/note://both', 'b', 'note://both'],
  ])('completion of %s is asked of %s', async (uri, label, original) => {
    const client = await started.gateway.connect();
    const ref = { type: 'ref/resource' as const, uri };
    const { completion } = await client.complete({ ref, argument: { name: 'id', value: '' } });
    expect(completion.values).toEqual([label, original]);
  });

  test('subscribers hear of the URI they subscribed to', async () => {
    const client = await started.gateway.connect();
    const heard: unknown[] = [];
    client.fallbackNotificationHandler = async ({ params }) => void heard.push(params?.uri);
    for (const uri of ['mcp-gateway://b/note://both', 'note://b']) await client.subscribeResource({ uri });
    const [a, b] = started.servers;
    expect([a?.subscriptions, b?.subscriptions]).toEqual([[], ['note://both', 'note://b']]);
    await a?.update('note://both');
    await b?.update('note://both');
    await b?.update('note://b');
    await until(() => heard.length === 2, 'both updates');
    expect(heard).toEqual(['mcp-gateway://b/note://both', 'note://b']);
    await client.unsubscribeResource({ uri: 'mcp-gateway://b/note://both' });
    expect(b?.subscriptions.at(-1)).toBe('not note://both');
  });
});

test('a template stays with the server it was given to, whichever starts later', async () => {
  const placeholder = await listen(() => {});
  await placeholder.close();
  const late = await startOffering('late', { templates: ['item://{id}'] });
  const gateway = await startGateway({
    backends: [
      { name: 'a', url: `${placeholder.url}/mcp` },
      { name: 'b', url: late.url },
    ],
  });
  await gateway.waitFor('b', 'connected');
  const client = await gateway.connect();
  const labelOf = async (uri: string) => (await client.readResource({ uri })).contents[0] as { text: string };
  expect(await labelOf('item://1')).toMatchObject({ text: 'late' });
  const early = await startOffering('early', { templates: ['item://{id}'] }, { port: placeholder.port });
  await gateway.waitFor('a', 'connected');
  expect(await labelOf('item://1')).toMatchObject({ text: 'late' });
  expect(await labelOf('mcp-gateway://a/item://1')).toMatchObject({ text: 'early' });
  await gateway.close();
  await Promise.all([early.close(), late.close()]);
});

test('a result keeps everything but the URIs of its resources', () => {
  const outward = (uri: string) => `new ${uri}`;
  const other = { type: 'text', text: 'a', uri: 'kept' };
  expect(
    withUris(
      {
        content: [other, null, { type: 'resource', resource: { uri: 'a', blob: 'x' }, _meta: { k: 1 } }],
        contents: [{ uri: 'b', text: '' }, 7, { text: 'no URI' }],
        messages: [{ role: 'user', content: { type: 'resource_link', uri: 'c' } }, 'odd'],
        structuredContent: { uri: 'kept' },
      },
      outward,
    ),
  ).toEqual({
    content: [other, null, { type: 'resource', resource: { uri: 'new a', blob: 'x' }, _meta: { k: 1 } }],
    contents: [{ uri: 'new b', text: '' }, 7, { text: 'no URI' }],
    messages: [{ role: 'user', content: { type: 'resource_link', uri: 'new c' } }, 'odd'],
    structuredContent: { uri: 'kept' },
  });
  expect(withUris('text', outward)).toBe('text');
});
