import { once } from 'node:events';
import { request as httpRequest, type OutgoingHttpHeaders } from 'node:http';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { toAbortSignal } from '../../../gateway-runtime/src/contracts/abortable.js';
import type { JsonObject } from '../../../gateway-runtime/src/contracts/json-rpc.js';
import type { RequestContext } from '../../../gateway-runtime/src/contracts/session.js';
import { InsufficientScopeError, RpcError } from '../../../gateway-runtime/src/errors.js';
import { startFront, type TestFront } from '../../helpers/gateway-front.js';
import { until } from '../../helpers/gateway-instance.js';
import { readEvents } from '../../helpers/sse-events.js';

const version = '2026-07-28';
const key = (name: string) => `io.modelcontextprotocol/${name}`;
const meta = {
  [key('protocolVersion')]: version,
  [key('clientInfo')]: { name: 'test', version: '1' },
  [key('clientCapabilities')]: { elicitation: {} },
};
const serverInfo = { [key('serverInfo')]: { name: 'front', version: '1' } };

const region = { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } };

/** What reached the other side. */
const seen: { params: JsonObject; context: RequestContext }[] = [];
const cancelled: string[] = [];
let front: TestFront;

beforeAll(async () => {
  front = await startFront(
    {
      'server/discover': () => ({
        supportedVersions: [version],
        capabilities: { tools: {} },
        ttlMs: 0,
        cacheScope: 'private',
      }),
      'tools/list': () => ({ tools: [], ttlMs: 0, cacheScope: 'private' }),
      'tools/call': async (params, context) => {
        seen.push({ params, context });
        const { name, arguments: args } = params as { name: string; arguments?: JsonObject };
        if (name === 'fail') throw new RpcError(args?.code as number, 'failed', { a: 1 });
        if (name === 'break') throw new Error('secret');
        if (name === 'scoped') throw new InsufficientScopeError('needs more', ['write']);
        if (name === 'talk') {
          context.notify('notifications/progress', { progressToken: 7, progress: 1 });
          context.notify('notifications/message', { level: 'info', data: 'hello' });
        }
        if (name === 'wait') {
          if (!context.signal.aborted) await once(toAbortSignal(context.signal), 'abort');
          cancelled.push('wait');
        }
        return { content: [], _meta: { own: 1 }, ...(args?.result as object) };
      },
      'resources/read': ({ uri }) => ({ contents: [{ uri, text: 'x' }], ttlMs: 0, cacheScope: 'private' }),
      'subscriptions/listen': async ({ notifications }, { notify, signal }) => {
        if (notifications === undefined) throw new RpcError(-32_602, 'nothing to listen to');
        notify('notifications/subscriptions/acknowledged', { notifications });
        notify('notifications/message', { level: 'info', data: 'never' });
        notify('notifications/tools/list_changed', {});
        await once(toAbortSignal(signal), 'abort');
        cancelled.push('listen');
        return {};
      },
      initialize: () => ({
        protocolVersion: '2025-11-25',
        capabilities: {},
        serverInfo: { name: 'front', version: '1' },
      }),
      'prompts/list': () => ({ prompts: [], resultType: 'complete' }),
    },
    { dispatcher: { inputSchemaOf: (tool) => (tool === 'regional' ? region : undefined) } },
  );
});

afterAll(() => front?.close());

interface Answer {
  readonly status: number;
  readonly body: { id?: unknown; result?: JsonObject; error?: { code: number; message: string; data?: JsonObject } };
}

function headersOf(method: string, params: JsonObject): Record<string, string> {
  const name = params.name ?? params.uri;
  return {
    'mcp-protocol-version': version,
    'mcp-method': method,
    ...(name !== undefined && { 'mcp-name': String(name) }),
  };
}

function open(method: string, params: JsonObject = {}, headers: Record<string, string> = {}, signal?: AbortSignal) {
  const body = { jsonrpc: '2.0', id: 5, method, params: { _meta: meta, ...params } };
  return front.post(body, { ...headersOf(method, params), ...headers }, signal);
}

async function ask(method: string, params?: JsonObject, headers?: Record<string, string>): Promise<Answer> {
  const response = await open(method, params, headers);
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

/** A request with headers that `fetch` would change or refuse. */
async function askRaw(body: unknown, headers: OutgoingHttpHeaders): Promise<Answer> {
  const text = JSON.stringify(body);
  const sent = httpRequest(front.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers },
  });
  sent.end(text);
  const [response] = await once(sent, 'response');
  let answer = '';
  for await (const chunk of response) answer += chunk;
  return { status: response.statusCode, body: JSON.parse(answer) };
}

