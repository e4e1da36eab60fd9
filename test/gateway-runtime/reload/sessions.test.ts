import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { BackendInput, GatewayConfigInput } from '../../../gateway-runtime/src/config/index.js';
import { makeDirectory } from '../../helpers/gateway-directory.js';
import { startGateway, type TestGateway, textOf, until } from '../../helpers/gateway-instance.js';
import { isAlive } from '../../helpers/gateway-processes.js';
import { type SampleHttpServer, startHttpServer } from '../../helpers/gateway-servers.js';
import type { Heard } from '../../helpers/peer-client.js';
import { connectTypeScript1, connectTypeScript2 } from '../../helpers/peer-typescript.js';

const fixture = join(__dirname, '../fixtures/stdio-server.mjs');

let stays: SampleHttpServer;
let moves: SampleHttpServer;
const gateways: TestGateway[] = [];
const directory = makeDirectory();

beforeAll(async () => {
  [stays, moves] = await Promise.all([startHttpServer('stays'), startHttpServer('moves')]);
});
afterAll(async () => {
  await Promise.all([...gateways.map((gateway) => gateway.close()), stays.close(), moves.close()]);
  directory.remove();
});

async function start(configuration: GatewayConfigInput, drainMs?: number): Promise<TestGateway> {
  const gateway = await startGateway(configuration, { drainMs });
  gateways.push(gateway);
  for (const { name } of configuration.backends ?? []) await gateway.waitFor(name, 'connected');
  return gateway;
}

const http = (name: string, { url }: SampleHttpServer, more: Partial<BackendInput> = {}): BackendInput => ({
  name,
  url,
  ...more,
});
const childWith = (env: Record<string, string> = {}): BackendInput => ({
  name: 'child',
  command: process.execPath,
  args: [fixture],
  env: { CHILD_PID_FILE: join(directory.path, 'pids.json'), ...env },
});
/** The process that was started last. */
const pidOfChild = () => (JSON.parse(readFileSync(join(directory.path, 'pids.json'), 'utf8')) as [number])[0];
const namesOf = async (client: { listTools(): Promise<{ tools: { name: string }[] }> }) =>
  (await client.listTools()).tools.map(({ name }) => name);
const changes = (heard: readonly Heard[]) =>
  heard.filter(({ method }) => method === 'notifications/tools/list_changed').length;

