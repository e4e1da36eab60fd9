import { startGateway, type TestGateway, until } from '../../helpers/gateway-instance.js';

const initialize = (protocolVersion = '2025-11-25') => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion, capabilities: {}, clientInfo: { name: 't', version: '1' } },
});
const ping = { jsonrpc: '2.0', id: 2, method: 'ping' };

async function openSession(gateway: TestGateway, version?: string, headers?: Record<string, string>) {
  const answer = await gateway.post(initialize(version), headers);
  return { 'mcp-session-id': answer.headers.get('mcp-session-id') as string };
}

describe('with sessions', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    const static_tokens = { ada: { client_id: 'ada' }, bob: { client_id: 'bob' } };
    gateway = await startGateway({ auth: { static_tokens } }, { sessionIdleMs: 2000 });
  });

  afterAll(() => gateway?.close());

  const ada = { authorization: 'Bearer ada' };
  const bob = { authorization: 'Bearer bob' };
  const post = (message: unknown, headers?: Record<string, string>) => gateway.post(message, { ...ada, ...headers });

  test.each([
    ['2024-11-05', '2024-11-05'],
    ['2025-03-26', '2025-03-26'],
    ['2025-06-18', '2025-06-18'],
    ['2025-11-25', '2025-11-25'],
    ['2026-07-28', '2025-11-25'],
    ['1.0', '2025-11-25'],
  ])('a client that asks for %s gets %s', async (asked, given) => {
    const answer = await post(initialize(asked));
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ id: 1, result: { protocolVersion: given } });
  });

  test('session ids are long, random and visible ASCII', async () => {
    const ids = new Set<string>();
    for (let n = 0; n < 20; n++) ids.add((await openSession(gateway, undefined, ada))['mcp-session-id']);
    expect(ids.size).toBe(20);
    for (const id of ids) expect(id).toMatch(/^[\w-]{32}$/);
  });

  test('a session serves its owner until it is deleted', async () => {
    const session = await openSession(gateway, undefined, ada);
    expect(await (await post(ping, session)).json()).toEqual({ jsonrpc: '2.0', id: 2, result: {} });
    const deleted = await fetch(gateway.url, { method: 'DELETE', headers: { ...ada, ...session } });
    expect(deleted.status).toBe(204);
    expect((await post(ping, session)).status).toBe(404);
  });

  test('fails when somebody else uses a session', async () => {
    const session = await openSession(gateway, undefined, ada);
    expect((await gateway.post(ping, { ...bob, ...session })).status).toBe(404);
    const listening = await fetch(gateway.url, { headers: { ...bob, ...session, accept: 'text/event-stream' } });
    expect(listening.status).toBe(404);
    const deleted = await fetch(gateway.url, { method: 'DELETE', headers: { ...bob, ...session } });
    expect(deleted.status).toBe(404);
    expect((await post(ping, session)).status).toBe(200);
  });

  test('fails when the session id is missing (400) or unknown (404)', async () => {
    expect((await post(ping)).status).toBe(400);
    expect((await post(ping, { 'mcp-session-id': 'x' })).status).toBe(404);
  });

  test('a session that nobody uses expires, one that is listened to does not', async () => {
    const [idle, listening] = [await openSession(gateway, undefined, ada), await openSession(gateway, undefined, ada)];
    const stop = new AbortController();
    const headers = { ...ada, ...listening, accept: 'text/event-stream' };
    const stream = await fetch(gateway.url, { headers, signal: stop.signal });
    expect(stream.headers.get('content-type')).toBe('text/event-stream');
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect((await post(ping, idle)).status).toBe(404);
    expect((await post(ping, listening)).status).toBe(200);
    stop.abort();
    await until(async () => (await post(ping, listening)).status === 200, 'the session to survive');
  });

  test('two streams of one session do not disturb each other', async () => {
    const session = await openSession(gateway, undefined, ada);
    const headers = { ...ada, ...session, accept: 'text/event-stream' };
    const [first, second] = [new AbortController(), new AbortController()];
    expect((await fetch(gateway.url, { headers, signal: first.signal })).status).toBe(200);
    expect((await fetch(gateway.url, { headers, signal: second.signal })).status).toBe(200);
    first.abort();
    expect((await post(ping, session)).status).toBe(200);
    second.abort();
  });

  test('notifications and answers are accepted without an answer', async () => {
    const session = await openSession(gateway, undefined, ada);
    for (const message of [{ method: 'notifications/initialized' }, { id: 9, result: {} }]) {
      const answer = await post({ jsonrpc: '2.0', ...message }, session);
      expect([answer.status, await answer.text()]).toEqual([202, '']);
    }
  });

  test('batches work in 2025-03-26 and in no other version', async () => {
    const batch = [ping, { ...ping, id: 'b' }, { jsonrpc: '2.0', method: 'notifications/initialized' }];
    const answer = await post(batch, await openSession(gateway, '2025-03-26', ada));
    expect(await answer.json()).toEqual([
      { jsonrpc: '2.0', id: 2, result: {} },
      { jsonrpc: '2.0', id: 'b', result: {} },
    ]);
    for (const version of ['2024-11-05', '2025-06-18', '2025-11-25']) {
      expect((await post(batch, await openSession(gateway, version, ada))).status).toBe(400);
    }
  });

  test.each<[string, unknown, Record<string, string>, number, number, number | null]>([
    ['the body is not JSON', '{"jsonrpc"', {}, 400, -32700, null],
    ['the body is another type', ping, { 'content-type': 'text/plain' }, 415, -32600, null],
    ['the body is compressed', ping, { 'content-encoding': 'gzip' }, 415, -32600, null],
    ['JSON is not accepted', ping, { accept: 'text/event-stream' }, 406, -32000, null],
    ['event streams are not accepted', ping, { accept: 'application/json' }, 406, -32000, null],
    ['the version is unknown', ping, { 'mcp-protocol-version': '1999-01-01' }, 400, -32022, 2],
    ['it is not JSON-RPC 2.0', { id: 1, method: 'ping' }, {}, 400, -32600, 1],
    ['the id is null', { ...ping, id: null }, {}, 400, -32600, null],
    ['the params are a list', { ...ping, params: [] }, {}, 400, -32600, 2],
    ['the batch is empty', [], {}, 400, -32600, null],
    ['initialize is in a batch', [initialize()], {}, 400, -32600, null],
    ['it has no method', { jsonrpc: '2.0', id: 1 }, {}, 400, -32600, 1],
  ])('fails when %s', async (_, body, headers, status, code, id) => {
    const session = await openSession(gateway, undefined, ada);
    const answer = await post(body, { ...session, ...headers });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ jsonrpc: '2.0', id, error: { code } });
  });

  test('wildcards and a missing Accept are enough', async () => {
    const session = await openSession(gateway, undefined, ada);
    for (const accept of ['*/*', 'application/*, text/*;q=0.5', 'APPLICATION/JSON, text/event-stream']) {
      expect((await post(ping, { ...session, accept })).status).toBe(200);
    }
  });

  test('fails when the body is larger than 4 MiB', async () => {
    const session = await openSession(gateway, undefined, ada);
    const largest = JSON.stringify({ ...ping, params: { text: '' } }).length;
    const body = (size: number) => JSON.stringify({ ...ping, params: { text: 'x'.repeat(size - largest) } });
    expect((await post(body(4 * 1024 * 1024), session)).status).toBe(200);
    const tooLarge = body(4 * 1024 * 1024 + 1);
    expect((await post(tooLarge, session)).status).toBe(413);
    // Without a length in its head, the body has to be counted.
    const headers = { ...ada, ...session, 'content-type': 'application/json' };
    const streamed = new Blob([tooLarge]).stream();
    const answer = await fetch(gateway.url, { method: 'POST', headers, body: streamed, duplex: 'half' } as RequestInit);
    expect(answer.status).toBe(413);
  });

  test.each([
    ['PUT', '/mcp', 405],
    ['GET', '/other', 404],
    ['GET', '/mcp/other', 404],
    ['POST', '/health', 405],
  ])('fails when %s %s is asked for', async (method, path, status) => {
    expect((await fetch(gateway.origin + path, { method, headers: ada })).status).toBe(status);
  });

  test('the health of the process needs no token', async () => {
    const answer = await fetch(`${gateway.origin}/health`);
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }]);
  });
});

describe('without sessions', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startGateway({ stateless: true, path: '/' });
  });

  afterAll(() => gateway?.close());

  test('no id is given and none is needed', async () => {
    const opened = await gateway.post(initialize());
    expect(opened.headers.get('mcp-session-id')).toBeNull();
    expect(await opened.json()).toMatchObject({ result: { capabilities: { tools: { listChanged: false } } } });
    expect((await gateway.post(ping)).status).toBe(200);
    expect((await gateway.post(ping, { 'mcp-session-id': 'stray' })).status).toBe(200);
  });

  test('a client of the SDK works', async () => {
    const client = await gateway.connect();
    expect((await client.listTools()).tools).toEqual([]);
  });

  test.each(['GET', 'DELETE'])('fails when %s is used', async (method) => {
    const answer = await fetch(gateway.url, { method, headers: { accept: 'text/event-stream' } });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('batches are for clients that speak 2025-03-26 or do not say', async () => {
    expect((await gateway.post([ping])).status).toBe(200);
    expect((await gateway.post([ping], { 'mcp-protocol-version': '2025-03-26' })).status).toBe(200);
    expect((await gateway.post([ping], { 'mcp-protocol-version': '2025-11-25' })).status).toBe(400);
  });
});
