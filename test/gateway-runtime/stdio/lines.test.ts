import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../../helpers/gateway-cli.js';
import { makeDirectory, type TestDirectory } from '../../helpers/gateway-directory.js';
import { until } from '../../helpers/gateway-instance.js';
import { modern, type StdioGateway, startStdio } from '../../helpers/gateway-stdio.js';

const backend = { name: 'p', command: process.execPath, args: [join(__dirname, '../fixtures/stdio-server.mjs')] };

let directory: TestDirectory;
let config: string;
beforeAll(() => {
  directory = makeDirectory();
  config = directory.write('gateway.json', { backends: [backend] });
});
afterAll(() => directory.remove());

const echo = (text: string) => ({ name: 'p_echo', arguments: { text } });
const content = (text: string) => ({ content: [{ type: 'text', text: `stdio: ${text}` }] });
const error = (code: number, message: unknown = expect.any(String)) => ({ code, message });

test('both eras share the channel', async () => {
  const gateway = startStdio(['--config', config]);
  expect(await gateway.initialize({ protocolVersion: '2025-06-18' })).toMatchObject({
    result: { protocolVersion: '2025-06-18', serverInfo: { name: 'oci-mcp-gateway' } },
  });
  const [legacy, discovered, answered] = await Promise.all([
    gateway.request(1, 'tools/call', echo('old')),
    gateway.request('1', 'server/discover', modern()),
    gateway.request('one', 'tools/call', modern(echo('new'))),
  ]);
  expect(legacy.result).toEqual(content('old'));
  expect(discovered.result).toMatchObject({
    resultType: 'complete',
    supportedVersions: expect.arrayContaining(['2026-07-28', '2025-11-25']),
  });
  expect(answered.result).toEqual({
    ...content('new'),
    resultType: 'complete',
    _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'oci-mcp-gateway', version: '1.0.0' } },
  });
  await gateway.end();
});

test('no port is opened, and what is logged goes to stderr', async () => {
  const gateway = startStdio(['--config', config, '--host', '127.0.0.1', '--port', '9']);
  await gateway.initialize();
  expect(listeningSockets(gateway.process.pid as number)).toEqual([]);
  expect(gateway.logs.map(({ msg }) => msg)).toEqual(
    expect.arrayContaining(['gateway serves one client over stdio', 'backend connected']),
  );
  expect(await gateway.end()).toMatchObject({ code: 0 });
});

test('the caller is the local user, whatever would be asked of others', async () => {
  const guarded = directory.write('guarded.json', {
    backends: [backend],
    state: { url: 'redis://127.0.0.1:1' },
    auth: {
      jwt_public_key_file: '/nowhere.pem',
      jwt_audience: 'mcp',
      required_scopes: ['admin'],
      static_tokens: { s3cret: { client_id: 'a' } },
      tool_scopes: { p_echo: ['write'] },
    },
  });
  const warnings = [
    'auth: over stdio the caller is whoever started the gateway, with every scope; ' +
      'not used: jwt_public_key_file, jwt_audience, static_tokens, required_scopes',
    'state: is not used over stdio, which has one client and one process',
  ];
  expect(await runCli(['--config', guarded, '--stdio', '--check'])).toEqual({
    code: 0,
    stdout: [
      'ok: 1 backend',
      `  p  stdio  ${process.execPath}`,
      ...warnings.map((text) => `warning: ${text}`),
      '',
    ].join('\n'),
    stderr: '',
  });
  const gateway = startStdio(['--config', guarded]);
  await gateway.initialize();
  const { result } = await gateway.request(1, 'tools/list');
  expect((result as { tools: { name: string }[] }).tools.map(({ name }) => name)).toEqual(['p_echo']);
  expect((await gateway.request(2, 'tools/call', echo('mine'))).result).toEqual(content('mine'));
  expect((await gateway.request(3, 'tools/call', { name: 'p_environment' })).error).toMatchObject({ code: -32000 });
  const { stderr } = await gateway.end();
  expect(stderr).toContain('"client":"local"');
  for (const warning of warnings) expect(stderr).toContain(warning);
  expect(stderr).not.toContain('s3cret');
});