describe('requests', () => {
  test('say who makes them, and results say who answers', async () => {
    const answer = await ask('tools/call', { name: 'echo' });
    expect(answer).toEqual({
      status: 200,
      body: {
        jsonrpc: '2.0',
        id: 5,
        result: { resultType: 'complete', content: [], _meta: { own: 1, ...serverInfo } },
      },
    });
    const { context } = seen.at(-1) as (typeof seen)[0];
    expect(context.client).toEqual({ era: 'modern', version, capabilities: { elicitation: {} } });
    expect(context.session).toBeUndefined();
    expect(context.ask).toBeUndefined();
  });

  test('keep what their `_meta` says to others', async () => {
    const own = { progressToken: 3, traceparent: 'x', 'com.example/a': { b: 1 }, [key('logLevel')]: 'debug' };
    await ask('tools/call', { name: 'echo', _meta: { ...meta, ...own } });
    expect(seen.at(-1)?.params).toEqual({ name: 'echo', _meta: own });
  });

  test('keep the kind of result they got', async () => {
    const result = { resultType: 'input_required', inputRequests: {}, requestState: 's' };
    expect((await ask('tools/call', { name: 'echo', arguments: { result } })).body.result).toMatchObject(result);
  });

  test('need no client info, no session and no earlier request', async () => {
    const { [key('clientInfo')]: _, ...rest } = meta;
    const answer = await ask('tools/list', { _meta: rest }, { 'mcp-session-id': 'x'.repeat(32), 'last-event-id': '9' });
    expect(answer.status).toBe(200);
  });

  test.each([
    ['no _meta at all', { _meta: undefined }],
    ['no version', { _meta: { ...meta, [key('protocolVersion')]: undefined } }],
    ['a version that is no text', { _meta: { ...meta, [key('protocolVersion')]: 5 } }],
    ['no capabilities', { _meta: { ...meta, [key('clientCapabilities')]: undefined } }],
    ['capabilities that are a list', { _meta: { ...meta, [key('clientCapabilities')]: [] } }],
    ['_meta that is a list', { _meta: [1] }],
  ])('fail with %s', async (_, params) => {
    const answer = await ask('tools/list', params as JsonObject);
    expect(answer).toMatchObject({ status: 400, body: { id: 5, error: { code: -32_602 } } });
  });

  test.each(['v999.0.0', '2027-01-01', ''])('fail in version "%s", and say which there are', async (requested) => {
    const params = { _meta: { ...meta, [key('protocolVersion')]: requested } };
    const answer = await ask('server/discover', params, { 'mcp-protocol-version': requested });
    expect(answer).toMatchObject({ status: 400, body: { id: 5, error: { code: -32_022, data: { requested } } } });
    expect(answer.body.error?.data?.supported).toContain(version);
  });

  test('in an unknown version fail for that when only the header says it', async () => {
    const answer = await ask('tools/list', { _meta: undefined }, { 'mcp-protocol-version': '2099-01-01' });
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: -32_022, data: { requested: '2099-01-01' } } },
    });
  });

  test.each([
    'initialize',
    'ping',
    'logging/setLevel',
    'resources/subscribe',
    'resources/unsubscribe',
    'unknown/method',
  ])('for %s find nothing', async (method) => {
    expect(await ask(method)).toMatchObject({ status: 404, body: { id: 5, error: { code: -32_601 } } });
  });

  test.each([
    [-32_002, 200, -32_602],
    [-32_042, 200, -32_603],
    [-32_050, 200, -32_603],
    [-32_602, 200, -32_602],
    [-32_601, 404, -32_601],
    [-32_021, 400, -32_021],
    [-32_001, 200, -32_001],
    [17, 200, 17],
  ])('that fail with %s are answered with HTTP %s and %s', async (code, status, given) => {
    const answer = await ask('tools/call', { name: 'fail', arguments: { code } });
    expect(answer).toMatchObject({
      status,
      body: { id: 5, error: { code: given, message: 'failed', data: { a: 1 } } },
    });
  });

  test('that fail unforeseen say nothing of it', async () => {
    const answer = await ask('tools/call', { name: 'break' });
    expect(answer).toEqual({
      status: 200,
      body: { jsonrpc: '2.0', id: 5, error: { code: -32_603, message: 'internal error' } },
    });
  });

  test('that need more scopes say which', async () => {
    const response = await open('tools/call', { name: 'scoped' });
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toContain('scope="write"');
    expect(await response.json()).toMatchObject({ id: 5, error: { code: -32_000 } });
  });

  test('come one at a time, and answers do not come at all', async () => {
    const single = { jsonrpc: '2.0', id: 5, method: 'tools/list', params: { _meta: meta } };
    const headers = headersOf('tools/list', {});
    for (const body of [[single], [single, single], { jsonrpc: '2.0', id: 1, result: {} }]) {
      const response = await front.post(body, headers);
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({ jsonrpc: '2.0', error: { code: -32_600, message: expect.any(String) } });
    }
  });

  test.each([null, [], true, 1.5e308, 2 ** 53])('fail with the id %j', async (id) => {
    const body = { jsonrpc: '2.0', id, method: 'tools/list', params: { _meta: meta } };
    expect((await front.post(body, headersOf('tools/list', {}))).status).toBe(400);
  });

  test('that are no requests name their id all the same', async () => {
    const body = { jsonrpc: '2.0', id: 9, method: 'tools/list', params: [] };
    expect(await (await front.post(body, headersOf('tools/list', {}))).json()).toMatchObject({ id: 9 });
  });

  test('may have any legal id', async () => {
    for (const id of ['', 'ä\u0000"', 'x'.repeat(100_000), 0, -1, 1.5, Number.MAX_SAFE_INTEGER]) {
      const body = { jsonrpc: '2.0', id, method: 'tools/list', params: { _meta: meta } };
      expect(((await (await front.post(body, headersOf('tools/list', {}))).json()) as Answer['body']).id).toBe(id);
    }
  });

  test('notifications are accepted', async () => {
    const body = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 5 } };
    const response = await front.post(body, { 'mcp-protocol-version': version });
    expect([response.status, await response.text()]).toEqual([202, '']);
  });

  test.each(['GET', 'DELETE'])('%s belongs to the legacy era', async (method) => {
    const response = await fetch(front.url, { method, headers: { 'mcp-protocol-version': version, accept: '*/*' } });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

describe('headers', () => {
  const call = { name: 'echo' };

  test.each([
    ['no version', 'tools/list', {}, { 'mcp-protocol-version': undefined }],
    ['a legacy version', 'tools/list', {}, { 'mcp-protocol-version': '2025-11-25' }],
    ['another version', 'tools/list', {}, { 'mcp-protocol-version': 'v999' }],
    ['two versions', 'tools/list', {}, { 'mcp-protocol-version': `${version}, ${version}` }],
    ['no method', 'tools/list', {}, { 'mcp-method': undefined }],
    ['another method', 'tools/list', {}, { 'mcp-method': 'prompts/list' }],
    ['a method in capitals', 'tools/list', {}, { 'mcp-method': 'TOOLS/LIST' }],
    ['an encoded method', 'tools/list', {}, { 'mcp-method': '=?base64?dG9vbHMvbGlzdA==?=' }],
    ['no name', 'tools/call', call, { 'mcp-name': undefined }],
    ['another name', 'tools/call', call, { 'mcp-name': 'other' }],
    ['two names', 'tools/call', call, { 'mcp-name': 'echo, echo' }],
    ['no URI', 'resources/read', { uri: 'a://b' }, { 'mcp-name': undefined }],
    ['no name of a prompt', 'prompts/get', { name: 'p' }, { 'mcp-name': undefined }],
    ['another encoded name', 'tools/call', call, { 'mcp-name': '=?base64?b3RoZXI=?=' }],
    ['an encoding with spaces in it', 'tools/call', call, { 'mcp-name': '=?base64?ZWNo bw==?=' }],
    ['an encoding in capitals', 'tools/call', call, { 'mcp-name': '=?BASE64?ZWNobw==?=' }],
    ['an encoding without an end', 'tools/call', call, { 'mcp-name': '=?base64?ZWNobw==' }],
    ['no parameter', 'tools/call', { name: 'regional', arguments: { region: 'eu' } }, {}],
    [
      'another parameter',
      'tools/call',
      { name: 'regional', arguments: { region: 'eu' } },
      { 'mcp-param-region': 'us' },
    ],
    ['a parameter too many', 'tools/call', { name: 'regional', arguments: {} }, { 'mcp-param-region': 'us' }],
    [
      'a parameter encoded wrongly',
      'tools/call',
      { name: 'regional', arguments: { region: 'Hello' } },
      { 'mcp-param-region': '=?base64?SGVs!!!bG8=?=' },
    ],
  ])('with %s fail', async (_, method, params, headers) => {
    const all: OutgoingHttpHeaders = { ...headersOf(method, params), ...headers };
    for (const name of Object.keys(all)) if (all[name] === undefined) delete all[name];
    const body = { jsonrpc: '2.0', id: 5, method, params: { _meta: meta, ...params } };
    const answer = await askRaw(body, all);
    expect(answer).toMatchObject({ status: 400, body: { id: 5, error: { code: -32_020 } } });
  });

  test.each([
    ['an encoded name', 'echo', '=?base64?ZWNobw==?='],
    ['a name with spaces around', 'echo', '  echo  '],
    ['a name that is not ASCII', 'Zürich', '=?base64?WsO8cmljaA==?='],
    ['a name that looks encoded', '=?base64?x?=', '=?base64?PT9iYXNlNjQ/eD89?='],
    ['a name without text', '', ''],
  ])('with %s are read', async (_, name, header) => {
    const body = { jsonrpc: '2.0', id: 5, method: 'tools/call', params: { _meta: meta, name } };
    const answer = await askRaw(body, {
      'MCP-PROTOCOL-VERSION': version,
      'MCP-Method': 'tools/call',
      'Mcp-Name': header,
    });
    expect(answer.status).toBe(200);
  });

  test('repeat what a tool wants, and others are of no interest', async () => {
    const params = { name: 'regional', arguments: { region: 'eu' } };
    const answer = await ask('tools/call', params, { 'mcp-param-region': 'eu', 'mcp-param-unknown': 'x' });
    expect(answer.status).toBe(200);
    expect((await ask('tools/call', { name: 'regional' })).status).toBe(200);
  });

  test('as large as a server takes them are no danger', async () => {
    const answer = await ask('tools/call', call, { 'mcp-name': `=?base64?${'A'.repeat(12_000)}?=` });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: -32_020 } } });
    expect(JSON.stringify(answer.body).length).toBeLessThan(300);
  });
});

