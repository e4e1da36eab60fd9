import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory, type TestDirectory } from '../../helpers/gateway-directory.js';
import { until } from '../../helpers/gateway-instance.js';
import { isAlive } from '../../helpers/gateway-processes.js';
import { type SampleHttpServer, startHttpServer } from '../../helpers/gateway-servers.js';
import { modern, type StdioGateway, startStdio } from '../../helpers/gateway-stdio.js';

const child = (name: string) => ({ command: process.execPath, args: [join(__dirname, `../fixtures/${name}`)] });
const tag = 'io.modelcontextprotocol/subscriptionId';

let directory: TestDirectory;
let server: SampleHttpServer;
beforeAll(async () => {
  directory = makeDirectory();
  server = await startHttpServer('s');
});
afterAll(async () => {
  directory.remove();
  await server.close();
});

/** A gateway in front of an HTTP server, of one that tells of updates, and of one that has a child of its own. */
async function start(): Promise<{ gateway: StdioGateway; pids: number[] }> {
  const file = join(directory.path, `pids-${Math.random()}`);
  const config = directory.write('gateway.json', {
    backends: [
      { name: 's', url: server.url },
      { name: 'n', ...child('notes-server.mjs') },
      { name: 'p', ...child('stdio-server.mjs'), env: { CHILD_PID_FILE: file } },
    ],
  });
  const gateway = startStdio(['--config', config]);
  await until(() => gateway.logs.filter(({ msg }) => msg === 'backend connected').length === 3, 'the backends');
  const pids: number[] = JSON.parse(readFileSync(file, 'utf8'));
  expect(pids.map(isAlive)).toEqual([true, true]);
  return { gateway, pids };
}

const slow = (ms: number) => ({ name: 's_slow', arguments: { ms } });

/** Milliseconds until everything has ended. */
async function ending(gateway: StdioGateway, end: () => unknown): Promise<number> {
  const started = Date.now();
  const ended = new Promise((resolve) => gateway.process.once('close', (code) => resolve(code)));
  end();
  expect(await ended).toBe(0);
  return Date.now() - started;
}

test.each<[string, (gateway: StdioGateway) => unknown]>([
  ['its input is closed', ({ process }) => process.stdin?.end()],
  ['it gets SIGTERM', ({ process }) => process.kill('SIGTERM')],
  ['it gets SIGINT', ({ process }) => process.kill('SIGINT')],
  [
    'nobody reads any more',
    (gateway) => {
      gateway.process.stdout?.destroy();
      gateway.send({ jsonrpc: '2.0', id: 9, method: 'ping' });
    },
  ],
])('the gateway ends in time, with its children, when %s', async (_, end) => {
  const { gateway, pids } = await start();
  await gateway.initialize();
  const before = server.seen.cancelled.length;
  gateway.send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: slow(30_000) });
  gateway.send({ jsonrpc: '2.0', id: 2, method: 'subscriptions/listen', params: modern({ notifications: {} }) });
  await gateway.said('notifications/subscriptions/acknowledged');
  // A client of the TypeScript SDK kills who is still there after four seconds.
  expect(await ending(gateway, () => end(gateway))).toBeLessThan(4000);
  await until(() => !pids.some(isAlive), 'the children to end');
  await until(() => server.seen.cancelled.length > before, 'the call to be cancelled');
});

test('the first request waits for backends that are slow to start', async () => {
  const late = `setTimeout(() => import(${JSON.stringify(child('stdio-server.mjs').args[0])}), 1500)`;
  const config = directory.write('late.json', {
    backends: [{ name: 'late', command: process.execPath, args: ['-e', late] }],
  });
  const gateway = startStdio(['--config', config]);
  await gateway.initialize();
  const { result } = await gateway.request(1, 'tools/list');
  expect((result as { tools: object[] }).tools).toHaveLength(4);
  await gateway.end();
});

test('who listens is told of the end, and short calls are answered', async () => {
  const { gateway } = await start();
  await gateway.initialize();
  for (const id of ['a', 'b']) {
    const params = modern({ notifications: { toolsListChanged: true } });
    gateway.send({ jsonrpc: '2.0', id, method: 'subscriptions/listen', params });
  }
  gateway.send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: slow(300) });
  await until(() => gateway.messages.length >= 3, 'the acknowledgements');
  await ending(gateway, () => gateway.process.kill('SIGTERM'));
  expect((await gateway.answerTo(1)).result).toMatchObject({ content: [{ text: 's waited 300' }] });
  for (const id of ['a', 'b']) {
    expect(await gateway.answerTo(id)).toEqual({
      jsonrpc: '2.0',
      id,
      result: {
        resultType: 'complete',
        _meta: { [tag]: id, 'io.modelcontextprotocol/serverInfo': { name: 'oci-mcp-gateway', version: '1.0.0' } },
      },
    });
  }
  const ends = gateway.messages.filter(
    (message) => 'method' in message && message.method === 'notifications/cancelled',
  );
  expect(ends.map((message) => ('params' in message ? message.params : {}))).toEqual([
    { requestId: 'a' },
    { requestId: 'b' },
  ]);
});

