import { existsSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { makeDirectory, type TestDirectory } from '../../helpers/gateway-directory.js';
import { startGateway, textOf, until } from '../../helpers/gateway-instance.js';
import { startModernServer } from '../../helpers/gateway-modern-servers.js';
import { answerJson, type ScriptedServer, startScriptedServer } from '../../helpers/gateway-scripted.js';
import { startHttpServer, startSseServer, startStatelessServer } from '../../helpers/gateway-servers.js';
import { upstreams } from '../../helpers/gateway-upstream.js';

const discovered = { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } };
const initialized = { protocolVersion: '2025-11-25', capabilities: { tools: {} } };
const unsupported = (supported: unknown) => ({ code: -32022, message: 'Unsupported', data: { supported } });

const answer =
  (status: number, body?: unknown, type = 'application/json') =>
  (response: ServerResponse, id: number) => {
    const text = typeof body === 'object' ? JSON.stringify({ jsonrpc: '2.0', id, ...body }) : (body as string);
    response.writeHead(status, { 'content-type': type }).end(text);
  };

/** How often a server was asked how. */
const asked = ({ counts }: ScriptedServer) => ({
  discover: counts['server/discover'] ?? 0,
  initialize: counts.initialize ?? 0,
});

describe('over Streamable HTTP', () => {
  test('a server that speaks both eras is spoken to in the modern one, and in the other when that is wanted', async () => {
    const server = await startModernServer('m', { legacy: 'stateless' });
    const { make } = upstreams();
    expect(await make({ url: server.url }).connect()).toMatchObject({ era: 'modern' });
    const legacy = make({ url: server.url }, { era: 'legacy' });
    expect(await legacy.connect()).toMatchObject({ era: 'legacy', version: '2025-11-25' });
    // A call of a modern client says so in its envelope, which such a server would take for one of that era.
    const _meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', own: 1 };
    await legacy.upstream.request('tools/call', { name: 'echo', arguments: {}, _meta });
    expect(server.received.at(-1)?.body?.params?._meta).toEqual({ own: 1 });
    expect(await make({ url: server.url }).connect()).toMatchObject({ era: 'modern' });
  });

  test.each(['stateful', 'stateless'])('a %s server of the legacy era costs one more question, once', async (kind) => {
    const server = await (kind === 'stateful' ? startHttpServer('l') : startStatelessServer('l'));
    const { make } = upstreams();
    const connect = async () => {
      const before = server.seen.headers.length;
      expect(await make({ url: server.url }).connect()).toMatchObject({ era: 'legacy', version: '2025-11-25' });
      return server.seen.headers.slice(before).filter((headers) => headers['mcp-method'] !== undefined).length;
    };
    expect([await connect(), await connect(), await connect()]).toEqual([1, 0, 0]);
  });

  test.each<[string, unknown]>([
    ['404', answer(404)],
    ['405', answer(405)],
    ['415', answer(415)],
    ['500', answer(500, 'oops', 'text/plain')],
    ['202', answer(202)],
    ['a web page', answer(200, '<p>', 'text/html')],
    ['400 and no JSON', answer(400, '<p>', 'text/html')],
    ['400 and JSON', answer(400, '{"error":"no session"}')],
    ['400 and an error of a server without sessions', answer(400, { id: null, error: { code: -32000, message: 'x' } })],
    ['an unknown method', answer(200, { error: { code: -32601, message: 'x' } })],
    ['404 and an unknown method', answer(404, { error: { code: -32601, message: 'x' } })],
    ['invalid params', answer(400, { error: { code: -32602, message: 'x' } })],
    ['an empty result', {}],
    ['a list that is none', { supportedVersions: 'all' }],
    ['a refusal without versions', answer(400, { error: { code: -32022, message: 'x' } })],
    ['only old versions', { supportedVersions: ['2025-06-18'], capabilities: {} }],
    ['a refusal that names old versions', answer(400, { error: unsupported(['2025-11-25', '2024-11-05']) })],
    ['another id', answer(200, { id: 'x', result: discovered })],
    ['an ended stream', answer(200, ': nothing\n\n', 'text/event-stream')],
  ])('%s means the legacy era', async (_, script) => {
    const server = await startScriptedServer({ 'server/discover': script });
    expect(await upstreams().make({ url: server.url }).connect()).toMatchObject({ era: 'legacy' });
    expect(asked(server)).toEqual({ discover: 1, initialize: 1 });
  });

  test.each<[string, unknown, string, number]>([
    ['refuses the version it names for ever', answer(400, { error: unsupported(['2026-07-28']) }), 'refuses MCP', 2],
    ['speaks only versions to come', { ...discovered, supportedVersions: ['2031-01-01'] }, '"2031-01-01"', 1],
    ['names only versions to come', answer(400, { error: unsupported(['2031-01-01', { x: 1 }]) }), '"2031-01-01"', 1],
    ['names no versions', answer(400, { error: unsupported([]) }), 'of no version', 1],
    ['finds fault with headers', answer(400, { error: { code: -32020, message: 'no header' } }), 'no header', 1],
    ['wants more of clients', answer(400, { error: { code: -32021, message: 'more' } }), 'more', 1],
    ['is not to be reached', answer(503), 'answered HTTP 503', 1],
    ['asks for credentials', answer(401), 'answered HTTP 401', 1],
  ])('a server that %s gets no handshake', async (_, script, reason, discover) => {
    const server = await startScriptedServer({ 'server/discover': script });
    await expect(upstreams().make({ url: server.url }).connect()).rejects.toThrow(reason);
    expect(asked(server)).toEqual({ discover, initialize: 0 });
  });

  test('a version that was refused is asked for again when the server says it speaks it', async () => {
    let first = true;
    const server = await startScriptedServer({
      'server/discover': (response: ServerResponse, id: number) => {
        if (first) answer(400, { error: unsupported(['2026-07-28']) })(response, id);
        else answerJson(response, { jsonrpc: '2.0', id, result: discovered });
        first = false;
      },
    });
    expect(await upstreams().make({ url: server.url }).connect()).toMatchObject({ era: 'modern' });
    expect(asked(server)).toEqual({ discover: 2, initialize: 0 });
  });

  test('an era that is not spoken is told from a server that is not there', async () => {
    const [modern, legacy] = [await startModernServer('m'), await startStatelessServer('l')];
    const { make } = upstreams();
    const gone = await startScriptedServer({});
    await gone.close();
    for (const [url, era, name] of [
      [modern.url, 'legacy', 'UnspokenEraError'],
      [legacy.url, 'modern', 'UnspokenEraError'],
      [gone.url, 'modern', 'UpstreamError'],
      [gone.url, 'legacy', 'UpstreamError'],
    ] as const) {
      await expect(make({ url }, { era }).connect()).rejects.toMatchObject({ name });
    }
  });

  test('a server that dies of the question comes up at the next attempt', async () => {
    const server = await startScriptedServer({
      'server/discover': (response: ServerResponse) => response.socket?.destroy(),
    });
    const { make } = upstreams();
    await expect(make({ url: server.url }).connect()).rejects.toThrow(/connection/);
    expect(await make({ url: server.url }).connect()).toMatchObject({ era: 'legacy' });
    expect(asked(server)).toEqual({ discover: 1, initialize: 1 });
  });

  test('a server that says nothing to the question is offered a handshake', async () => {
    const server = await startScriptedServer({ 'server/discover': () => {} });
    const { make } = upstreams();
    expect(await make({ url: server.url, connect_timeout: 0.4 }).connect()).toMatchObject({ era: 'legacy' });
    expect(await make({ url: server.url }).connect()).toMatchObject({ era: 'legacy' });
    expect(asked(server)).toEqual({ discover: 1, initialize: 2 });
  });

  test('what was refused by nobody being there is asked for again', async () => {
    const server = await startModernServer('m');
    const { make } = upstreams();
    await make({ url: server.url }).connect();
    await server.close();
    await expect(make({ url: server.url }).connect()).rejects.toThrow('connection refused');
    const again = await startModernServer('m', { port: server.port });
    expect(await make({ url: server.url }).connect()).toMatchObject({ era: 'modern' });
    expect(again.received.map(({ body }) => body?.method)).not.toContain('initialize');
  });
});

