import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { type AskingServer, connectAnswering, startAskingServer } from '../../helpers/gateway-asking.js';
import { startGateway, type TestGateway, textOf } from '../../helpers/gateway-instance.js';
import { discovered, type ModernScriptedServer, startModernScripted } from '../../helpers/gateway-modern-scripted.js';

/** A client that is pinned to the modern era and answers everything with its own name. */
async function connectModern(url: string, name: string, token?: string) {
  const capabilities = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };
  const client = new Client(
    { name, version: '1.0.0' },
    { capabilities, versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  const asked: string[] = [];
  client.setRequestHandler('elicitation/create', ({ params }) => {
    asked.push(params.message);
    return { action: 'accept' as const, content: { name } };
  });
  client.setRequestHandler('sampling/createMessage', () => ({
    role: 'assistant' as const,
    content: { type: 'text' as const, text: `${name} was sampled` },
    model: name,
  }));
  client.setRequestHandler('roots/list', () => ({ roots: [{ uri: `file:///${name}` }] }));
  const requestInit = token ? { headers: { authorization: `Bearer ${token}` } } : undefined;
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  return Object.assign(client, { asked });
}

describe('a modern client in front of a legacy backend', () => {
  let server: AskingServer;
  let gateway: TestGateway;

  beforeAll(async () => {
    server = await startAskingServer();
    gateway = await startGateway({
      auth: { static_tokens: { 'token-of-ada': { client_id: 'ada' }, 'token-of-bob': { client_id: 'bob' } } },
      backends: [{ name: 'a', url: server.url, namespace_tools: false }],
    });
    await gateway.waitFor('a', 'connected');
  });

  afterAll(async () => {
    await gateway?.close();
    await server?.close();
  });

  const answer = async (client: Client, name: string) => JSON.parse(textOf(await client.callTool({ name })));

  test('answers what the backend asks, one question after the other', async () => {
    const client = await connectModern(gateway.url, 'ada', 'token-of-ada');
    const accepted = { action: 'accept', content: { name: 'ada' } };
    expect(await answer(client, 'ask')).toEqual(accepted);
    expect(await answer(client, 'ask_twice')).toEqual([accepted, accepted]);
    expect(await answer(client, 'ask_aside')).toEqual(accepted);
    expect(await answer(client, 'sample')).toMatchObject({ content: { text: 'ada was sampled' } });
    expect(await answer(client, 'roots')).toEqual({ roots: [{ uri: 'file:///ada' }] });
    expect(client.asked).toEqual(['who?', 'first?', 'second?', 'aside?']);
    await client.close();
  });

  test('is asked to visit a URL where the backend refuses until that is done', async () => {
    const client = await connectModern(gateway.url, 'ada', 'token-of-ada');
    expect(await answer(client, 'visit_first')).toBe('welcome');
    expect(client.asked).toEqual(['log in']);
    await client.close();
  });

  test('is asked about its own calls only', async () => {
    const names = ['ada', 'bob'];
    const clients = await Promise.all(names.map((name) => connectModern(gateway.url, name, `token-of-${name}`)));
    const answers = await Promise.all(
      [...clients, ...clients].flatMap((client) => ['ask', 'ask_twice'].map((tool) => answer(client, tool))),
    );
    const by = (name: string) => ({ action: 'accept', content: { name } });
    const each = names.flatMap((name) => [by(name), [by(name), by(name)]]);
    expect(answers).toEqual([...each, ...each]);
    for (const client of clients) await client.close();
  });

  test('can neither lend the state of its request nor use it with another', async () => {
    const begun = await call('ada', { name: 'ask', arguments: {} });
    expect(begun).toMatchObject({ result: { resultType: 'input_required', inputRequests: { 'input-1': {} } } });
    const { requestState } = begun.result as { requestState: string };
    const again = { requestState, inputResponses: { 'input-1': { action: 'accept', content: { name: 'x' } } } };
    const refused = { error: { code: -32602, message: expect.stringContaining('requestState is not valid') } };
    expect(await call('bob', { name: 'ask', arguments: {}, ...again })).toMatchObject(refused);
    expect(await call('ada', { name: 'ask_twice', arguments: {}, ...again })).toMatchObject(refused);
    expect(await call('ada', { name: 'ask', arguments: { a: 1 }, ...again })).toMatchObject(refused);
    const done = await call('ada', { name: 'ask', arguments: {}, ...again });
    expect(done).toMatchObject({ result: { resultType: 'complete' } });
    expect(textOf(done.result)).toContain('"name":"x"');
    // It has been used, and the call does not wait any more.
    expect(await call('ada', { name: 'ask', arguments: {}, ...again })).toMatchObject({ error: { code: -32602 } });
  });

  test('is not asked what it did not say it can answer', async () => {
    const result = await call('ada', { name: 'sample', arguments: {} }, { elicitation: {} });
    expect(result).toMatchObject({ result: { isError: true } });
    expect(await call('ada', { name: 'ask', arguments: {} }, {})).toMatchObject({ result: { isError: true } });
  });

  const call = (who: string, params: Params, capabilities?: object) => callModern(gateway, who, params, capabilities);
});

/** What a modern backend was told that its client can do. */
function toldCapabilities(params: Record<string, unknown> = {}): unknown {
  return Object(params._meta)['io.modelcontextprotocol/clientCapabilities'];
}

type Params = { name: string } & Record<string, unknown>;

/** One call of the modern era, as it is. */
async function callModern(gateway: TestGateway, who: string, params: Params, capabilities?: object) {
  const version = '2026-07-28';
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientCapabilities': capabilities ?? { elicitation: {} },
  };
  const headers = {
    authorization: `Bearer token-of-${who}`,
    'mcp-protocol-version': version,
    'mcp-method': 'tools/call',
    'mcp-name': params.name,
  };
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { ...params, _meta } };
  const response = await gateway.post(message, headers);
  return (await response.json()) as { result?: unknown; error?: unknown };
}

