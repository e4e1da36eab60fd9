import { readFileSync } from 'node:fs';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { type CliGateway, runCli, startCli } from '../helpers/gateway-cli.js';
import { makeDirectory, type TestDirectory } from '../helpers/gateway-directory.js';
import { textOf, until } from '../helpers/gateway-instance.js';
import { loadClient } from '../helpers/gateway-load.js';
import { isAlive } from '../helpers/gateway-processes.js';
import { type SampleHttpServer, startHttpServer } from '../helpers/gateway-servers.js';

let directory: TestDirectory;
let server: SampleHttpServer;

beforeAll(async () => {
  directory = makeDirectory();
  server = await startHttpServer('s', { json: true });
});

afterAll(async () => {
  await server.close();
  directory.remove();
});

/** Workers that have written a line with this message, by number. */
function lines(gateway: CliGateway, message: string): { worker: number; pid?: number }[] {
  return gateway
    .output()
    .split('\n')
    .filter((line) => line.includes(`"${message}"`))
    .map((line) => JSON.parse(line));
}

async function start(config: object, env?: Record<string, string>): Promise<CliGateway> {
  const file = directory.write('gateway.json', { workers: 2, backends: [{ name: 's', url: server.url }], ...config });
  const gateway = await startCli(['--config', file, '--no-auth'], env);
  await until(() => lines(gateway, 'backend connected').length >= 2, 'both workers');
  return gateway;
}

const call = (n: number, tool = 's_echo') => ({
  jsonrpc: '2.0',
  id: n,
  method: 'tools/call',
  params: { name: tool, arguments: { text: `text ${n}` } },
});

/** Calls over so many new connections, in turn. @returns answers that were not right */
async function callOverNewConnections(gateway: CliGateway, count: number, session?: Record<string, string>) {
  const wrong: string[] = [];
  for (let n = 1; n <= count; n++) {
    const client = loadClient(`${gateway.origin}/mcp`, 1);
    const { status, text } = await client.post(call(n), session);
    if (status !== 200 || !text.includes(`text ${n}`)) wrong.push(`${status} ${text}`);
    await client.close();
  }
  return wrong;
}

test('workers share a port and the sessions of clients, and each writes its own audit file', async () => {
  const path = `${directory.path}/audit.jsonl`;
  const gateway = await start({ audit: { file: { path } } });
  const client = loadClient(`${gateway.origin}/mcp`, 1);
  const session = await client.begin();
  expect(await callOverNewConnections(gateway, 20, session)).toEqual([]);
  const written = [path, path.replace('.jsonl', '.worker-2.jsonl')].map((file) => readFileSync(file, 'utf8'));
  const counts = written.map((text) => text.split('\n').filter(Boolean).length);
  expect(counts[0]).toBeGreaterThan(0);
  expect(counts[1]).toBeGreaterThan(0);
  expect((counts[0] ?? 0) + (counts[1] ?? 0)).toBe(20);
  // Each would count by itself, and nobody knows whom a scraper asks.
  expect((await fetch(`${gateway.origin}/metrics`)).status).toBe(404);
  await client.close();
  gateway.process.kill('SIGTERM');
  expect(await gateway.ended).toMatchObject({ code: 0, stderr: '' });
});

test('a session that ended at one worker has ended at the other', async () => {
  const gateway = await start({});
  const client = loadClient(`${gateway.origin}/mcp`, 1);
  const session = await client.begin();
  expect(await callOverNewConnections(gateway, 6, session)).toEqual([]);
  expect((await fetch(`${gateway.origin}/mcp`, { method: 'DELETE', headers: session })).status).toBe(204);
  await until(async () => {
    const wrong = await callOverNewConnections(gateway, 6, session);
    return wrong.length === 6 && wrong.every((answer) => answer.startsWith('404'));
  }, 'the session to be unknown everywhere');
  await client.close();
  gateway.process.kill('SIGTERM');
  await gateway.ended;
});

