import type { IncomingMessage, ServerResponse } from 'node:http';
import { startGateway, type TestGateway, textOf } from '../../helpers/gateway-instance.js';
import { startModernServer } from '../../helpers/gateway-modern-servers.js';
import { answerJson, startScriptedServer } from '../../helpers/gateway-scripted.js';
import { startStatelessServer } from '../../helpers/gateway-servers.js';
import { upstreams } from '../../helpers/gateway-upstream.js';
import { makeKeyPair, makeSessionToken, startSignatureGate } from '../../helpers/oci-signature.js';

test('a stateless server: signed POST requests only, no session, everything a client may ask', async () => {
  const { publicKey, privateKey } = makeKeyPair();
  const server = await startStatelessServer('s');
  const gate = await startSignatureGate(server.url, () => publicKey);
  const gateway = await startGateway(
    { backends: [{ name: 's', url: gate.url, json_only: true, auth_method: 'resource_principal' }] },
    {
      host: {
        env: {
          OCI_RESOURCE_PRINCIPAL_VERSION: '2.2',
          OCI_RESOURCE_PRINCIPAL_RPST: makeSessionToken(),
          OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM: privateKey,
        },
        kill: () => {},
      },
    },
  );
  await gateway.waitFor('s', 'connected');
  const client = await gateway.connect();
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['s_echo', 's_fail', 's_slow', 's_work']);
  expect(textOf(await client.callTool({ name: 's_echo', arguments: { text: 'x' } }))).toBe('s: x');
  expect(await client.callTool({ name: 's_fail' })).toMatchObject({ isError: true });
  await expect(client.readResource({ uri: 'note://s' })).resolves.toMatchObject({ contents: [{ text: 'note of s' }] });
  await expect(client.getPrompt({ name: 's_greet', arguments: { name: 'Ada' } })).resolves.toHaveProperty('messages');
  await expect(client.getPrompt({ name: 's_greet' })).rejects.toThrow(/-32602/);
  await gateway.close();
  expect(new Set(gate.seen.map(({ method, fault }) => `${method} ${fault}`))).toEqual(new Set(['POST undefined']));
  for (const headers of server.seen.headers) {
    expect(headers.accept).toBe('application/json, text/event-stream');
    expect(headers).not.toHaveProperty('mcp-session-id');
  }
  expect(server.seen.headers.at(-1)?.['mcp-protocol-version']).toBe('2025-11-25');
  for (const one of [gate, server]) await one.close();
});

test('a server of 2026-07-28: nothing is listened to, and no progress is asked for', async () => {
  const server = await startModernServer('m');
  const { connect, upstream } = upstreams().make({ url: server.url, json_only: true });
  expect(await connect()).toMatchObject({ era: 'modern' });
  const steps: unknown[] = [];
  const call = { name: 'work', arguments: {}, _meta: { progressToken: 'theirs' } };
  const result = await upstream.request('tools/call', call, { onProgress: (step) => void steps.push(step) });
  expect(textOf(result)).toBe('done');
  expect(server.received.at(-1)?.body?.params?._meta).not.toHaveProperty('progressToken');
  expect(steps).toEqual([]);
  await expect(upstream.request('resources/subscribe', { uri: 'note://m' })).rejects.toMatchObject({ code: -32601 });
  await expect(upstream.request('no/such/method', {})).rejects.toMatchObject({ code: -32601 });
  await upstream.close();
  const methods = server.received.map(({ httpMethod, body }) => body?.method ?? httpMethod);
  expect(methods).toEqual(['server/discover', 'tools/call', 'no/such/method']);
});

test("a legacy one is asked for no progress either, and its session is nobody's", async () => {
  const asked: (string | undefined)[] = [];
  const server = await startScriptedServer({
    initialize: (response: ServerResponse, id: number) => {
      response.setHeader('mcp-session-id', 'unwanted');
      answerJson(response, { jsonrpc: '2.0', id, result: { protocolVersion: '2025-11-25', capabilities: {} } });
    },
    'tools/call': (response: ServerResponse, id: number, request: IncomingMessage) => {
      asked.push(request.headers['mcp-session-id'] as string | undefined);
      answerJson(response, { jsonrpc: '2.0', id, result: { content: [] } });
    },
  });
  const { connect, upstream } = upstreams().make({ url: server.url, json_only: true });
  await connect();
  await upstream.request('tools/call', { name: 'x' }, { onProgress: () => {} });
  await upstream.close();
  expect(asked).toEqual([undefined]);
  expect(Object.keys(server.counts)).not.toEqual(expect.arrayContaining(['GET']));
  expect(Object.keys(server.counts)).not.toEqual(expect.arrayContaining(['DELETE']));
});

/** A gateway before a server that answers as told. */
/** How the gateway says that its backend is doing. */
async function stateOf({ origin }: Pick<TestGateway, 'origin'>): Promise<string> {
  const { backends } = (await (await fetch(`${origin}/ready`)).json()) as { backends: { state: string }[] };
  return String(backends[0]?.state);
}