describe('a backend that is replaced by one of another era', () => {
  const call = { name: 'b_echo', arguments: { text: 'x' } };

  test.each(['modern', 'legacy'])('while it was away comes back: first %s', async (first) => {
    const start = (era: string, port?: number) =>
      era === 'modern' ? startModernServer(era, { port }) : startHttpServer(era, { port });
    const second = first === 'modern' ? 'legacy' : 'modern';
    const server = await start(first);
    const gateway = await startGateway({ backends: [{ name: 'b', url: server.url }] });
    await gateway.waitFor('b', 'connected');
    const client = await gateway.connect();
    expect(textOf(await client.callTool(call))).toBe(`${first}: x`);
    await server.close();
    await gateway.waitFor('b', 'down');
    await start(second, server.port);
    await gateway.waitFor('b', 'connected');
    expect(textOf(await client.callTool(call))).toBe(`${second}: x`);
    await gateway.close();
  });

  const content = { content: [{ type: 'text', text: 'done' }] };
  const modern = { 'server/discover': discovered, 'tools/call': content, initialize: answer(404) };
  const stateless = { initialize: initialized, GET: (response: ServerResponse) => response.writeHead(405).end() };
  const refuse = (code: number, status: number) => answer(status, { id: null, error: { code, message: 'no' } });

  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    [
      'modern to legacy',
      modern,
      {
        'server/discover': refuse(-32000, 400),
        'tools/call': refuse(-32000, 400),
        initialize: initialized,
        ping: refuse(-32000, 400),
      },
    ],
    [
      'legacy to modern',
      { ...stateless, 'server/discover': answer(404), 'tools/call': content },
      {
        ...modern,
        initialize: refuse(-32022, 400),
        'tools/call': refuse(-32020, 400),
        ping: (response: ServerResponse, id: number) =>
          answer(400, { id, error: unsupported(['2026-07-28']) })(response, id),
      },
    ],
  ])('in place is noticed with the first call: %s', async (_, before, after) => {
    const scripts: Record<string, unknown> = { ...before };
    const server = await startScriptedServer(
      Object.fromEntries(
        [...new Set([...Object.keys(before), ...Object.keys(after)])].map((method) => [
          method,
          (response: ServerResponse, id: number, request: never) => {
            const script = scripts[method];
            if (typeof script === 'function') script(response, id, request);
            else if (id === undefined) response.writeHead(202).end();
            else answerJson(response, { jsonrpc: '2.0', id, result: script ?? {} });
          },
        ]),
      ),
    );
    const gateway = await startGateway({
      stateless: true,
      backends: [{ name: 'b', url: server.url, health_check_interval: 0 }],
    });
    await gateway.waitFor('b', 'connected');
    const connects = () => gateway.logs.filter(({ msg }) => msg === 'backend connected');
    Object.assign(scripts, after);
    await gateway.post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'b_call' } });
    await until(() => connects().length === 2, 'the backend to be connected again');
    const versions = connects().map(({ version }) => version);
    expect(new Set(versions)).toEqual(new Set(['2025-11-25', '2026-07-28']));
    await gateway.close();
  });
});