test('each subscription hears what it asked for, under its own id, until it is cancelled', async () => {
  const { gateway } = await start();
  const listen = (id: string | number, notifications: object) =>
    gateway.send({ jsonrpc: '2.0', id, method: 'subscriptions/listen', params: modern({ notifications }) });
  listen(7, { resourceSubscriptions: ['note://only'] });
  listen('7', { resourceSubscriptions: ['note://only'], toolsListChanged: true });
  listen('tools', { toolsListChanged: true });
  await until(() => gateway.messages.length === 3, 'the acknowledgements');
  /** Ids of the subscriptions that were told something. */
  const told = (what: string) => {
    const about = gateway.messages.flatMap((message) => ('method' in message ? [message] : []));
    const found = about.filter(({ method }) => method === `notifications/${what}`);
    return found.map(({ params }) => Object(params?._meta)[tag]);
  };
  expect(new Set(told('subscriptions/acknowledged'))).toEqual(new Set([7, '7', 'tools']));
  const write = async (id: string, updates: number) => {
    await gateway.request(id, 'tools/call', modern({ name: 'n_write' }));
    await until(() => told('resources/updated').length >= updates, 'the updates');
    await gateway.request(`after ${id}`, 'server/discover', modern());
    return told('resources/updated');
  };
  expect(await write('first', 2)).toEqual([7, '7']);
  gateway.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } });
  expect(await write('second', 3)).toEqual([7, '7', '7']);
  gateway.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: '7' } });
  expect(await write('third', 3)).toEqual([7, '7', '7']);
  expect(gateway.messages.some((message) => 'id' in message && (message.id === 7 || message.id === '7'))).toBe(false);
  await gateway.end();
});

test('a cancelled call ends at the backend, and nothing more is said of it', async () => {
  const { gateway } = await start();
  await gateway.initialize();
  const before = server.seen.cancelled.length;
  gateway.send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: slow(20_000) });
  gateway.send({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: modern(slow(20_000)) });
  await gateway.request(3, 'tools/call', { name: 's_echo', arguments: { text: 'x' } });
  for (const requestId of [1, 2])
    gateway.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } });
  await until(() => server.seen.cancelled.length === before + 2, 'both to be cancelled');
  await gateway.request(4, 'ping');
  expect(gateway.messages.map((message) => 'id' in message && message.id)).toEqual(['hello', 3, 4]);
  // An id is free again as soon as its request has ended.
  expect((await gateway.request(1, 'ping')).result).toEqual({});
  await gateway.end();
});

test('a client that does not read is not read from, and gets everything in the end', async () => {
  const { gateway } = await start();
  await gateway.initialize();
  const { stdin, stdout, pid } = gateway.process;
  const text = 'x'.repeat(100_000);
  let taken = 0;
  const call = (id: number) => {
    const params = { name: 'p_echo', arguments: { text } };
    stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params })}\n`, () => taken++);
  };
  const audited = () => gateway.logs.filter(({ msg }) => msg === 'tool called').length;
  /** Waits until nothing more is called for half a second. */
  const quiet = async () => {
    for (let before = -1; before !== audited() || before <= 0; ) {
      before = audited();
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    return audited();
  };
  stdout?.pause();
  for (let id = 0; id < 100; id++) call(id);
  const filled = await quiet();
  for (let id = 100; id < 300; id++) call(id);
  // Some fit into the buffers of the system.
  expect(await quiet()).toBeLessThan(filled + 50);
  expect(taken).toBeLessThan(200);
  expect(residentMegabytes(pid as number)).toBeLessThan(400);
  stdout?.resume();
  await until(() => gateway.messages.length === 301, 'all answers', 20_000);
  expect(gateway.messages.slice(1).every((message) => 'result' in message)).toBe(true);
  await gateway.end();
});

test('a client that neither reads nor goes is left in the end', async () => {
  const { gateway, pids } = await start();
  await gateway.initialize();
  gateway.process.stdout?.pause();
  const text = 'x'.repeat(1_000_000);
  for (let id = 0; id < 20; id++) {
    gateway.send({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'p_echo', arguments: { text } } });
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  const ended = new Promise((resolve) => gateway.process.once('exit', resolve));
  gateway.process.kill('SIGTERM');
  expect(await ended).toBe(0);
  await until(() => !pids.some(isAlive), 'the children to end');
});

function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}
