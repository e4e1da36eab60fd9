import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { GatewayConfigInput } from '../../../gateway-runtime/src/config/index.js';
import { auditLines } from '../../helpers/audit-lines.js';
import { startCli } from '../../helpers/gateway-cli.js';
import { makeDirectory } from '../../helpers/gateway-directory.js';
import { startGateway, type TestGateway, until } from '../../helpers/gateway-instance.js';
import { type SampleHttpServer, startHttpServer } from '../../helpers/gateway-servers.js';
import { parseMetrics } from '../../helpers/prometheus-text.js';

const directory = makeDirectory();
let server: SampleHttpServer;
let path: string;
let files = 0;
let gateway: TestGateway;

beforeAll(async () => {
  server = await startHttpServer('s');
});
afterAll(async () => {
  await server.close();
  directory.remove();
});
beforeEach(() => {
  path = join(directory.path, `audit-${++files}.jsonl`);
});

async function audited(file: object, more: GatewayConfigInput = {}): Promise<Client> {
  const backends = [{ name: 's', url: server.url }];
  gateway = await startGateway({ backends, audit: { file: { path, ...file }, stdout: false }, ...more });
  await gateway.waitFor('s', 'connected');
  return gateway.connect();
}

const echo = (client: Client, text: string) => client.callTool({ name: 's_echo', arguments: { text } });

const dropped = async () =>
  parseMetrics(await (await fetch(`${gateway.origin}/metrics`)).text()).valueOf('mcp_gateway_audit_dropped_total');

const warnings = () => gateway.logs.filter(({ msg }) => /^audit records/.test(String(msg))).map(({ msg }) => msg);

test('a record is in the file before its call is answered, and nobody else may read it', async () => {
  const client = await audited({});
  await echo(client, 'a');
  expect(auditLines(path)).toMatchObject([{ method: 'tools/call', tool: 's_echo', backend: 's', outcome: 'ok' }]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(gateway.logs.filter(({ audit }) => audit)).toEqual([]);
  await gateway.close();
});

test.each([false, true])(
  'of a process that is killed, every answered call is in the file (fsync %s)',
  async (fsync) => {
    const config = directory.write('gateway.json', {
      auth: { enabled: false },
      backends: [{ name: 's', url: server.url }],
      audit: { file: { path, fsync, max_bytes: 20_000 }, arguments: 'redacted' },
    });
    const cli = await startCli(['--config', config]);
    const clients = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const client = new Client({ name: 'test', version: '1.0.0' });
        await client.connect(new StreamableHTTPClientTransport(new URL(`${cli.origin}/mcp`)) as never);
        return client;
      }),
    );
    const answered: string[] = [];
    const callOn = async (client: Client, number: number) => {
      for (let n = 0; ; n++) {
        await echo(client, `${number}-${n}`);
        answered.push(`${number}-${n}`);
      }
    };
    const calling = clients.map((client, number) => callOn(client, number).catch(() => {}));
    await until(() => answered.length > 400, '400 answers');
    cli.process.kill('SIGKILL');
    await cli.ended;
    const kept = new Set(auditLines(path).map((line) => (line.arguments as { text: string }).text));
    expect(answered.filter((text) => !kept.has(text))).toEqual([]);
    expect(
      readdirSync(directory.path).filter((name) => name.startsWith(`audit-${files}.jsonl.`)).length,
    ).toBeGreaterThan(1);
    await Promise.all([
      ...clients.map((client) => client.close().catch(() => {})),
      Promise.race([Promise.all(calling), 0]),
    ]);
  },
);

test('files that are full take numbers, and only the newest stay', async () => {
  const client = await audited({ max_bytes: 2000, keep: 3 });
  for (let round = 0; round < 20; round++) {
    await Promise.all(Array.from({ length: 5 }, (_, n) => echo(client, `${round} ${n}`)));
  }
  const names = readdirSync(directory.path).filter((name) => name.startsWith(`audit-${files}.`));
  expect(names.sort()).toEqual(['', '.1', '.2', '.3'].map((number) => `audit-${files}.jsonl${number}`));
  for (const name of names) expect(statSync(join(directory.path, name)).size).toBeLessThan(2500);
  const times = auditLines(path).map(({ time }) => String(time));
  expect(times).toEqual([...times].sort());
  expect(times.length).toBeGreaterThan(15);
  await gateway.close();
});

