import { rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { makeDirectory } from '../helpers/gateway-directory.js';
import { startGateway, type TestGateway, until } from '../helpers/gateway-instance.js';
import { answerJson, type ScriptedServer, startScriptedServer } from '../helpers/gateway-scripted.js';

const unhandled: unknown[] = [];
const remember = (reason: unknown) => void unhandled.push(reason);
const open: { close(): Promise<void> }[] = [];

beforeAll(() => void process.on('unhandledRejection', remember));
afterAll(() => void process.off('unhandledRejection', remember));
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close();
  expect(unhandled.splice(0)).toEqual([]);
});

/** A gateway in front of a backend that plays a script and of one that does nothing wrong. */
async function start(scripts: Record<string, unknown>, backend: object = {}) {
  const hostile = await startScriptedServer(scripts);
  open.push(hostile);
  const good = await startScriptedServer({ 'tools/call': { content: [] } });
  open.push(good);
  const gateway = await startGateway({
    stateless: true,
    backends: [
      { name: 'hostile', url: hostile.url, ...backend },
      { name: 'good', url: good.url },
    ],
  });
  open.push(gateway);
  await gateway.waitFor('good', 'connected');
  return { hostile, gateway };
}

async function ask(gateway: TestGateway, method: string, params?: object) {
  return (await gateway.post({ jsonrpc: '2.0', id: 1, method, params })).json() as Promise<{
    result?: unknown;
    error?: { code: number; message: string };
  }>;
}

async function names(gateway: TestGateway): Promise<string[]> {
  return ((await ask(gateway, 'tools/list')).result as { tools: { name: string }[] }).tools.map(({ name }) => name);
}

async function listening(server: ScriptedServer): Promise<void> {
  await until(() => (server.counts.GET ?? 0) > 0, 'the gateway to listen');
}

const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

test.each(['constructor', '__proto__', 'toString', { toString: 1 }])(
  'a notification that is called %j changes nothing',
  async (method) => {
    const { hostile, gateway } = await start({});
    await gateway.waitFor('hostile', 'connected');
    await listening(hostile);
    hostile.push(JSON.stringify({ jsonrpc: '2.0', method, params: {} }));
    const before = hostile.counts['tools/list'] as number;
    hostile.push(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }));
    await until(() => (hostile.counts['tools/list'] as number) > before, 'the list to be fetched again');
    expect(await names(gateway)).toEqual(['hostile_call', 'good_call']);
  },
);

test('the name of a tool that is refused fits into the header that tells of it', async () => {
  const name = 'x'.repeat(8192);
  const hostile = await startScriptedServer({ 'tools/list': { tools: [{ name }] } });
  const gateway = await startGateway({
    stateless: true,
    auth: {
      static_tokens: { t: { client_id: 'c', scopes: [] }, admin: { client_id: 'admin', scopes: ['admin'] } },
      tool_scopes: { '*': ['admin'] },
    },
    backends: [{ name: 'hostile', url: hostile.url, namespace_tools: false }],
  });
  open.push(hostile, gateway);
  await gateway.waitFor('hostile', 'connected');
  const list = await gateway.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { authorization: 'Bearer admin' });
  const { result } = (await list.json()) as { result: { tools: { name: string }[] } };
  const exposed = result.tools[0]?.name as string;
  expect(exposed).toMatch(/^x{55}_[0-9a-f]{8}$/);
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: exposed } };
  const refused = await gateway.post(call, { authorization: 'Bearer t' });
  expect(refused.status).toBe(403);
  expect(refused.headers.get('www-authenticate')).toBe(
    `Bearer error="insufficient_scope", error_description="tool '${exposed}' needs admin", scope="admin"`,
  );
});

test('what agrees to a version that nobody knows is not used', async () => {
  const initialize = { protocolVersion: '1999-01-01', capabilities: {}, serverInfo: { name: 's', version: '1' } };
  const { gateway, hostile } = await start({ initialize });
  await gateway.waitFor('hostile', 'down');
  expect(gateway.logs).toContainEqual(expect.objectContaining({ reason: expect.stringContaining('1999-01-01') }));
  expect(hostile.counts).not.toHaveProperty('notifications/initialized');
});