describe('streams', () => {
  test('begin when something is said before the result, and logs are only for those who want them', async () => {
    const quiet = readEvents(await open('tools/call', { name: 'talk' }));
    expect((await quiet.rest()).map(({ method }) => method)).toEqual(['notifications/progress', undefined]);
    const _meta = { ...meta, [key('logLevel')]: 'info' };
    const chatty = readEvents(await open('tools/call', { name: 'talk', _meta }));
    expect((await chatty.rest()).map(({ method }) => method)).toEqual([
      'notifications/progress',
      'notifications/message',
      undefined,
    ]);
  });

  test('have no event ids, since nothing can be resumed', async () => {
    const response = await open('tools/call', { name: 'talk' });
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    expect(response.headers.get('mcp-session-id')).toBeNull();
    expect(await response.text()).not.toMatch(/^(id|retry):/m);
  });

  test('that their client leaves cancel the request at once', async () => {
    const leaving = new AbortController();
    const left = open('tools/call', { name: 'wait' }, {}, leaving.signal);
    await until(() => seen.at(-1)?.params.name === 'wait', 'the call');
    leaving.abort();
    await expect(left).rejects.toThrow();
    await until(() => cancelled.includes('wait'), 'the end of the call');
  });

  test('of news name their subscription in every message', async () => {
    const leaving = new AbortController();
    const events = readEvents(
      await open('subscriptions/listen', { notifications: { toolsListChanged: true } }, {}, leaving.signal),
    );
    const tag = { _meta: { [key('subscriptionId')]: 5 } };
    expect(await events.message()).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications: { toolsListChanged: true }, ...tag },
    });
    expect(await events.message()).toEqual({ jsonrpc: '2.0', method: 'notifications/tools/list_changed', params: tag });
    leaving.abort();
    await until(() => cancelled.includes('listen'), 'the end of the subscription');
  });

  test('of news that cannot be had end with an error', async () => {
    expect(await ask('subscriptions/listen')).toMatchObject({ status: 200, body: { id: 5, error: { code: -32_602 } } });
  });
});