describe('a modern backend', () => {
  let server: ModernScriptedServer;
  let gateway: TestGateway;
  const question = {
    method: 'elicitation/create',
    params: { message: 'who?', requestedSchema: { type: 'object', properties: {} } },
  };

  /** A tool that wants to know two things one after the other. */
  const ask = ({ inputResponses, requestState }: Record<string, unknown>) => {
    if (requestState === 'state two') return { content: [{ type: 'text', text: JSON.stringify(inputResponses) }] };
    const next = inputResponses ? { second: question } : { first: question };
    const state = inputResponses ? 'state two' : 'state one';
    return { resultType: 'input_required', inputRequests: next, requestState: state };
  };

  beforeAll(async () => {
    server = await startModernScripted({
      'server/discover': discovered({ tools: {} }),
      'tools/list': { tools: [{ name: 'ask', inputSchema: { type: 'object' } }] },
      'tools/call': ask,
    });
    gateway = await startGateway({
      auth: { static_tokens: { 'token-of-ada': { client_id: 'ada' }, 'token-of-bob': { client_id: 'bob' } } },
      backends: [
        { name: 'm', url: server.url, namespace_tools: false },
        { name: 'j', url: server.url, json_only: true },
      ],
    });
    for (const name of ['m', 'j']) await gateway.waitFor(name, 'connected');
  });

  afterAll(async () => {
    await gateway?.close();
    await server?.close();
  });

  /** Params of the calls it got. */
  const calls = () => server.got.filter(({ method }) => method === 'tools/call').map(({ params }) => params);

  beforeEach(() => {
    server.got.length = 0;
  });

  test('has its questions asked while a legacy client waits', async () => {
    const options = { requestInit: { headers: { authorization: 'Bearer token-of-ada' } } };
    const client = await connectAnswering(gateway.url, 'ada', options);
    const answer = { action: 'accept', content: { name: 'ada' } };
    const result = await client.callTool({ name: 'ask', arguments: { a: 1 } });
    expect(JSON.parse(textOf(result))).toEqual({ second: answer });
    expect(result).not.toHaveProperty('resultType');
    expect(client.asked).toEqual(['who?', 'who?']);
    expect(calls()).toMatchObject([
      { name: 'ask', arguments: { a: 1 } },
      { name: 'ask', arguments: { a: 1 }, inputResponses: { first: answer }, requestState: 'state one' },
      { name: 'ask', arguments: { a: 1 }, inputResponses: { second: answer }, requestState: 'state two' },
    ]);
    expect(toldCapabilities(calls()[0])).toEqual({
      elicitation: {},
      sampling: {},
      roots: { listChanged: true },
    });
    await client.close();
  });

  test('asks in its result, so that an endpoint of single answers can ask, too', async () => {
    const options = { requestInit: { headers: { authorization: 'Bearer token-of-ada' } } };
    const client = await connectAnswering(gateway.url, 'ada', options);
    const answer = { action: 'accept', content: { name: 'ada' } };
    expect(JSON.parse(textOf(await client.callTool({ name: 'j_ask' })))).toEqual({ second: answer });
    const asked = await callModern(gateway, 'ada', { name: 'j_ask', arguments: {} });
    expect(asked).toMatchObject({ result: { resultType: 'input_required', inputRequests: { first: question } } });
    await client.close();
  });

  test('gets no state that a legacy client made up', async () => {
    const options = { requestInit: { headers: { authorization: 'Bearer token-of-ada' } } };
    const client = await connectAnswering(gateway.url, 'ada', options);
    const forged = { name: 'ask', requestState: 'state two', inputResponses: { second: {} } };
    await client.callTool(forged as never);
    expect(calls()[0]).not.toHaveProperty('requestState');
    expect(calls()[0]).not.toHaveProperty('inputResponses');
    expect(client.asked).toEqual(['who?', 'who?']);
    await client.close();
  });

  test('cannot ask a legacy client that did not say that it answers', async () => {
    const client = await gateway.connect({ requestInit: { headers: { authorization: 'Bearer token-of-ada' } } });
    await expect(client.callTool({ name: 'ask' })).rejects.toThrow(
      'elicitation/create is not supported by this client',
    );
    expect(toldCapabilities(calls()[0])).toEqual({});
  });

  test('gets its state back from a modern client, and nobody else could use it', async () => {
    const first = await callModern(gateway, 'ada', { name: 'ask', arguments: {} });
    expect(first).toMatchObject({ result: { inputRequests: { first: question } } });
    const { requestState } = first.result as { requestState: string };
    expect(requestState).not.toContain('state');
    const inputResponses = { first: { action: 'accept' } };
    const again = { requestState, inputResponses };
    const refused = { error: { code: -32602 } };
    expect(await callModern(gateway, 'bob', { name: 'ask', arguments: {}, ...again })).toMatchObject(refused);
    expect(await callModern(gateway, 'ada', { name: 'ask', arguments: { b: 1 }, ...again })).toMatchObject(refused);
    const forged = { ...again, requestState: 'state two' };
    expect(await callModern(gateway, 'ada', { name: 'ask', arguments: {}, ...forged })).toMatchObject(refused);
    expect(calls()).toHaveLength(1);
    const second = await callModern(gateway, 'ada', { name: 'ask', arguments: {}, ...again });
    expect(second).toMatchObject({ result: { resultType: 'input_required', inputRequests: { second: question } } });
    expect(calls()[1]).toMatchObject({ inputResponses, requestState: 'state one' });
  });
});
