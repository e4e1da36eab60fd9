import type { IncomingMessage, ServerResponse } from 'node:http';
import { request } from 'node:http';
import { startGateway, type TestGateway } from '../helpers/gateway-instance.js';
import { answerJson, type ScriptedServer, startScriptedServer } from '../helpers/gateway-scripted.js';

const meta = 'io.modelcontextprotocol/';
const pages = (count: number) =>
  Array.from({ length: count }, (_, id) => ({
    mode: 'url',
    message: 'go',
    url: `https://a.example/${id}`,
    elicitationId: `${id}`,
  }));

let backend: ScriptedServer;
let gateway: TestGateway;
/** Pages that the backend wants visited. */
let wanted = 21;
let calls = 0;

beforeAll(async () => {
  backend = await startScriptedServer({
    'tools/list': { tools: ['call', 'delete'].map((name) => ({ name, inputSchema: { type: 'object' } })) },
    'tools/call': (response: ServerResponse, id: number, _: IncomingMessage) => {
      calls++;
      const error = { code: -32042, message: 'visit first', data: { elicitations: pages(wanted) } };
      answerJson(response, { jsonrpc: '2.0', id, error });
    },
  });
  gateway = await startGateway({
    log_level: 'DEBUG',
    auth: {
      static_tokens: { 'token-of-ada': { client_id: 'ada', scopes: ['all'] }, 'token-of-eve': { client_id: 'eve' } },
      tool_scopes: { '*delete*': ['all'], '*': [] },
    },
    backends: [{ name: 'b', url: backend.url, namespace_tools: false }],
    views: { search: { tool_search: true }, calls: { tools: ['call'] } },
  });
  await gateway.waitFor('b', 'connected').catch(() => {});
});

afterAll(async () => {
  await gateway?.close();
  await backend?.close();
});

const as = (name: string) => ({ authorization: `Bearer token-of-${name}` });

function modern(name: string, method: string, params: Record<string, unknown>, headers = {}, view = '') {
  const _meta = {
    [`${meta}protocolVersion`]: '2026-07-28',
    [`${meta}clientInfo`]: { name: 't', version: '1' },
    [`${meta}clientCapabilities`]: { elicitation: { url: {} } },
  };
  return fetch(gateway.url + view, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof params.name === 'string' && { 'mcp-name': params.name }),
      ...as(name),
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } }),
  });
}

async function begin(name: string, view = ''): Promise<Record<string, string>> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name, version: '1' } };
  const answer = await fetch(gateway.url + view, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...as(name) },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
  });
  await answer.text();
  return { 'mcp-session-id': answer.headers.get('mcp-session-id') as string };
}

test('nobody is sent to more pages at once than somebody would visit', async () => {
  wanted = 21;
  expect(await (await modern('ada', 'tools/call', { name: 'call' })).json()).toMatchObject({
    error: { message: 'visit first' },
  });
  wanted = 20;
  const asked = (await (await modern('ada', 'tools/call', { name: 'call' })).json()) as {
    result: { inputRequests: object };
  };
  expect(Object.keys(asked.result.inputRequests)).toHaveLength(20);
});

test('a call that waits for one caller goes on for no other, no other tool and no other method', async () => {
  wanted = 1;
  const asked = (await (await modern('ada', 'tools/call', { name: 'call' })).json()) as {
    result: { requestState: string };
  };
  const { requestState } = asked.result;
  const again = { name: 'call', requestState, inputResponses: { 'input-1': { action: 'accept' } } };
  const before = calls;
  for (const [name, params] of [
    ['eve', again],
    ['ada', { ...again, name: 'delete' }],
    ['ada', { ...again, arguments: { a: 1 } }],
    ['ada', { ...again, requestState: `A${requestState}` }],
    ['ada', { ...again, requestState: {} }],
    ['ada', { ...again, inputResponses: [] }],
  ] as const) {
    expect(await (await modern(name, 'tools/call', params)).json()).toMatchObject({ error: { code: -32602 } });
  }
  expect(calls).toBe(before);
  await (await modern('ada', 'tools/call', again)).text();
  expect(calls).toBe(before + 1);
});

test.each(['delete', 'b_delete'])('no way leads around the scopes of %s', async (tool) => {
  const before = calls;
  const session = await begin('eve');
  const inSearch = await begin('eve', '/search');
  const call = (name: string, headers: object, view = '', params = {}) =>
    fetch(gateway.url + view, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...as('eve'),
        ...headers,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name, ...params } }),
    });
  const found = { arguments: { name: tool } };
  const answers = await Promise.all([
    call(tool, session),
    call(tool, inSearch, '/search'),
    call('call_tool', inSearch, '/search', found),
    modern('eve', 'tools/call', { name: tool }),
    modern('eve', 'tools/call', { name: tool }, {}, '/search'),
    modern('eve', 'tools/call', { name: 'call_tool', ...found }, {}, '/search'),
    modern('eve', 'tools/call', { name: tool }, { 'mcp-name': 'call' }),
    modern('ada', 'tools/call', { name: tool }, {}, '/calls'),
    modern('eve', 'tools/call', { name: tool, task: {} }),
  ]);
  for (const answer of answers) expect(await answer.json()).not.toHaveProperty('result.resultType', 'input_required');
  expect(calls).toBe(before);
});

test('a session is of no use to others, and to nobody in another view', async () => {
  const session = await begin('ada');
  const listen = (headers: object, view = '') =>
    fetch(gateway.url + view, { headers: { accept: 'text/event-stream', ...session, ...headers } });
  for (const [headers, view] of [
    [as('eve'), ''],
    [{ ...as('eve'), 'last-event-id': 'answer-aaaaaaaa.0' }, ''],
    [as('ada'), '/calls'],
  ] as const) {
    expect((await listen(headers, view)).status).toBe(404);
  }
  const ended = await fetch(gateway.url, { method: 'DELETE', headers: { ...session, ...as('eve') } });
  expect(ended.status).toBe(404);
});

test.each(['..', '%2e%2e', '__proto__', 'constructor', 'toString', 'search/..', 'search%00', 'search/search'])(
  'there is no view %s',
  async (view) => {
    const { port, pathname } = new URL(gateway.url);
    const status = await new Promise((resolve) =>
      request({ port, path: `${pathname}/${view}`, method: 'POST', headers: as('ada') }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end('{}'),
    );
    expect(status).toBe(404);
  },
);

test('no token stands in the log or in what the gateway says of itself', async () => {
  const ready = await (await fetch(`${gateway.origin}/ready`, { headers: as('ada') })).text();
  expect(JSON.stringify(gateway.logs) + ready).not.toMatch(/token-of-|requestState/);
  expect(gateway.logs.length).toBeGreaterThan(5);
});