test('an answer to a question reaches the worker that asked, whichever it arrives at', async () => {
  const gateway = await start({ backends: [{ name: 's', url: server.url }, everything] });
  for (let n = 0; n < 6; n++) {
    const client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: {} } });
    client.setRequestHandler(ElicitRequestSchema, async () => ({ action: 'decline' as const }));
    await client.connect(new StreamableHTTPClientTransport(new URL(`${gateway.origin}/mcp`)) as never);
    await until(
      async () => (await client.listTools()).tools.some(({ name }) => name.includes('elicitation')),
      'the tool that asks',
    );
    const { tools } = await client.listTools();
    const name = tools.find((tool) => tool.name.includes('elicitation'))?.name ?? '';
    const result = await client.callTool({ name, arguments: {} });
    expect(textOf(result)).toMatch(/declin/i);
    await client.close();
  }
  gateway.process.kill('SIGTERM');
  await gateway.ended;
}, 60_000);

const everything = {
  name: 'everything',
  command: process.execPath,
  args: [require.resolve('@modelcontextprotocol/server-everything/dist/index.js'), 'stdio'],
};

test('another one takes the place of a worker that dies, and the others go on', async () => {
  const gateway = await start({});
  const pids = () => children(gateway.process.pid as number);
  const [first = 0, second = 0] = pids();
  const client = loadClient(`${gateway.origin}/mcp`, 1);
  const session = await client.begin();
  process.kill(second, 'SIGKILL');
  await until(
    () => lines(gateway, 'a worker has failed; another one takes its place').length === 1,
    'it to be noticed',
  );
  expect(await callOverNewConnections(gateway, 6, session)).toEqual([]);
  await until(
    () => pids().length === 2 && pids().some((pid) => pid !== first && pid !== second),
    'a successor',
    15_000,
  );
  await until(() => lines(gateway, 'backend connected').length >= 3, 'its backend');
  expect(await callOverNewConnections(gateway, 6, session)).toEqual([]);
  await client.close();
  const all = [first, second, ...pids()];
  gateway.process.kill('SIGTERM');
  expect(await gateway.ended).toMatchObject({ code: 0 });
  expect(all.filter(isAlive)).toEqual([]);
});

test('workers end when nobody supervises them any more', async () => {
  const gateway = await start({});
  const pids = children(gateway.process.pid as number);
  gateway.process.kill('SIGKILL');
  await until(() => !pids.some(isAlive), 'the workers to end');
});

test('a reload reaches every worker', async () => {
  const gateway = await start({});
  directory.write('gateway.json', {
    workers: 2,
    backends: [
      { name: 's', url: server.url },
      { name: 't', url: server.url },
    ],
  });
  gateway.process.kill('SIGHUP');
  await until(() => lines(gateway, 'backend connected').length >= 4, 'the new backend at both');
  expect(new Set(lines(gateway, 'backend connected').map(({ worker }) => worker))).toEqual(new Set([1, 2]));
  gateway.process.kill('SIGTERM');
  await gateway.ended;
});

test.each([
  [{ limits: { client: { calls_per_minute: 5 } } }, 'limits: each worker would count by itself'],
  [{ enable_sse: true }, 'enable_sse: each message of an old client'],
  [{ workers: 0 }, 'workers: expected a whole number from 1 to 64'],
])('%j is refused', async (config, message) => {
  const file = directory.write('refused.json', { workers: 2, backends: [], ...config });
  const { code, stderr } = await runCli(['--config', file, '--no-auth', '--host', '127.0.0.1']);
  expect(code).toBe(78);
  expect(stderr).toContain(message);
});

test('a port that is taken ends all of them, and says so', async () => {
  const taken = new URL(server.url).port;
  const { code, stderr } = await runCli(['--no-auth', '--host', '127.0.0.1', '--port', taken, '--workers', '2']);
  expect(code).toBe(1);
  expect(stderr).toContain(`cannot listen on 127.0.0.1:${taken} (EADDRINUSE)`);
});

/** Processes that a process has started. */
function children(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}
