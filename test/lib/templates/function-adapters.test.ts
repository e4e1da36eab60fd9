import { dirname, join } from 'node:path';
import { makeFunctionFolder } from '../../helpers/function-folder';
import { type FunctionContainer, startContainer } from '../../helpers/function-platform';
import { until } from '../../helpers/gateway-instance';
import { closeAtEnd } from '../../helpers/gateway-servers';
import { describePython, pythonOf } from '../../helpers/python';

/** What differs between the adapters. */
interface Adapter {
  readonly files: readonly string[];
  readonly command: readonly string[];
  /** `MCP_SERVER` for a server called "other", for something that is no server, and for nothing. */
  readonly servers: { readonly other: string; readonly wrong: string; readonly missing: string };
}

const node: Adapter = {
  files: ['lib/templates/node-function/func.mjs', 'test/lib/templates/servers/server.mjs'],
  command: [process.execPath, 'func.mjs'],
  servers: { other: 'server.mjs:makeOther', wrong: 'server.mjs:noFunction', missing: 'nothing.mjs' },
};

const python: Adapter = {
  files: [
    'lib/templates/python-function/func.py',
    'lib/templates/python/stateless_mcp.py',
    'test/lib/templates/servers/server.py',
  ],
  command: [join(dirname(pythonOf('mcp-2')), 'fdk'), 'func.py', 'handler'],
  servers: { other: 'server:make_other', wrong: 'server:no_server', missing: 'nothing:mcp' },
};

function startAdapter({ files, command }: Adapter, env?: Record<string, string>): Promise<FunctionContainer> {
  const folder = makeFunctionFolder(files);
  closeAtEnd(async () => folder.remove());
  return startContainer(command, { cwd: folder.path, env });
}

