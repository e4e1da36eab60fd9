import { until } from '../../helpers/gateway-instance.js';
import { type ModernServer, startModernServer } from '../../helpers/gateway-modern-servers.js';
import { upstreams } from '../../helpers/gateway-upstream.js';

const meta = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  logLevel: 'io.modelcontextprotocol/logLevel',
};

const textOf = (result: unknown) => (result as { content: { text: string }[] }).content[0]?.text ?? '';

async function start(options: Parameters<typeof startModernServer>[1] = {}) {
  const server = await startModernServer('m', options);
  const connection = upstreams().make({ url: server.url });
  const description = await connection.connect();
  return { server, description, ...connection };
}

const methods = ({ received }: ModernServer) => received.map(({ httpMethod, body }) => body?.method ?? httpMethod);

test('a modern server is discovered, and sees neither a handshake nor a session', async () => {
  const { server, description, upstream } = await start();
  expect(description).toEqual({
    era: 'modern',
    version: '2026-07-28',
    capabilities: expect.objectContaining({ tools: { listChanged: true } }),
    instructions: 'How to use m.',
  });
  await upstream.request('logging/setLevel', { level: 'debug' });
  upstream.notify('notifications/roots/list_changed');
  await upstream.request('ping', undefined);
  await until(() => methods(server).includes('subscriptions/listen'), 'the subscription');
  await upstream.close();
  expect(methods(server).sort()).toEqual(['server/discover', 'server/discover', 'subscriptions/listen']);
  for (const { headers, body } of server.received) {
    expect(headers).toMatchObject({
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': body?.method,
    });
    expect(headers).not.toHaveProperty('mcp-session-id');
  }
});

test('each request says who asks and keeps what else the caller says', async () => {
  const { server, upstream } = await start();
  const _meta = {
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01',
    'com.example/own': { deep: [1] },
    progressToken: 'theirs',
    [meta.protocolVersion]: '1999-01-01',
    [meta.clientInfo]: { name: 'forged', version: '0' },
    [meta.clientCapabilities]: { sampling: {} },
    [meta.logLevel]: 'debug',
  };
  await upstream.request('tools/call', { name: 'meta', arguments: {}, _meta }, { capabilities: { elicitation: {} } });
  expect(server.received.at(-1)?.body?.params?._meta).toEqual({
    traceparent: _meta.traceparent,
    'com.example/own': { deep: [1] },
    [meta.protocolVersion]: '2026-07-28',
    [meta.clientInfo]: { name: 'gateway', version: '1.0.0' },
    [meta.clientCapabilities]: { elicitation: {} },
  });
  await upstream.request('tools/list', undefined, { logLevel: 'warning' });
  expect(server.received.at(-1)?.body?.params?._meta).toMatchObject({
    [meta.logLevel]: 'warning',
    [meta.clientCapabilities]: {},
  });
});

test('headers name what is asked for, and the arguments that the tool wants there', async () => {
  const { server, upstream } = await start();
  const { tools } = (await upstream.request('tools/list', undefined)) as {
    tools: { name: string; inputSchema: Record<string, unknown> }[];
  };
  const { inputSchema } = tools.find(({ name }) => name === 'echo') ?? {};
  const args = { text: 'x', region: 'Zürich' };
  const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01' };
  const result = await upstream.request('tools/call', { name: 'echo', arguments: args }, { inputSchema, trace });
  expect(textOf(result)).toBe('m: x');
  expect(server.received.at(-1)?.headers).toMatchObject({
    'mcp-name': 'echo',
    'mcp-param-region': '=?base64?WsO8cmljaA==?=',
    ...trace,
  });
  await upstream.request('resources/read', { uri: 'note://m' });
  expect(server.received.at(-1)?.headers).toMatchObject({ 'mcp-name': 'note://m' });
  await upstream.request('prompts/get', { name: 'greet' });
  expect(server.received.at(-1)?.headers).toMatchObject({ 'mcp-method': 'prompts/get', 'mcp-name': 'greet' });
});

test('a call without the headers that its tool wants is sent again with them', async () => {
  const { server, upstream, notifications } = await start();
  const call = { name: 'echo', arguments: { text: 'x', region: 'eu' } };
  expect(textOf(await upstream.request('tools/call', call))).toBe('m: x');
  expect(methods(server).slice(-3)).toEqual(['tools/call', 'tools/list', 'tools/call']);
  expect(notifications).toContainEqual(['notifications/tools/list_changed', {}]);
});