test('rotation loses and repeats nothing while calls go on', async () => {
  const client = await audited({ max_bytes: 3000, keep: 1000 }, {});
  for (let round = 0; round < 20; round++) {
    await Promise.all(Array.from({ length: 20 }, () => client.callTool({ name: 's_echo', arguments: { text: 'x' } })));
  }
  const ids = auditLines(path).map((line) => line.request_id);
  expect([ids.length, new Set(ids).size]).toEqual([400, 400]);
  await gateway.close();
});

test('a line that a crash cut is ended before the next one', async () => {
  appendFileSync(path, '{"time":"2026-11-23T07:35:00.123Z","cli');
  const client = await audited({});
  await echo(client, 'a');
  expect(readFileSync(path, 'utf8')).toMatch(/^\{"time":"2026-11-23T07:35:00.123Z","cli\n\{"time":.*\}\n$/);
  await gateway.close();
});

test('a file that is moved away is made anew, and what was written to it stays', async () => {
  const client = await audited({});
  const lines = () => auditLines(path).length + auditLines(`${path}.moved`).length;
  await echo(client, 'a');
  renameSync(path, `${path}.moved`);
  let calls = 1;
  const isBack = async () => {
    await echo(client, 'b');
    calls++;
    return existsSync(path);
  };
  await until(isBack, 'a new file');
  expect(lines()).toBe(calls);
  await gateway.close();
});

test('while the file cannot be written calls fail, none begins, and then all of it goes on', async () => {
  // A directory is in the place of the file until it is removed.
  mkdirSync(path);
  const client = await audited({});
  const before = performance.now();
  await expect(echo(client, 'a')).rejects.toThrow('audit log cannot be written');
  expect(performance.now() - before).toBeGreaterThan(1900);
  const asked = server.seen.headers.length;
  await expect(echo(client, 'b')).rejects.toThrow('audit log cannot be written');
  expect(server.seen.headers.length).toBe(asked);
  rmdirSync(path);
  await until(async () => (await echo(client, 'c').catch(() => undefined)) !== undefined, 'calls to go on');
  expect(auditLines(path)).toHaveLength(2);
  expect(warnings()).toEqual(['audit records cannot be written; trying again', 'audit records are written again']);
  await gateway.close();
});

test('a full disk fails calls, or loses records that are counted, as the configuration says', async () => {
  const failing = await audited({ path: '/dev/full' });
  await expect(echo(failing, 'a')).rejects.toThrow('audit log cannot be written');
  await gateway.close();
  const dropping = await audited({ path: '/dev/full', when_full: 'drop' });
  for (let n = 0; n < 5; n++) expect((await echo(dropping, 'a')).isError).toBeUndefined();
  expect(await dropped()).toBe(5);
  expect(warnings()).toEqual(['audit records cannot be written; trying again']);
  await gateway.close();
});

test('of calls one after the other and of calls at once, every record is there, and none twice', async () => {
  const client = await audited({ max_bytes: 5000, keep: 1000 });
  for (let round = 0; round < 10; round++) {
    for (let n = 0; n < 5; n++) await echo(client, `alone ${round} ${n}`);
    await Promise.all(Array.from({ length: 5 }, (_, n) => echo(client, `together ${round} ${n}`)));
  }
  const ids = auditLines(path).map((line) => line.request_id);
  expect([ids.length, new Set(ids).size]).toEqual([100, 100]);
  await gateway.close();
});

test('a disk that becomes full in the middle of a line leaves none of it', async () => {
  const config = directory.write('small.json', {
    auth: { enabled: false },
    backends: [{ name: 's', url: server.url }],
    audit: { file: { path }, stdout: false },
  });
  // No file may become longer than 4 KB, and who tries is told so.
  const limited = ['bash', '-c', 'trap "" XFSZ; ulimit -f 4; exec "$@"', 'bash'];
  const cli = await startCli(['--config', config], {}, limited);
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${cli.origin}/mcp`)) as never);
  let answered = 0;
  const callOn = async () => {
    for (; answered < 100; answered++) await echo(client, String(answered));
  };
  await expect(callOn()).rejects.toThrow('audit log cannot be written');
  const text = readFileSync(path, 'utf8');
  expect(answered).toBeGreaterThan(5);
  expect(text.split('\n').map((line) => line !== '' && JSON.parse(line).outcome)).toEqual([
    ...Array(answered).fill('ok'),
    false,
  ]);
  await client.close();
  cli.process.kill('SIGKILL');
  await cli.ended;
});