function describeAdapter(adapter: Adapter): void {
  const { servers } = adapter;
  let container: FunctionContainer;
  beforeAll(async () => {
    container = await startAdapter(adapter);
  });
  afterAll(() => container?.stop());

  let id = 0;
  const ask = async (method: string, params: object = {}, headers?: Record<string, string>, on = container) => {
    const answer = await on.call(JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params }), headers);
    expect({ status: answer.status, type: answer.headers['content-type'] }).toEqual({
      status: 200,
      type: 'application/json',
    });
    const message = JSON.parse(answer.body);
    expect(message).toMatchObject({ jsonrpc: '2.0', id });
    return message;
  };
  const tool = async (name: string, args: object = {}, headers?: Record<string, string>) =>
    (await ask('tools/call', { name, arguments: args }, headers)).result;
  const client = {
    protocolVersion: '2025-06-18',
    capabilities: { sampling: {} },
    clientInfo: { name: 'test', version: '1' },
  };

  test('listens within the five seconds that the platform waits', () => {
    expect(container.listenedAfter).toBeLessThan(5);
  });

  test('initializes with the version asked for', async () => {
    const { result } = await ask('initialize', client);
    expect(result).toMatchObject({ protocolVersion: '2025-06-18', serverInfo: { name: 'everything' } });
  });

  test('serves tools, resources and prompts without an initialization before', async () => {
    expect((await ask('ping')).result).toEqual({});
    const { tools } = (await ask('tools/list')).result;
    expect(tools.map(({ name }: { name: string }) => name)).toContain('echo');
    expect((await ask('resources/read', { uri: 'note://one' })).result.contents[0].text).toBe('a note');
    const { messages } = (await ask('prompts/get', { name: 'greet', arguments: { name: 'Ada' } })).result;
    expect(messages[0].content.text).toBe('Greet Ada');
  });

  test.each(['plain', 'Grüße, 東京 🚀', 'a'.repeat(200_000), `${'ü'.repeat(200_000)}!`])(
    'answers a call (%#)',
    async (text) => {
      expect(await tool('echo', { text })).toMatchObject({ content: [{ type: 'text', text }] });
    },
  );

  test('answers a request without the headers of HTTP', async () => {
    expect((await ask('ping', {}, { 'Fn-Intent': '', 'Fn-Http-Method': '' })).result).toEqual({});
  });

  test.each(['notifications/initialized', 'notifications/cancelled'])(
    'accepts %s without an answer',
    async (method) => {
      const params = { requestId: 1 };
      const answer = await container.call(JSON.stringify({ jsonrpc: '2.0', method, params }));
      expect(answer).toMatchObject({ status: 200, body: '' });
      expect(answer.headers['fn-http-status']).toBe('202');
    },
  );

  test('tells what went wrong in a tool', async () => {
    const { isError, content } = await tool('fail');
    expect(isError).toBe(true);
    expect(content[0].text).toContain('fail');
  });

  test.each<[string, unknown, ...number[]]>([
    ['no JSON', '{', -32700],
    ['nothing', '', -32700],
    ['a batch', [{ jsonrpc: '2.0', id: 1, method: 'ping' }], -32600],
    ['no object', 5, -32600],
    ['no version', { id: 1, method: 'ping' }, -32600],
    ['no method', { jsonrpc: '2.0', id: 1 }, -32600],
    ['an id that is an object', { jsonrpc: '2.0', id: {}, method: 'ping' }, -32600],
    ['parameters that are text', { jsonrpc: '2.0', id: 1, method: 'ping', params: 'x' }, -32600, -32602],
    ['a method that it does not have', { jsonrpc: '2.0', id: 1, method: 'no/such' }, -32601],
    ['parameters of another method', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: {} }, -32602, -32603],
  ])('answers %s with an error', async (_, message, ...codes) => {
    const answer = await container.call(typeof message === 'string' ? message : JSON.stringify(message));
    expect(answer.status).toBe(200);
    const { jsonrpc, error } = JSON.parse(answer.body);
    expect(jsonrpc).toBe('2.0');
    expect(codes).toContain(error.code);
  });

  test('keeps what a server sends beside its answer to itself', async () => {
    expect(await tool('progress')).toMatchObject({ content: [{ text: 'done' }] });
  });

  test('refuses what a server asks of its client, which would wait for ever', async () => {
    const { result, error } = await ask('tools/call', { name: 'ask', arguments: {} });
    expect(result?.isError ?? error !== undefined).toBe(true);
  });

  test('answers before its time is over', async () => {
    const deadline = new Date(Date.now() + 1500).toISOString().replace('Z', '456789Z');
    const started = Date.now();
    const params = { name: 'wait', arguments: { ms: 20_000 } };
    const { error } = await ask('tools/call', params, { 'Fn-Deadline': deadline });
    expect(error.code).toBe(-32001);
    expect(Date.now() - started).toBeLessThan(1500);
    expect((await ask('ping')).result).toEqual({});
  });

  test('sends at most 6 MB', async () => {
    expect((await tool('grow', { bytes: 2_900_000 })).content[0].text).toHaveLength(2_900_000);
    const { error } = await ask('tools/call', { name: 'grow', arguments: { bytes: 6_000_000 } });
    expect(error).toMatchObject({ code: -32603, message: expect.stringContaining('6000000') });
  });

  test('tells calls at the same time apart', async () => {
    const texts = Array.from({ length: 20 }, (_, i) => `text ${i}`);
    const answers = await Promise.all(
      texts.map((text, i) =>
        container.call(
          JSON.stringify({
            jsonrpc: '2.0',
            id: i,
            method: 'tools/call',
            params: { name: 'echo', arguments: { text } },
          }),
        ),
      ),
    );
    expect(answers.map(({ body }) => JSON.parse(body).result.content[0].text)).toEqual(texts);
  });

  test('serves the server that its configuration names', async () => {
    const other = await startAdapter(adapter, { MCP_SERVER: servers.other });
    const { result } = await ask('initialize', client, {}, other);
    expect(result.serverInfo.name).toBe('other');
    await other.stop();
  });

  test.each(['wrong', 'missing'] as const)('answers for a server that is %s, and says why in the log', async (kind) => {
    const broken = await startAdapter(adapter, { MCP_SERVER: servers[kind] });
    const answer = await broken.call(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }));
    expect(answer.status).toBe(200);
    const error = { code: -32603, message: 'the server did not start; see the log' };
    expect(JSON.parse(answer.body)).toEqual({ jsonrpc: '2.0', id: 1, error });
    expect((await broken.call('{')).status).toBe(200);
    expect(broken.output()).toContain('MCP_SERVER');
    await broken.stop();
  });
}

describe('the Node adapter', () => {
  describeAdapter(node);

  const callTool = (name: string, args: object = {}) =>
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } });

  test('cancels what still runs when its time is over', async () => {
    const container = await startAdapter(node);
    const headers = { 'Fn-Deadline': new Date(Date.now() + 1200).toISOString() };
    await container.call(callTool('wait', { ms: 20_000 }), headers);
    await until(() => container.output().includes('cancelled'), 'the tool to be cancelled');
    await container.stop();
  });

  test('keeps to itself why a server could not be made', async () => {
    const container = await startAdapter(node, { MCP_SERVER: 'server.mjs:makeNothing' });
    const { body } = await container.call(callTool('echo', { text: 'a' }));
    expect(body).not.toContain('secret');
    expect(JSON.parse(body).error).toEqual({ code: -32603, message: 'the server failed; see the log' });
    expect(container.output()).toContain('a secret reason');
    await container.stop();
  });
});

describePython('the Python adapter', () => describeAdapter(python));