test('before the handshake there is nothing but a ping', async () => {
  const gateway = startStdio(['--config', config]);
  expect(await gateway.request(1, 'ping')).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
  expect((await gateway.request(2, 'tools/list')).error).toEqual(error(-32600, 'send initialize first'));
  gateway.send({ jsonrpc: '2.0', method: 'notifications/roots/list_changed' });
  // Whoever writes everything at once gets it in order.
  gateway.send({ jsonrpc: '2.0', id: 3, method: 'initialize', params: { protocolVersion: '1', capabilities: {} } });
  gateway.send({ jsonrpc: '2.0', id: 4, method: 'tools/call', params: echo('soon') });
  expect((await gateway.answerTo(4)).result).toEqual(content('soon'));
  expect((await gateway.answerTo(3)).result).toMatchObject({ protocolVersion: '2025-11-25' });
  await gateway.end();
});

test.each<[string, string, number]>([
  ['no version', '{"_meta":{"io.modelcontextprotocol/clientCapabilities":{}}}', -32602],
  ['no capabilities', '{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}', -32602],
  [
    'a version nobody speaks',
    JSON.stringify(modern({}, {}, { 'io.modelcontextprotocol/protocolVersion': '1' })),
    -32022,
  ],
])('a request of the modern era with %s is refused', async (_, params, code) => {
  const gateway = startStdio(['--config', config]);
  const { error } = await gateway.request('a', 'server/discover', JSON.parse(params));
  expect(error?.code).toBe(code);
  await gateway.end();
});

describe('a client that does not keep to the protocol', () => {
  let gateway: StdioGateway;
  beforeAll(async () => {
    gateway = startStdio(['--config', config]);
    await gateway.initialize();
  });
  afterAll(() => gateway.end());

  /** Sends a line. @returns what came of it */
  /** What is not a notification: a backend may say something in between. */
  const answers = () => gateway.messages.filter((message) => !('method' in message));

  const sendAlone = async (line: unknown) => {
    const before = answers().length;
    gateway.send(line);
    await until(() => answers().length > before, 'an answer');
    return answers()[before];
  };

  test.each<[string, unknown, object]>([
    ['text', 'hello', { error: error(-32700) }],
    ['half a message', '{"jsonrpc":"2.0","id":1', { error: error(-32700) }],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), { error: error(-32700) }],
    ['a number', 7, { error: error(-32600) }],
    ['null', null, { error: error(-32600) }],
    ['an object', {}, { error: error(-32600) }],
    ['another version', { jsonrpc: '1.0', id: 1, method: 'ping' }, { id: 1, error: error(-32600) }],
    ['no method', { jsonrpc: '2.0', id: 'a' }, { id: 'a', error: error(-32600) }],
    ['a method that is none', { jsonrpc: '2.0', id: 1, method: 5 }, { id: 1, error: error(-32600) }],
    ['params in a list', { jsonrpc: '2.0', id: 1, method: 'ping', params: [] }, { id: 1, error: error(-32600) }],
    ['the id null', { jsonrpc: '2.0', id: null, method: 'ping' }, { error: error(-32600) }],
    ['an id beyond what is exact', '{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}', { error: error(-32600) }],
    ['a method of nobody', { jsonrpc: '2.0', id: 1, method: 'a/b' }, { id: 1, error: error(-32601) }],
    ['a name of every object', { jsonrpc: '2.0', id: 1, method: 'toString' }, { id: 1, error: error(-32601) }],
    [
      'what the era does not have',
      { jsonrpc: '2.0', id: 1, method: 'ping', params: modern() },
      { id: 1, error: error(-32601) },
    ],
    ['a batch', [{ jsonrpc: '2.0', id: 1, method: 'ping' }], { error: error(-32600) }],
    ['an empty batch', [], { error: error(-32600) }],
    ['deep nesting', '['.repeat(100_000) + ']'.repeat(100_000), { error: error(-32600) }],
  ])('is answered when it sends %s', async (_, line, answer) => {
    expect(await sendAlone(line)).toEqual({ jsonrpc: '2.0', ...answer });
    expect(await gateway.request(`after ${_}`, 'ping')).toMatchObject({ result: {} });
  });

  test('hears of a line that is too long, and of the next ones', async () => {
    const refused = await sendAlone(Buffer.alloc(10 * 1024 * 1024 + 1, 'x'));
    expect(refused).toEqual({ jsonrpc: '2.0', error: error(-32600, 'a line is longer than 10485760 bytes') });
    const text = 'y'.repeat(9 * 1024 * 1024);
    const { result } = await gateway.request('long', 'tools/call', echo(text));
    expect(result).toEqual(content(text));
  });

  test('is not answered when it answers what nobody asked, cancels what is not there, or says nothing', async () => {
    const before = gateway.messages.length;
    gateway.send({ jsonrpc: '2.0', id: 1, result: {} });
    gateway.send({ jsonrpc: '2.0', id: {}, error: 'x' });
    gateway.send({ jsonrpc: '2.0', method: 'notifications/cancelled' });
    gateway.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: { a: 1 } } });
    gateway.send({ jsonrpc: '2.0', method: 'notifications/anything', params: { a: 1 } });
    gateway.send('\r');
    gateway.send('');
    await gateway.request('quiet', 'ping');
    expect(gateway.messages.slice(before)).toEqual([{ jsonrpc: '2.0', id: 'quiet', result: {} }]);
  });

  test('cannot have two requests with one id at a time, and not any number of them', async () => {
    const talk = (id: unknown) => ({
      jsonrpc: '2.0',
      id,
      method: 'tools/call',
      params: { name: 'p_talk', arguments: { ms: 3000 } },
    });
    gateway.send(talk('twice'));
    expect(await sendAlone({ jsonrpc: '2.0', id: 'twice', method: 'ping' })).toMatchObject({ error: { code: -32600 } });
    const before = answers().length;
    for (let id = 0; id < 1000; id++) gateway.send(talk(id));
    await until(() => answers().length > before, 'a refusal');
    expect(answers().slice(before)).toMatchObject([
      { id: 999, error: { code: -32000, message: 'more than 1000 requests at once' } },
    ]);
    await until(() => answers().length > before + 1000, 'all answers');
  });
});