describe('over stdio', () => {
  const command = { command: process.execPath, args: [join(__dirname, '../fixtures/scripted-stdio.mjs')] };
  let directory: TestDirectory;
  beforeEach(() => {
    directory = makeDirectory();
  });
  afterEach(() => directory.remove());

  const play = (answers: object, more: Record<string, string> = {}) => {
    const seen = join(directory.path, 'seen');
    const env = { ANSWERS: JSON.stringify(answers), SEEN_FILE: seen, ...more };
    return {
      backend: { ...command, env, connect_timeout: 4 },
      seen: () => (existsSync(seen) ? readFileSync(seen, 'utf8').trim().split('\n') : []),
    };
  };
  const handshake = { initialize: { result: initialized } };

  test.each<[string, object]>([
    ['does not know the question', { ...handshake, 'server/discover': { error: { code: -32601, message: 'x' } } }],
    ['finds it invalid', { ...handshake, 'server/discover': { error: { code: -32602, message: 'x' } } }],
    ['has its own code for it', { ...handshake, 'server/discover': { error: { code: 7, message: 'x' } } }],
    ['says nothing', handshake],
  ])('a server of the legacy era that %s is initialized in the same process', async (_, answers) => {
    const { backend, seen } = play(answers);
    const { make } = upstreams();
    const { connect, upstream } = make(backend);
    expect(await connect()).toMatchObject({ era: 'legacy' });
    await upstream.close();
    expect(seen()).toEqual(['server/discover', 'initialize', 'notifications/initialized']);
    expect(await make(backend).connect()).toMatchObject({ era: 'legacy' });
    expect(seen().filter((method) => method === 'server/discover')).toHaveLength(1);
  });

  test('a modern server gets no handshake', async () => {
    const { backend, seen } = play({ 'server/discover': { result: discovered } });
    const { connect, upstream } = upstreams().make(backend);
    expect(await connect()).toMatchObject({ era: 'modern' });
    await upstream.close();
    expect(seen()).toEqual(['server/discover']);
  });

  test('a server that dies of the question comes up at the next attempt', async () => {
    const { backend, seen } = play({ ...handshake, 'server/discover': 'crash' });
    const { make } = upstreams();
    await expect(make(backend).connect()).rejects.toThrow('exited with code 3');
    expect(await make(backend).connect()).toMatchObject({ era: 'legacy' });
    await until(() => seen().length === 3, 'the end of the handshake');
    expect(seen()).toEqual(['server/discover', 'initialize', 'notifications/initialized']);
  });

  test.each<[string, object, string]>([
    [
      'modern',
      { 'server/discover': { result: discovered }, initialize: { error: unsupported(['2026-07-28']) } },
      'modern',
    ],
    ['legacy', { ...handshake, 'server/discover': { error: { code: -32601, message: 'x' } } }, 'legacy'],
  ])('a %s server that takes long to start is understood all the same', async (_, answers, era) => {
    const { backend } = play(answers, { START_MS: '700' });
    expect(
      await upstreams()
        .make({ ...backend, connect_timeout: 1 })
        .connect(),
    ).toMatchObject({ era });
  });

  test('a server that is not MCP is told', async () => {
    const error = { error: { code: -32601, message: 'what?' } };
    const { backend, seen } = play({ 'server/discover': error, initialize: error });
    await expect(upstreams().make(backend).connect()).rejects.toThrow('what?');
    expect(seen()).toEqual(['server/discover', 'initialize']);
  });
});

