import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { type AskingServer, startAskingServer } from '../../helpers/gateway-asking.js';
import { startGateway, type TestGateway, textOf } from '../../helpers/gateway-instance.js';

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

  /** One request of the modern era, as it is. */
  async function call(who: string, params: { name: string } & Record<string, unknown>, capabilities?: object) {
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
});