test('batches exist in one version only', async () => {
  const gateway = startStdio(['--config', config]);
  await gateway.initialize({ protocolVersion: '2025-03-26' });
  const ping = (id: unknown) => ({ jsonrpc: '2.0', id, method: 'ping' });
  const before = gateway.messages.length;
  gateway.send([
    ping(1),
    { jsonrpc: '2.0', id: 2, method: 'tools/call', params: echo('both') },
    { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 9 } },
    ping(null),
  ]);
  await until(() => gateway.messages.length > before, 'the answers');
  expect(gateway.messages.at(-1)).toEqual([
    { jsonrpc: '2.0', id: 1, result: {} },
    { jsonrpc: '2.0', id: 2, result: content('both') },
    { jsonrpc: '2.0', error: error(-32600) },
  ]);
  gateway.send([{ jsonrpc: '2.0', method: 'notifications/initialized' }]);
  gateway.send(Array.from({ length: 51 }, (_, id) => ping(id)));
  await until(() => gateway.messages.length > before + 1, 'the refusal');
  expect(gateway.messages.at(-1)).toEqual({
    jsonrpc: '2.0',
    error: error(-32600, 'the batch has more than 50 messages'),
  });
  await gateway.end();
});

/** Inodes of TCP sockets on which a process listens. */
function listeningSockets(pid: number): string[] {
  const own = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  const table = ['tcp', 'tcp6'].flatMap((name) =>
    readFileSync(`/proc/net/${name}`, 'utf8').trim().split('\n').slice(1),
  );
  const rows = table.map((line) => line.trim().split(/\s+/));
  return rows
    .filter(([, , , state]) => state === '0A')
    .map((row) => row[9] as string)
    .filter((inode) => own.includes(`socket:[${inode}]`));
}
