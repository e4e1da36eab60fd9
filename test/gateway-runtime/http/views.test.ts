import type { JsonObject } from '../../../gateway-runtime/src/contracts/json-rpc.js';
import { startFront, type TestFront } from '../../helpers/gateway-front.js';
import { startGateway } from '../../helpers/gateway-instance.js';

let front: TestFront;

beforeAll(async () => {
  front = await startFront(
    { 'tools/list': (_, { view, session }) => ({ tools: [], view, ofSession: session?.view }) },
    {
      auth: { static_tokens: { ada: { client_id: 'ada' } } },
      dispatcher: { hasView: (view) => ['logs', 'a.b-c_d'].includes(view) },
    },
  );
});

afterAll(() => front?.close());

const ada = { authorization: 'Bearer ada' };
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

function post(path: string, message: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(front.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...ada, ...headers },
    body: JSON.stringify(message),
  });
}

async function begin(path: string): Promise<Record<string, string>> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } };
  const answer = await post(path, { jsonrpc: '2.0', id: 0, method: 'initialize', params });
  return { 'mcp-session-id': answer.headers.get('mcp-session-id') ?? '' };
}

test.each([
  ['', undefined],
  ['/', undefined],
  ['/logs', 'logs'],
  ['/logs?x=1', 'logs'],
  ['/a.b-c_d', 'a.b-c_d'],
])('a request to /mcp%s is for the view %s', async (path, view) => {
  const answer = (await (await post(path, list, await begin(path))).json()) as { result: JsonObject };
  expect(answer.result).toEqual({ tools: [], view, ofSession: view });
});

test.each(['/other', '/logs/', '/logs/x', '/lo%67s', '/..%2flogs', '//logs', '/LOGS'])(
  'nothing is at /mcp%s',
  async (path) => {
    expect((await post(path, list)).status).toBe(404);
  },
);

test('whoever is not let in learns nothing of views', async () => {
  for (const path of ['/logs', '/other']) expect((await post(path, list, { authorization: 'x' })).status).toBe(401);
});

test('a session of one view is unknown in others', async () => {
  const session = await begin('/logs');
  expect((await post('/logs', list, session)).status).toBe(200);
  for (const path of ['', '/a.b-c_d']) {
    expect((await post(path, list, session)).status).toBe(404);
    const ended = await fetch(front.url + path, { method: 'DELETE', headers: { ...ada, ...session } });
    expect(ended.status).toBe(404);
  }
  expect((await post('/logs', list, await begin(''))).status).toBe(404);
});

test('a request of the modern era reaches its view', async () => {
  const key = (name: string) => `io.modelcontextprotocol/${name}`;
  const _meta = { [key('protocolVersion')]: '2026-07-28', [key('clientCapabilities')]: {} };
  const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' };
  const answer = await post('/logs', { ...list, params: { _meta } }, headers);
  expect(await answer.json()).toMatchObject({ result: { view: 'logs' } });
});

test('the metadata is at the paths of views, too, and names the view', async () => {
  const gateway = await startGateway({
    auth: {
      static_tokens: { t: { client_id: 't' } },
      resource_url: 'https://mcp.example/mcp',
      authorization_servers: ['https://issuer.example'],
    },
  });
  const found = await fetch(`${gateway.origin}/.well-known/oauth-protected-resource/mcp/logs`);
  expect(await found.json()).toMatchObject({ resource: 'https://mcp.example/mcp/logs' });
  expect((await fetch(`${gateway.origin}/.well-known/oauth-protected-resource/mcpx`)).status).toBe(404);
  await gateway.close();
});