describe('the other era', () => {
  test('goes on at the same endpoint', async () => {
    const session = await front.begin();
    const listed = await front.post({ jsonrpc: '2.0', id: 1, method: 'prompts/list' }, session);
    expect(await listed.json()).toEqual({ jsonrpc: '2.0', id: 1, result: { prompts: [] } });
    const modern = await ask('tools/list', {}, session);
    expect(modern.status).toBe(200);
  });

  test('a client of the official SDK finds its era', async () => {
    for (const [mode, era] of [
      ['auto', 'modern'],
      ['legacy', 'legacy'],
    ] as const) {
      const client = new Client({ name: 't', version: '1' }, { versionNegotiation: { mode } });
      await client.connect(new StreamableHTTPClientTransport(new URL(front.url)));
      await client.callTool({ name: 'echo' });
      expect(seen.at(-1)?.context.client.era).toBe(era);
      await client.close();
    }
  });
});

test('streams of news end with a result when the gateway does', async () => {
  const closing = await startFront({
    'subscriptions/listen': async ({ notifications }, { notify, signal }) => {
      notify('notifications/subscriptions/acknowledged', { notifications });
      await once(toAbortSignal(signal), 'abort');
      throw new Error('closed');
    },
  });
  const params = { _meta: meta, notifications: {} };
  const body = { jsonrpc: '2.0', id: 'news', method: 'subscriptions/listen', params };
  const events = readEvents(await closing.post(body, headersOf('subscriptions/listen', {})));
  await events.message();
  await closing.endpoint.drain(100);
  expect(await events.rest()).toEqual([
    {
      jsonrpc: '2.0',
      id: 'news',
      result: { resultType: 'complete', _meta: { [key('subscriptionId')]: 'news', ...serverInfo } },
    },
  ]);
  await closing.close();
});