describe('a version that is pinned', () => {
  test('is the only one tried', async () => {
    const server = await startScriptedServer({
      'server/discover': discovered,
      initialize: { ...initialized, protocolVersion: '2025-06-18' },
    });
    const { make } = upstreams();
    const { url } = server;
    expect(await make({ url, protocol_version: '2025-06-18' }).connect()).toMatchObject({ version: '2025-06-18' });
    expect(asked(server)).toEqual({ discover: 0, initialize: 1 });
    await expect(make({ url, protocol_version: '2025-11-25' }).connect()).rejects.toThrow('speaks MCP "2025-06-18"');
    expect(asked(server)).toEqual({ discover: 0, initialize: 2 });
    expect(await make({ url, protocol_version: '2026-07-28' }).connect()).toMatchObject({ era: 'modern' });
    expect(asked(server)).toEqual({ discover: 1, initialize: 2 });
  });

  test('leaves nothing to a purpose of the other era', async () => {
    const server = await startScriptedServer({});
    const { connect } = upstreams().make({ url: server.url, protocol_version: '2026-07-28' }, { era: 'legacy' });
    await expect(connect()).rejects.toMatchObject({ name: 'UnspokenEraError' });
    expect(server.counts).toEqual({});
  });

  test('does not exist for a modern server when it is a legacy one', async () => {
    const server = await startModernServer('m');
    const { connect } = upstreams().make({ url: server.url, protocol_version: '2025-03-26' });
    await expect(connect()).rejects.toMatchObject({ name: 'UnspokenEraError' });
  });
});

test('SSE is there for the legacy era only', async () => {
  const server = await startSseServer('s');
  const { make } = upstreams();
  const backend = { url: server.url, transport: 'sse' } as const;
  expect(await make(backend).connect()).toMatchObject({ era: 'legacy' });
  await expect(make(backend, { era: 'modern' }).connect()).rejects.toMatchObject({ name: 'UnspokenEraError' });
  expect(() => make({ ...backend, protocol_version: '2026-07-28' })).toThrow(/protocol_version/);
});