test('progress and log messages of a call reach whoever called', async () => {
  const { upstream, notifications } = await start();
  const progress: unknown[] = [];
  const heard: unknown[] = [];
  const result = await upstream.request(
    'tools/call',
    { name: 'work', arguments: {} },
    {
      logLevel: 'info',
      onProgress: (step) => void progress.push(step),
      onNotification: (method, params) => void heard.push([method, params.data]),
    },
  );
  expect(textOf(result)).toBe('done');
  expect(progress).toEqual([1, 2, 3].map((step) => ({ progress: step, total: 3 })));
  expect(heard).toEqual([1, 2, 3].map((step) => ['notifications/message', `step ${step}`]));
  expect(notifications).toEqual([]);
});

test('a call that is cancelled ends its request, and nothing more is said', async () => {
  const { server, upstream } = await start();
  const cancel = new AbortController();
  const call = upstream.request('tools/call', { name: 'slow', arguments: {} }, { signal: cancel.signal });
  await until(() => methods(server).includes('tools/call'), 'the call');
  cancel.abort();
  await expect(call).rejects.toThrow('cancelled');
  await until(() => server.cancelled.length === 1, 'the server to notice');
  expect(methods(server)).not.toContain('notifications/cancelled');
});

test('errors with a status of their own are the errors they are', async () => {
  const { upstream, disconnected } = await start();
  await expect(upstream.request('no/such/method', {})).rejects.toMatchObject({ name: 'RpcError', code: -32601 });
  await expect(upstream.request('tools/call', { name: 'nothing', arguments: {} })).rejects.toMatchObject({
    code: -32602,
  });
  await upstream.request('ping', undefined);
  expect(disconnected).toEqual([]);
});

describe('changes', () => {
  test('of lists are heard', async () => {
    const { server, notifications } = await start();
    await until(() => methods(server).includes('subscriptions/listen'), 'the subscription');
    await until(() => {
      server.notify.toolsChanged();
      return notifications.length > 0;
    }, 'the change');
    expect(notifications[0]).toEqual(['notifications/tools/list_changed', {}]);
    expect(server.received.find(({ body }) => body?.method === 'subscriptions/listen')?.body?.params).toMatchObject({
      notifications: { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true },
    });
  });

  test('of resources are heard as long as somebody subscribes, over one stream', async () => {
    const { server, upstream, notifications } = await start();
    await upstream.request('resources/subscribe', { uri: 'note://m' });
    server.notify.resourceUpdated('note://m');
    await until(() => notifications.length > 0, 'the update');
    expect(notifications).toEqual([['notifications/resources/updated', { uri: 'note://m' }]]);
    await upstream.request('resources/unsubscribe', { uri: 'note://m' });
    server.notify.resourceUpdated('note://m');
    server.notify.toolsChanged();
    await until(() => notifications.length > 1, 'the change of tools');
    expect(notifications.slice(1)).toEqual([['notifications/tools/list_changed', {}]]);
  });

  test('of many resources at once are one more request', async () => {
    const { server, upstream } = await start();
    await until(() => methods(server).includes('subscriptions/listen'), 'the subscription');
    const uris = Array.from({ length: 50 }, (_, n) => `note://m/${n}`);
    await Promise.all(uris.map((uri) => upstream.request('resources/subscribe', { uri })));
    const asked = server.received.filter(({ body }) => body?.method === 'subscriptions/listen');
    expect(asked.length).toBeLessThanOrEqual(3);
    expect(asked.at(-1)?.body?.params).toMatchObject({ notifications: { resourceSubscriptions: uris } });
  });

  test('that may have happened while the stream was broken are told when it is back', async () => {
    const { server, upstream, notifications } = await start();
    await upstream.request('resources/subscribe', { uri: 'note://m' });
    await server.close();
    const again = await startModernServer('m', { port: server.port });
    await until(() => methods(again).includes('subscriptions/listen'), 'the subscription');
    await until(() => notifications.length === 4, 'what may have changed');
    expect(notifications).toContainEqual(['notifications/tools/list_changed', {}]);
    expect(notifications).toContainEqual(['notifications/resources/updated', { uri: 'note://m' }]);
    notifications.length = 0;
    again.notify.promptsChanged();
    await until(() => notifications.length > 0, 'a change');
    expect(notifications).toEqual([['notifications/prompts/list_changed', {}]]);
  });
});