async function startWith(scripts: Record<string, unknown>) {
  const server = await startScriptedServer(scripts);
  const gateway = await startGateway({
    stateless: true,
    backends: [{ name: 's', url: server.url, json_only: true, request_timeout: 3, connect_timeout: 3 }],
  });
  const call = async () => {
    const message = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 's_call' } };
    const answer = (await (await gateway.post(message)).json()) as { result?: unknown; error?: { message: string } };
    return answer.error ? answer.error.message : textOf(answer.result);
  };
  const reason = async () => {
    const ready = (await (await fetch(`${gateway.origin}/ready`)).json()) as { backends: { reason: string }[] };
    return ready.backends[0]?.reason;
  };
  const close = async () => {
    await gateway.close();
    await server.close();
  };
  return { server, gateway, call, reason, close };
}

const reply =
  (status: number, text?: string, type = 'application/json') =>
  (response: ServerResponse) =>
    response.writeHead(status, { 'content-type': type }).end(text);

test.each<[string, number, string | undefined]>([
  ['202', 202, undefined],
  ['204', 204, undefined],
  ['{}', 200, '{}'],
  ['null', 200, 'null'],
  ['nothing', 200, ''],
])('a notification may be answered with %s', async (_, status, text) => {
  const { server, gateway, close } = await startWith({ 'notifications/initialized': reply(status, text) });
  await gateway.waitFor('s', 'connected');
  expect(server.counts['notifications/initialized']).toBe(1);
  await close();
});

test('fails when a notification is refused', async () => {
  const { gateway, reason, close } = await startWith({ 'notifications/initialized': reply(400) });
  await gateway.waitFor('s', 'down');
  expect(await reason()).toBe('answered HTTP 400');
  await close();
});

const result = JSON.stringify({ jsonrpc: '2.0', id: 1, result: { content: [] } });

test.each<[string, (response: ServerResponse, id: number) => unknown, string]>([
  ['nothing', reply(200, ''), 'backend "s": sent an empty answer to tools/call'],
  ['blanks', reply(200, ' \n'), 'backend "s": sent an empty answer to tools/call'],
  ['202', reply(202), 'backend "s": sent an empty answer to tools/call'],
  ['null', reply(200, 'null'), 'backend "s": sent JSON that is not an answer to tools/call'],
  ['{}', reply(200, '{}'), 'backend "s": sent JSON that is not an answer to tools/call'],
  ['JSON in a JSON string', reply(200, JSON.stringify(result)), 'backend "s": sent JSON that is not an answer to'],
  ['the answer to another request', reply(200, result), 'backend "s": sent JSON that is not an answer to tools/call'],
  ['text', reply(200, '<html>', 'text/html'), 'backend "s": sent something that is not JSON'],
  [
    'a stream',
    reply(200, `data: ${result}\n\n`, 'text/event-stream'),
    'backend "s": answered with an event stream; remove "json_only" from the backend',
  ],
  ['a refusal', reply(403, 's3cret'), 'backend "s": answered HTTP 403'],
  [
    "OCI's refusal",
    reply(404, '{"code":"NotAuthorizedOrNotFound","message":"s3cret"}'),
    'backend "s": answered HTTP 404 (NotAuthorizedOrNotFound)',
  ],
  ['a code that is none', reply(500, '{"code":"s3cret s3cret"}'), 'backend "s": answered HTTP 500'],
  [
    'a JSON-RPC error',
    (response, id) => answerJson(response, { jsonrpc: '2.0', id, error: { code: -32000, message: 'own words' } }),
    'own words',
  ],
  [
    'a JSON-RPC error with a status of its own',
    (response, id) =>
      reply(400, JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32600, message: 'own words' } }))(response),
    'own words',
  ],
  [
    'JSON that is called something else',
    (response, id) =>
      reply(
        200,
        JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ text: 'fine' }] } }),
        'text/plain',
      )(response),
    'fine',
  ],
])('a request that is answered with %s', async (_, script, expected) => {
  const { server, gateway, call, close } = await startWith({ 'tools/call': script });
  await gateway.waitFor('s', 'connected');
  const said = await call();
  expect(said).toContain(expected);
  expect(said).not.toContain('s3cret');
  // One bad answer does not end the connection.
  expect(await stateOf(gateway)).not.toBe('down');
  expect(server.counts).not.toHaveProperty('GET');
  await close();
});

test('a server that is gone is noticed with the first call', async () => {
  const server = await startScriptedServer({ 'tools/call': { content: [] } });
  const gateway = await startGateway({
    backends: [{ name: 's', url: server.url, json_only: true, health_check_interval: 0 }],
  });
  await gateway.waitFor('s', 'connected');
  await server.close();
  const client = await gateway.connect();
  expect(textOf(await client.callTool({ name: 's_call' }))).toMatch(/^backend "s": connection/);
  await gateway.waitFor('s', 'down');
  await gateway.close();
});

test('what a call waits for is bounded', async () => {
  const { gateway, call, close } = await startWith({ 'tools/call': () => {} });
  await gateway.waitFor('s', 'connected');
  expect(await call()).toBe('backend "s": did not answer tools/call within 3 s');
  await close();
});