test('500 calls in flight across 50 reloads: none fails, and neither sessions nor child processes change', async () => {
  const base = { backends: [http('stays', stays), childWith()] };
  const gateway = await start(base);
  const legacy = await gateway.connect();
  const { sessionId } = legacy.transport as StreamableHTTPClientTransport;
  const modern = await connectTypeScript2({ transport: 'http', url: gateway.url }, 'modern');
  const heardByLegacy = await connectTypeScript1({ transport: 'http', url: gateway.url }, 'legacy');
  await modern.listen('note://stays');
  const pid = pidOfChild();
  const sessions = stays.servers.length;
  const calls: Promise<unknown>[] = [];
  for (let n = 0; n < 250; n++) {
    const ms = 100 + ((n * 7) % 900);
    calls.push(legacy.callTool({ name: 'stays_slow', arguments: { ms } }).then(textOf));
    calls.push(
      modern.request('tools/call', { name: 'stays_slow', arguments: { ms } }).then((outcome) => {
        const { result } = outcome as { result?: unknown };
        return result ? textOf(result) : outcome;
      }),
    );
  }
  for (let round = 0; round < 50; round++) {
    const others = [
      [http('moves', moves)],
      [http('moves', moves, { description: `changed in ${round}` })],
      [http('moves', moves, { description: `changed in ${round}` }), http('again', moves)],
      [],
      [],
    ][round % 5] as BackendInput[];
    gateway.reload({ backends: round % 2 === 0 ? [...base.backends, ...others] : [...others, ...base.backends] });
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  const answers = await Promise.all(calls);
  expect(answers.filter((answer) => !/^stays waited \d+$/.test(String(answer)))).toEqual([]);
  expect(stays.servers).toHaveLength(sessions);
  expect((legacy.transport as StreamableHTTPClientTransport).sessionId).toBe(sessionId);
  expect(textOf(await legacy.callTool({ name: 'child_echo', arguments: { text: 'hi' } }))).toBe('stdio: hi');
  expect(pidOfChild()).toBe(pid);
  expect(isAlive(pid)).toBe(true);
  await until(() => changes(modern.heard) > 0 && changes(heardByLegacy.heard) > 0, 'news of lists');
  await Promise.all([modern.close(), heardByLegacy.close()]);
}, 30_000);

test('a removed backend finishes its calls, gets no new ones, and ends; it has its names again when it comes back', async () => {
  const configured = [stays, moves].map((server, index) =>
    http(index === 0 ? 'stays' : 'moves', server, { namespace_tools: 'on_conflict' }),
  );
  const gateway = await start({ backends: configured });
  const client = await gateway.connect();
  const before = await namesOf(client);
  expect(before).toContain('moves_echo');
  const running = client.callTool({ name: 'moves_slow', arguments: { ms: 600 } });
  await until(() => moves.seen.headers.length > 0, 'the call');
  await new Promise((resolve) => setTimeout(resolve, 50));
  gateway.reload({ backends: configured.slice(0, 1) });
  expect(await namesOf(client)).not.toContain('moves_echo');
  await expect(client.callTool({ name: 'moves_echo', arguments: { text: '' } })).rejects.toThrow('unknown tool');
  expect(textOf(await running)).toBe('moves waited 600');
  await until(
    () => gateway.logs.some(({ msg, backend }) => msg === 'backend was closed' && backend === 'moves'),
    'its end',
  );
  // Whoever else is there first now, the names are kept for whom they were given to.
  gateway.reload({ backends: [configured[1] as BackendInput, configured[0] as BackendInput] });
  await gateway.waitFor('moves', 'connected');
  expect((await namesOf(client)).sort()).toEqual(before.sort());
});

test('a call that takes longer than a removed backend is waited for fails', async () => {
  const gateway = await start({ backends: [http('stays', stays), http('moves', moves)] }, 100);
  const client = await gateway.connect();
  const seen = moves.seen.headers.length;
  const running = client.callTool({ name: 'moves_slow', arguments: { ms: 20_000 } });
  await until(() => moves.seen.headers.length > seen, 'the call');
  gateway.reload({ backends: [http('stays', stays)] });
  expect(await running).toMatchObject({ isError: true });
  expect(textOf(await client.callTool({ name: 'stays_echo', arguments: { text: 'x' } }))).toBe('stays: x');
});

test('a child process whose configuration changed is replaced by one that runs already', async () => {
  const gateway = await start({ backends: [childWith()] });
  const client = await gateway.connect();
  const environment = async () => JSON.parse(textOf(await client.callTool({ name: 'child_environment' })));
  expect(await environment()).not.toHaveProperty('ROUND');
  const failures: unknown[] = [];
  let isOver = false;
  const calling = (async () => {
    while (!isOver) {
      const result = await client.callTool({ name: 'child_echo', arguments: { text: 'x' } }).catch((error) => error);
      if (textOf(result) !== 'stdio: x') failures.push(result);
    }
  })();
  gateway.reload({ backends: [childWith({ ROUND: '2' })] });
  await until(async () => (await environment()).ROUND === '2', 'the successor');
  isOver = true;
  await calling;
  expect(failures).toEqual([]);
});

test('one whose successor cannot connect is down, and the next change replaces that', async () => {
  const gateway = await start({ backends: [http('moves', moves)] });
  const client = await gateway.connect();
  gateway.reload({ backends: [http('moves', moves, { url: 'http://127.0.0.1:9/mcp' })] });
  await gateway.waitFor('moves', 'down');
  const failed = await client.callTool({ name: 'moves_echo', arguments: { text: 'x' } });
  expect(failed).toMatchObject({ isError: true });
  expect(textOf(failed)).toContain('backend "moves" is not connected');
  gateway.reload({ backends: [http('moves', moves)] });
  await gateway.waitFor('moves', 'connected');
  expect(textOf(await client.callTool({ name: 'moves_echo', arguments: { text: 'back' } }))).toBe('moves: back');
});

test('a change that is taken back before its successor is there changes nothing', async () => {
  const gateway = await start({ backends: [http('moves', moves)] });
  const sessions = moves.servers.length;
  gateway.reload({ backends: [http('moves', moves, { url: 'http://10.255.255.1/mcp' })] });
  gateway.reload({ backends: [http('moves', moves)] });
  const client = await gateway.connect();
  expect(textOf(await client.callTool({ name: 'moves_echo', arguments: { text: 'x' } }))).toBe('moves: x');
  expect(moves.servers).toHaveLength(sessions);
});

test('subscriptions survive at what stays, what is replaced and what comes back', async () => {
  const gateway = await start({ backends: [http('stays', stays), http('moves', moves)] });
  const peer = await connectTypeScript1({ transport: 'http', url: gateway.url }, 'legacy');
  const updates = (label: string) =>
    peer.heard.filter(
      ({ method, params }) => method === 'notifications/resources/updated' && (params as { uri: string }).uri === label,
    ).length;
  await peer.listen('note://stays');
  await peer.listen('note://moves');
  await until(() => updates('note://stays') === 1 && updates('note://moves') === 1, 'first updates');
  gateway.reload({ backends: [http('stays', stays), http('moves', moves, { description: 'other' })] });
  // The sample server tells of an update whenever somebody subscribes.
  await until(() => updates('note://moves') === 2, 'the successor to be asked');
  gateway.reload({ backends: [http('stays', stays)] });
  gateway.reload({ backends: [http('stays', stays), http('moves', moves)] });
  await until(() => updates('note://moves') === 3, 'the one that came back to be asked');
  const own = stays.servers.at(-1);
  await own?.server.sendResourceUpdated({ uri: 'note://stays' });
  await until(() => updates('note://stays') === 2, 'the one that stayed');
  await peer.close();
});

test('views, page size, search and tools of the gateway hold from the next request on', async () => {
  const backends = [http('stays', stays)];
  const gateway = await start({ backends, views: { some: { tools: ['stays_echo'] } } });
  const client = await gateway.connect();
  const viewer = await gateway.connect(undefined, 'some');
  expect(await namesOf(viewer)).toEqual(['stays_echo']);
  gateway.reload({
    backends,
    views: { some: { tools: ['stays_fail'] } },
    page_size: 2,
    gateway_tools: { enabled: true },
  });
  expect(await namesOf(viewer)).toEqual(['stays_fail']);
  expect(await namesOf(client)).toHaveLength(2);
  expect(textOf(await client.callTool({ name: 'gateway_health' }))).toContain('"status":"ok"');
  gateway.reload({ backends, tool_search: true });
  expect((await namesOf(client)).sort()).toEqual(['call_tool', 'search_tools']);
  await expect(viewer.listTools()).rejects.toThrow('there is no such view');
  gateway.reload({ backends, log_level: 'ERROR' });
  expect((await namesOf(client)).length).toBeGreaterThan(2);
});

test('a backend that names its tools otherwise has other names, and those of others stay', async () => {
  const first = http('stays', stays, { namespace_tools: 'on_conflict' });
  const gateway = await start({ backends: [first, http('moves', moves, { namespace_tools: 'on_conflict' })] });
  const client = await gateway.connect();
  expect(await namesOf(client)).toEqual(expect.arrayContaining(['echo', 'moves_echo']));
  const tools = { echo: { name: 'say' } };
  gateway.reload({ backends: [first, http('moves', moves, { namespace_tools: true, tools })] });
  await until(async () => (await namesOf(client)).includes('say'), 'the new name');
  expect(await namesOf(client)).toContain('echo');
  expect(textOf(await client.callTool({ name: 'say', arguments: { text: 'x' } }))).toBe('moves: x');
});

test('what needs a restart stays as it is, and is told once', async () => {
  const gateway = await start({ backends: [http('stays', stays)] });
  const more = { backends: [http('stays', stays)], port: 1234, path: '/elsewhere' };
  for (let time = 0; time < 3; time++) gateway.reload(more);
  const told = gateway.logs.filter(({ msg }) => String(msg).startsWith('needs a restart'));
  expect(told.map(({ msg }) => msg)).toEqual(['needs a restart: port, path']);
  await gateway.connect();
});

describe('auth', () => {
  const tokens = (...names: string[]) => ({
    auth: { static_tokens: Object.fromEntries(names.map((name) => [name, { client_id: name }])) },
  });
  const bearer = (name: string) => ({ requestInit: { headers: { authorization: `Bearer ${name}` } } });

  test('a static token that was taken out is refused, and its sessions and streams end; the others go on', async () => {
    const backends = [http('stays', stays)];
    const gateway = await start({ backends, ...tokens('ada', 'bob') });
    const [ada, bob] = await Promise.all([gateway.connect(bearer('ada')), gateway.connect(bearer('bob'))]);
    const { sessionId } = ada.transport as StreamableHTTPClientTransport;
    const stream = await fetch(gateway.url, {
      headers: { authorization: 'Bearer ada', accept: 'text/event-stream', 'mcp-session-id': String(sessionId) },
    });
    gateway.reload({ backends, ...tokens('bob', 'eve') });
    expect(await stream.text()).toBeDefined();
    await expect(ada.listTools()).rejects.toThrow(/401|Unauthorized|token/i);
    expect((await bob.listTools()).tools.length).toBeGreaterThan(0);
    const eve = await gateway.connect(bearer('eve'));
    expect((await eve.listTools()).tools.length).toBeGreaterThan(0);
    // Back again, with a session that is not.
    gateway.reload({ backends, ...tokens('ada', 'bob') });
    await expect(ada.listTools()).rejects.toThrow('unknown session');
  });

  test('scopes hold from the next call on', async () => {
    const backends = [http('stays', stays)];
    const gateway = await start({ backends, ...tokens('ada') });
    const ada = await gateway.connect(bearer('ada'));
    const call = () => ada.callTool({ name: 'stays_echo', arguments: { text: 'x' } });
    expect(textOf(await call())).toBe('stays: x');
    gateway.reload({ backends, auth: { ...tokens('ada').auth, tool_scopes: { '*': ['some:scope'] } } });
    await expect(call()).rejects.toThrow('some:scope');
    expect(await namesOf(ada)).toEqual([]);
  });

  test('a key that cannot be used changes nothing and is a fault', async () => {
    const backends = [http('stays', stays)];
    const gateway = await start({ backends, ...tokens('ada'), gateway_tools: { enabled: true, required_scopes: [] } });
    const ada = await gateway.connect(bearer('ada'));
    const pem = '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n';
    gateway.reload({ backends: [], auth: { jwt_public_key: pem, jwt_audience: 'a' } });
    const listed = await ada.callTool({ name: 'gateway_list_backends' });
    expect(listed.structuredContent).toMatchObject({
      backends: [{ name: 'stays', state: 'connected' }],
      configuration_faults: [{ path: 'auth.jwt_public_key' }],
    });
  });
});

test('a child process of a removed backend ends', async () => {
  const gateway = await start({ backends: [http('stays', stays), childWith()] });
  const client = await gateway.connect();
  expect(await namesOf(client)).toContain('child_echo');
  gateway.reload({ backends: [http('stays', stays)] });
  await until(
    () => gateway.logs.some(({ msg, backend }) => msg === 'backend was closed' && backend === 'child'),
    'its end',
  );
  expect(isAlive(process.pid)).toBe(true);
});
