import { join } from 'node:path';
import { startGateway, type TestGateway, textOf } from '../helpers/gateway-instance.js';
import { type Listening, startHttpServer, startSseServer } from '../helpers/gateway-servers.js';

const stdioServer = join(__dirname, 'fixtures/stdio-server.mjs');

describe('one gateway in front of all transports', () => {
  const servers: Listening[] = [];
  let gateway: TestGateway;

  beforeAll(async () => {
    servers.push(
      await startHttpServer('http'),
      await startHttpServer('json', { json: true }),
      await startSseServer('sse'),
    );
    const [http, json, sse] = servers.map(({ url }) => url);
    gateway = await startGateway({
      name: 'my-gateway',
      version: '2.0.0',
      backends: [
        { name: 'h', url: http },
        { name: 'j', url: json, transport: 'http' },
        { name: 's', url: sse, transport: 'sse' },
        { name: 'p', command: process.execPath, args: [stdioServer] },
      ],
    });
    for (const name of ['h', 'j', 's', 'p']) await gateway.waitFor(name, 'connected');
  });

  afterAll(async () => {
    await gateway?.close();
    await Promise.all(servers.map((server) => server.close()));
  });

  test('a client learns who the gateway is and how to use its backends', async () => {
    const client = await gateway.connect();
    expect(client.getServerVersion()).toEqual({ name: 'my-gateway', version: '2.0.0' });
    expect(client.getServerCapabilities()).toEqual({
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { listChanged: true, subscribe: true },
      completions: {},
      logging: {},
    });
    expect(client.getInstructions()).toBe(
      ['http', 'json', 'sse'].map((label) => `## ${label[0]}\n\nHow to use ${label}.`).join('\n\n'),
    );
  });

  test.each([
    ['h', 'http'],
    ['j', 'json'],
    ['s', 'sse'],
    ['p', 'stdio'],
  ])('a tool of %s answers', async (prefix, label) => {
    const client = await gateway.connect();
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain(`${prefix}_echo`);
    const result = await client.callTool({ name: `${prefix}_echo`, arguments: { text: 'hi' } });
    expect(textOf(result)).toBe(`${label}: hi`);
  });

  test('prompts are namespaced, resources keep their URIs', async () => {
    const client = await gateway.connect();
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(['h_greet', 'j_greet', 's_greet']);
    const { messages } = await client.getPrompt({ name: 's_greet', arguments: { name: 'Ada' } });
    expect(messages[0]?.content).toEqual({ type: 'text', text: 'sse greets Ada' });

    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual(['note://http', 'note://json', 'note://sse', 'lines://all']);
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(
      ['http', 'json', 'sse'].map((label) => `item://${label}/{id}`),
    );
    expect((await client.readResource({ uri: 'note://json' })).contents).toEqual([
      { uri: 'note://json', text: 'note of json' },
    ]);
    expect((await client.readResource({ uri: 'item://sse/7' })).contents).toMatchObject([{ text: 'item 7 of sse' }]);
  });

  test('line separators of Unicode survive stdio', async () => {
    const client = await gateway.connect();
    const { contents } = await client.readResource({ uri: 'lines://all' });
    expect(contents).toEqual([{ uri: 'lines://all', text: 'one\u2028two\u2029three\nfour' }]);
  });

  test('completions go to the backend of the template', async () => {
    const client = await gateway.connect();
    const ref = { type: 'ref/resource' as const, uri: 'item://http/{id}' };
    const { completion } = await client.complete({ ref, argument: { name: 'id', value: 't' } });
    expect(completion.values).toEqual(['two', 'three']);
  });

  test('the subscribers of a resource hear that it changed, others do not', async () => {
    const [subscriber, other] = [await gateway.connect(), await gateway.connect()];
    const heard: string[] = [];
    subscriber.fallbackNotificationHandler = async ({ method, params }) => void heard.push(`${method} ${params?.uri}`);
    other.fallbackNotificationHandler = async () => void heard.push('other');
    await subscriber.subscribeResource({ uri: 'note://http' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(heard).toEqual(['notifications/resources/updated note://http']);
    await subscriber.unsubscribeResource({ uri: 'note://http' });
  });

  test("a tool's own failure is its result", async () => {
    const client = await gateway.connect();
    const result = await client.callTool({ name: 'h_fail' });
    expect(result).toMatchObject({ isError: true, content: [{ text: 'http failed' }] });
  });

  test.each([
    ['tools/call', { name: 'nope' }, -32602, 'unknown tool "nope"'],
    ['prompts/get', { name: 'nope' }, -32602, 'unknown prompt "nope"'],
    ['resources/read', { uri: 'nope://' }, -32002, 'no backend has this resource'],
    ['tools/call', {}, -32602, 'name must be a string'],
    ['no/such', {}, -32601, 'unknown method "no/such"'],
    ['logging/setLevel', { level: 'loud' }, -32602, /level must be one of debug, info/],
  ])('fails when %s gets %j', async (method, params, code, message) => {
    const client = await gateway.connect();
    await expect(client.request({ method, params } as never, {} as never)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});
