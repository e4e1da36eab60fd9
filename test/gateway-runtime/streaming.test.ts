import { startGateway, type TestGateway, textOf, until } from '../helpers/gateway-instance.js';
import { type SampleHttpServer, startHttpServer } from '../helpers/gateway-servers.js';

describe('what is said before an answer', () => {
  let server: SampleHttpServer;
  let gateway: TestGateway;

  beforeAll(async () => {
    server = await startHttpServer('s');
    gateway = await startGateway(
      { backends: [{ name: 's', url: server.url, namespace_tools: false, request_timeout: 1 }] },
      { keepAliveMs: 30 },
    );
    await gateway.waitFor('s', 'connected');
  });

  afterAll(async () => {
    await gateway?.close();
    await server?.close();
  });

  beforeEach(() => {
    server.seen.cancelled.length = 0;
  });

  /** An open session, and a way to call tools in it without a client that would tidy up. */
  async function openSession() {
    const initialize = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } };
    const opened = await gateway.post({ jsonrpc: '2.0', id: 0, method: 'initialize', params: initialize });
    const headers = { 'mcp-session-id': opened.headers.get('mcp-session-id') as string };
    return {
      headers,
      send: (message: object) => gateway.post({ jsonrpc: '2.0', ...message }, headers),
    };
  }

  test("progress keeps the client's token and a long call alive", async () => {
    const client = await gateway.connect();
    const progress: unknown[] = [];
    const result = await client.callTool({ name: 'work', arguments: { steps: 5, ms: 300 } }, undefined, {
      onprogress: (step) => void progress.push(step),
    });
    // Five steps of 300 ms are longer than request_timeout.
    expect(textOf(result)).toBe('done');
    expect(progress).toEqual([1, 2, 3, 4, 5].map((step) => ({ progress: step, total: 5 })));
  });

  test('log messages reach the caller only, from the level it asked for', async () => {
    const [client, other, quiet] = [await gateway.connect(), await gateway.connect(), await gateway.connect()];
    const heard: Record<string, unknown[]> = { client: [], other: [], quiet: [] };
    for (const [name, listener] of Object.entries({ client, other, quiet })) {
      listener.fallbackNotificationHandler = async ({ params }) => void heard[name]?.push(params?.data);
    }
    await quiet.setLoggingLevel('error');
    await client.callTool({ name: 'work', arguments: { steps: 2, ms: 20 } });
    await quiet.callTool({ name: 'work', arguments: { steps: 2, ms: 20 } });
    expect(heard).toEqual({ client: ['step 1', 'step 2'], other: [], quiet: [] });
  });

  test('the answer is plain JSON when nothing is said before it', async () => {
    const { send } = await openSession();
    const answer = await send({ id: 1, method: 'tools/call', params: { name: 'echo', arguments: { text: 'x' } } });
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(await answer.json()).toEqual({
      jsonrpc: '2.0',
      id: 1,
      result: { content: [{ type: 'text', text: 's: x' }] },
    });
  });

  test('the answer is an event stream with keep-alive comments otherwise', async () => {
    const { send } = await openSession();
    const _meta = { progressToken: 'mine' };
    const params = { name: 'work', arguments: { steps: 3, ms: 80 }, _meta };
    const answer = await send({ id: 'a', method: 'tools/call', params });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    const text = await answer.text();
    const messages = [...text.matchAll(/^data: (.+)$/gm)].map(([, data]) => JSON.parse(data as string));
    expect(messages.filter(({ method }) => method === 'notifications/progress').map(({ params }) => params)).toEqual(
      [1, 2, 3].map((progress) => ({ progressToken: 'mine', progress, total: 3 })),
    );
    expect(messages.at(-1)).toMatchObject({ id: 'a', result: { content: [{ text: 'done' }] } });
    expect(text).toMatch(/^id: answer-[\w-]{8}@s\.1$/m);
    expect(text).toContain(': keep-alive\n\n');
  });

  test('fails when a backend neither answers nor makes progress in time', async () => {
    const client = await gateway.connect();
    const result = await client.callTool({ name: 'slow', arguments: { ms: 5000 } });
    expect(result).toMatchObject({
      isError: true,
      content: [{ text: 'backend "s": did not answer tools/call within 1 s' }],
    });
    await until(() => server.seen.cancelled.length === 1, 'the backend to be told');
  });

  test('a cancelled call is cancelled at the backend and gets no answer', async () => {
    const { send } = await openSession();
    const call = send({ id: 5, method: 'tools/call', params: { name: 'slow', arguments: { ms: 5000 } } });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const cancelled = await send({ method: 'notifications/cancelled', params: { requestId: 5 } });
    expect(cancelled.status).toBe(202);
    expect(await (await call).text()).toBe('');
    await until(() => server.seen.cancelled.length === 1, 'the backend to be told');
  });

  test('a client cannot cancel the call of another', async () => {
    const [mine, theirs] = [await openSession(), await openSession()];
    const call = mine.send({ id: 5, method: 'tools/call', params: { name: 'slow', arguments: { ms: 150 } } });
    await new Promise((resolve) => setTimeout(resolve, 30));
    await theirs.send({ method: 'notifications/cancelled', params: { requestId: 5 } });
    expect(await (await call).json()).toMatchObject({ id: 5, result: { content: [{ text: 's waited 150' }] } });
  });

  test('a client that goes away cancels its call', async () => {
    const { headers } = await openSession();
    const gone = new AbortController();
    const params = { name: 'slow', arguments: { ms: 5000 } };
    const call = fetch(gateway.url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
      signal: gone.signal,
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    gone.abort();
    await expect(call).rejects.toThrow();
    // Before request_timeout would end it anyway.
    await until(() => server.seen.cancelled.length === 1, 'the backend to be told', 700);
  });
});

test('a stream on which nothing happens stays open through an API Gateway, which waits 15 seconds for the next byte', async () => {
  const gateway = await startGateway({});
  const initialize = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } };
  const opened = await gateway.post({ jsonrpc: '2.0', id: 0, method: 'initialize', params: initialize });
  const session = opened.headers.get('mcp-session-id') as string;
  jest.useFakeTimers({
    doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'clearTimeout', 'queueMicrotask', 'Date'],
  });
  try {
    const stream = await fetch(gateway.url, { headers: { accept: 'text/event-stream', 'mcp-session-id': session } });
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
    jest.advanceTimersByTime(14_000);
    let text = '';
    while (!text.includes(': keep-alive\n\n')) text += new TextDecoder().decode((await reader.read()).value);
    await reader.cancel();
  } finally {
    jest.useRealTimers();
  }
  await gateway.close();
});