test('what has a name of more than 8192 characters is left out', async () => {
  const named = (length: number) => ({ name: 'x'.repeat(length) });
  const { gateway } = await start(
    {
      'tools/list': { tools: [named(8192), named(8193)] },
      'resources/list': { resources: [{ uri: `x:${'y'.repeat(8190)}` }, { uri: `x:${'z'.repeat(8191)}` }] },
    },
    { namespace_tools: false },
  );
  await gateway.waitFor('hostile', 'connected');
  expect(await names(gateway)).toEqual([expect.stringMatching(/^x{55}_[0-9a-f]{8}$/), 'good_call']);
  const { result } = await ask(gateway, 'resources/list');
  expect(result).toEqual({ resources: [{ uri: `x:${'y'.repeat(8190)}` }] });
});

test('items without a proper name are left out and hurt nobody', async () => {
  const name = { toString: 1, valueOf: 1 };
  const { gateway } = await start({
    'tools/list': { tools: [{ name }, { name: 5 }, {}, { name: 'call' }] },
    'resources/list': { resources: [{ uri: name }] },
    'resources/templates/list': { resourceTemplates: [{ uriTemplate: name }] },
  });
  await gateway.waitFor('hostile', 'connected');
  expect(await names(gateway)).toEqual(['hostile_call', 'good_call']);
  expect((await ask(gateway, 'resources/list')).result).toEqual({ resources: [] });
});

test.each([1000, 100_000])('a list that is nested %i deep keeps only its own backend away', async (levels) => {
  let isDeep = false;
  const { hostile, gateway } = await start({
    'tools/list': (response: never, id: number) => {
      const schema = isDeep ? nested(levels) : '{}';
      answerJson(response, `{"jsonrpc":"2.0","id":${id},"result":{"tools":[{"name":"call","inputSchema":${schema}}]}}`);
    },
  });
  await gateway.waitFor('hostile', 'connected');
  await listening(hostile);
  isDeep = true;
  for (let round = 0; round < 2; round++) {
    const before = hostile.counts['tools/list'] as number;
    hostile.push(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }));
    await until(() => (hostile.counts['tools/list'] as number) > before, 'the list to be fetched again');
    await until(() => gateway.logs.some(({ list }) => list === 'tools'), 'the refusal to be logged');
    expect(await names(gateway)).toContain('good_call');
  }
});

