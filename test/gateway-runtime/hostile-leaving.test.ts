import type { IncomingMessage, ServerResponse } from 'node:http';
import { startGateway, type TestGateway, until } from '../helpers/gateway-instance.js';
import { answerJson, type ScriptedServer, startScriptedServer } from '../helpers/gateway-scripted.js';

let backend: ScriptedServer;
let gateway: TestGateway;
/** Sessions that the gateway has open at the backend. */
const open = new Set<string>();
/** Those of them in which it hears about resources. */
const subscribed = new Set<string>();
/** Answers handshakes and subscriptions that wait. */
const held: (() => void)[] = [];
let holds = false;
let count = 0;

beforeAll(async () => {
  backend = await startScriptedServer({
    initialize: (response: ServerResponse, id: number) => {
      const session = `s${++count}`;
      const result = {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {}, resources: { subscribe: true } },
        serverInfo: { name: 's', version: '1' },
      };
      const answer = () => {
        open.add(session);
        response.setHeader('mcp-session-id', session);
        answerJson(response, { jsonrpc: '2.0', id, result });
      };
      if (holds) held.push(answer);
      else answer();
    },
    'resources/templates/list': { resourceTemplates: [{ name: 't', uriTemplate: 'note://{id}' }] },
    'resources/subscribe': (response: ServerResponse, id: number, request: IncomingMessage) => {
      const answer = () => {
        subscribed.add(String(request.headers['mcp-session-id']));
        answerJson(response, { jsonrpc: '2.0', id, result: {} });
      };
      if (holds) held.push(answer);
      else answer();
    },
    'resources/unsubscribe': (response: ServerResponse, id: number, request: IncomingMessage) => {
      subscribed.delete(String(request.headers['mcp-session-id']));
      answerJson(response, { jsonrpc: '2.0', id, result: {} });
    },
    'tools/call': { content: [] },
    DELETE: (response: ServerResponse, _: number, request: IncomingMessage) => {
      open.delete(String(request.headers['mcp-session-id']));
      response.writeHead(204).end();
    },
  });
  gateway = await startGateway({ backends: [{ name: 'b', url: backend.url }] });
  await gateway.waitFor('b', 'connected');
});

afterAll(async () => {
  await gateway?.close();
  await backend?.close();
});

async function begin(): Promise<Record<string, string>> {
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: { roots: {} },
    clientInfo: { name: 't', version: '1' },
  };
  const answer = await gateway.post({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
  await answer.text();
  return { 'mcp-session-id': answer.headers.get('mcp-session-id') as string };
}

test('a connection that opens for a session which has ended meanwhile is closed', async () => {
  const headers = await begin();
  holds = true;
  const call = gateway.post({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'b_call' } }, headers);
  await until(() => held.length > 0, 'the handshake');
  await fetch(gateway.url, { method: 'DELETE', headers });
  holds = false;
  for (const answer of held.splice(0)) answer();
  await (await call).text();
  await until(() => open.size === 1, 'the connection of the client to be closed', 1500);
});

test('what a client no longer wants when its backend agrees is ended', async () => {
  const meta = 'io.modelcontextprotocol/';
  const _meta = {
    [`${meta}protocolVersion`]: '2026-07-28',
    [`${meta}clientInfo`]: { name: 't', version: '1' },
    [`${meta}clientCapabilities`]: {},
  };
  const leaving = new AbortController();
  holds = true;
  const listening = fetch(gateway.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'subscriptions/listen',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'subscriptions/listen',
      params: { notifications: { resourceSubscriptions: ['note://1', 'note://2'] }, _meta },
    }),
    signal: leaving.signal,
  }).catch(() => {});
  await until(() => held.length === 2, 'the subscriptions');
  leaving.abort();
  await listening;
  holds = false;
  for (const answer of held.splice(0)) answer();
  await until(() => subscribed.size === 0 && (backend.counts['resources/unsubscribe'] ?? 0) > 0, 'the end');
});

test('a session subscribes to a bounded number of resources', async () => {
  const headers = await begin();
  const subscribe = async (id: number) => {
    const params = { uri: `note://${id}` };
    return (await gateway.post({ jsonrpc: '2.0', id, method: 'resources/subscribe', params }, headers)).json();
  };
  for (let id = 0; id < 1000; id += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, index) => subscribe(id + index)));
  }
  expect(await subscribe(999)).toMatchObject({ result: {} });
  expect(await subscribe(1000)).toMatchObject({ error: { code: -32602 } });
});