describe('a backend that', () => {
  const callAnsweredBy = async (script: unknown, backend?: object) => {
    const { gateway, hostile } = await start({ 'tools/call': script }, backend);
    await gateway.waitFor('hostile', 'connected');
    const answer = await ask(gateway, 'tools/call', { name: 'hostile_call' });
    return { answer, gateway, hostile };
  };
  const said = (text: string) => ({
    result: { isError: true, content: [{ type: 'text', text: `backend "hostile": ${text}` }] },
  });

  test('nests its answer too deeply is named, under the id of the request', async () => {
    const { answer } = await callAnsweredBy((response: ServerResponse, id: number) => {
      answerJson(response, `{"jsonrpc":"2.0","id":${id},"result":{"content":${nested(200_000)}}}`);
    });
    expect(answer).toEqual({
      jsonrpc: '2.0',
      id: 1,
      error: { code: -32001, message: 'the backend sent an answer that is nested too deeply' },
    });
  });

  test.each([false, true])('answers with batches in batches has said nothing, JSON only: %s', async (json_only) => {
    const { answer } = await callAnsweredBy((response: ServerResponse) => answerJson(response, nested(100_000)), {
      json_only,
    });
    expect(answer).toMatchObject({ result: { isError: true } });
    expect(JSON.stringify(answer)).toContain('backend \\"hostile\\": ');
  });

  test('refuses a token that cannot be read again keeps no connection', async () => {
    const folder = makeDirectory();
    open.push({ close: async () => folder.remove() });
    let closed = false;
    const bearer_token_file = folder.write('token', 's3cret');
    const { gateway } = await start(
      {
        'tools/call': (response: ServerResponse) => {
          response.on('close', () => {
            closed = true;
          });
          response.writeHead(401).write('and no end');
        },
      },
      { auth_method: 'bearer_token', bearer_token_file },
    );
    await gateway.waitFor('hostile', 'connected');
    rmSync(bearer_token_file);
    const answer = await ask(gateway, 'tools/call', { name: 'hostile_call' });
    expect(JSON.stringify(answer)).toContain('cannot be read');
    await until(() => closed, 'the connection to be closed');
  });

  test.each(['application/json', 'text/event-stream'])('sends an endless answer as %s', async (type) => {
    let sent = 0;
    const { answer } = await callAnsweredBy((response: ServerResponse) => {
      response.writeHead(200, { 'content-type': type });
      const chunk = Buffer.alloc(1024 * 1024, 'x');
      const write = () => {
        if (response.destroyed || sent > 100) return;
        sent++;
        response.write(chunk, () => setImmediate(write));
      };
      write();
    });
    expect(answer).toMatchObject(said('sent a message of more than 32 MiB'));
    expect(sent).toBeLessThan(60);
  });

  test.each<unknown>([
    {},
    { result: null },
    { result: 'text' },
    { error: 'text' },
    { error: {} },
    { error: { code: '1', message: 'x' } },
    { error: { code: 1, message: { toString: 1 } } },
  ])('answers with %j, which is not JSON-RPC', async (members) => {
    const { answer } = await callAnsweredBy((response: ServerResponse, id: number) => {
      answerJson(response, { jsonrpc: '2.0', id, ...(members as object) });
    });
    expect(answer).toMatchObject(said('sent an answer that is neither a result nor an error of JSON-RPC'));
  });

  test.each([{ jsonrpc: '2.0', id: 999, result: {} }, [[[]]], 'null', '"x"', '{}'])(
    'answers with %j, which is not for this call',
    async (message) => {
      const { answer } = await callAnsweredBy((response: ServerResponse) => answerJson(response, message));
      expect(answer).toMatchObject(said('ended its answer to tools/call without a result'));
    },
  );

  test('redirects is not followed, so that its credentials stay with it', async () => {
    const elsewhere = await startScriptedServer({});
    open.push(elsewhere);
    const { answer } = await callAnsweredBy(
      (response: ServerResponse) => response.writeHead(307, { location: elsewhere.url }).end(),
      { auth_method: 'bearer_token', bearer_token: 's3cret' },
    );
    expect(answer).toMatchObject(said('answered HTTP 307'));
    expect(elsewhere.counts).toEqual({});
  });

  test('calls the empty answer to a notification JSON is connected all the same', async () => {
    const { gateway } = await start({
      'notifications/initialized': (response: ServerResponse) =>
        response.writeHead(202, { 'content-type': 'application/json' }).end(),
    });
    await gateway.waitFor('hostile', 'connected');
  });

  test('answers a call with nothing is said to have ended its answer', async () => {
    const { answer } = await callAnsweredBy((response: ServerResponse) => answerJson(response, ''));
    expect(answer).toMatchObject(said('ended its answer to tools/call without a result'));
  });

  test('never takes the end of the handshake is down, not connecting for ever', async () => {
    const { gateway } = await start({ 'notifications/initialized': () => {} }, { connect_timeout: 0.3 });
    await gateway.waitFor('hostile', 'down');
    expect(gateway.logs.some(({ reason }) => reason === 'did not take a message in time')).toBe(true);
  });

  test.each(['0', '99999999999'])('asks to be listened to again after %s ms is not flooded', async (retry) => {
    const { hostile } = await start({
      GET: (response: ServerResponse) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`retry: ${retry}\n\n`);
      },
    });
    await listening(hostile);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(hostile.counts.GET).toBeLessThan(8);
  });

  test('sends an event id that no header can hold is still listened to', async () => {
    const heard: unknown[] = [];
    const { hostile } = await start({
      GET: (response: ServerResponse, _: number, request: IncomingMessage) => {
        heard.push(request.headers['last-event-id']);
        const id = ['one', '\u2028ä', 'x'.repeat(20_000)][heard.length - 1] ?? 'end';
        response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`retry: 1\nid: ${id}\ndata\n\n`);
      },
    });
    await listening(hostile);
    await until(() => heard.length >= 5, 'the gateway to listen again');
    expect(heard.slice(0, 5)).toEqual([undefined, 'one', undefined, undefined, 'end']);
  });

  test('shows a web page where its stream should be is asked once', async () => {
    const { hostile } = await start({
      GET: (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
    });
    await listening(hostile);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(hostile.counts.GET).toBe(1);
  });

  test('never ends its event streams does not collect connections', async () => {
    const streams: ServerResponse[] = [];
    const { answer, hostile } = await callAnsweredBy((response: ServerResponse, id: number) => {
      streams.push(response);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result: { content: [] } })}\n\n`);
    });
    expect(answer.result).toEqual({ content: [] });
    await until(() => streams.every(({ closed }) => closed), 'the stream to be closed');
    expect(hostile.counts).not.toHaveProperty('ping');
  });

  test('breaks its event stream after the answer is not doubted', async () => {
    const { answer, hostile } = await callAnsweredBy((response: ServerResponse, id: number) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result: { content: [] } })}\n\n`);
      setTimeout(() => response.socket?.destroy(), 50);
    });
    expect(answer.result).toEqual({ content: [] });
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(hostile.counts).not.toHaveProperty('ping');
  });
});
