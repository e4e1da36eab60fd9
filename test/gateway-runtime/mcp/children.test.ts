import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackendInput } from '../../../gateway-runtime/src/config/index.js';
import { parseGatewayConfig } from '../../../gateway-runtime/src/config/index.js';
import { Children } from '../../../gateway-runtime/src/mcp/children.js';
import { startCli } from '../../helpers/gateway-cli.js';
import { makeDirectory, type TestDirectory } from '../../helpers/gateway-directory.js';
import { startGateway, textOf, until } from '../../helpers/gateway-instance.js';
import { isAlive } from '../../helpers/gateway-processes.js';
import { upstreams } from '../../helpers/gateway-upstream.js';

const stdioServer = join(__dirname, '../fixtures/stdio-server.mjs');
const stdio = { name: 'p', command: process.execPath, args: [stdioServer] };

let directory: TestDirectory;
beforeEach(() => {
  directory = makeDirectory();
});
afterEach(() => directory.remove());

/** A child that runs a script of Node. */
const script = (text: string): Pick<BackendInput, 'command' | 'args'> => ({
  command: process.execPath,
  args: [directory.write('child.mjs', text)],
});

test('a child that dies says why, without its secrets', async () => {
  const failing = script('throw new Error(`no access for ${process.env.USER_NAME} with ${process.env.API_KEY}`);');
  const gateway = await startGateway({
    log_level: 'DEBUG',
    backends: [{ name: 'p', ...failing, env: { API_KEY: 'k3y', USER_NAME: 'canary-user' } }],
  });
  await gateway.waitFor('p', 'down');
  expect(gateway.logs).toContainEqual(
    expect.objectContaining({ reason: 'exited with code 1: Error: no access for [hidden] with [hidden]' }),
  );
  expect(JSON.stringify(gateway.logs)).not.toContain('canary-user');
  await gateway.close();
});

test('a child is ended together with what it started when they hold more memory than allowed, and started again', async () => {
  const file = join(directory.path, 'pids');
  // The grandchild is the one that grows.
  const greedy = script(`
    import { spawn } from 'node:child_process';
    import { appendFileSync } from 'node:fs';
    const grow = 'const held = []; setInterval(() => held.push(Buffer.alloc(20_000_000, 1)), 50)';
    const { pid } = spawn(process.execPath, ['-e', grow], { stdio: 'ignore' });
    appendFileSync(${JSON.stringify(file)}, process.pid + ' ' + pid + '\\n');
    await import(${JSON.stringify(stdioServer)});
  `);
  const gateway = await startGateway({ backends: [{ name: 'p', ...greedy, memory_limit_mb: 300 }] });
  const reasons = () => gateway.logs.map(({ reason }) => String(reason));
  const told = /^held \d+ MiB of memory, more than its limit of 300 MiB$/;
  await until(() => reasons().some((reason) => told.test(reason)), 'the child to be ended', 15_000);
  const [first] = readFileSync(file, 'utf8').split('\n');
  const pids = String(first).split(' ').map(Number);
  await until(() => !pids.some(isAlive), 'both processes to end');
  await until(() => readFileSync(file, 'utf8').trim().split('\n').length > 1, 'the child to be started again');
  await gateway.close();
}, 30_000);

test('a child that holds less than its limit is left alone', async () => {
  const gateway = await startGateway({ backends: [{ ...stdio, memory_limit_mb: 2000 }] });
  await gateway.waitFor('p', 'connected');
  await new Promise((resolve) => setTimeout(resolve, 2200));
  const client = await gateway.connect();
  expect(textOf(await client.callTool({ name: 'p_echo', arguments: { text: 'hi' } }))).toBe('stdio: hi');
  expect(gateway.logs.filter(({ reason }) => reason !== undefined)).toEqual([]);
  await gateway.close();
});

test.each([[{ url: 'http://localhost:1/mcp', memory_limit_mb: 5 }], [{ ...stdio, memory_limit_mb: 0.5 }]])(
  'fails when a memory limit bounds nothing: %j',
  (backend) => {
    expect(() => parseGatewayConfig({ backends: [{ name: 'p', ...backend }] })).toThrow('memory_limit_mb');
  },
);

test('children of one gateway are bounded: one more fits once another has left', () => {
  const children = new Children({ debug: () => {}, info: () => {}, warn: () => {}, error: () => {} });
  const leaves = Array.from({ length: 256 }, () => children.enter());
  const refused = 'cannot be started (the gateway has 256 child processes)';
  expect(() => children.enter()).toThrow(refused);
  leaves[0]?.();
  leaves[0]?.();
  children.enter();
  expect(() => children.enter()).toThrow(refused);
});

test('300 children that come and go leave neither open files nor zombies behind, and give their room back', async () => {
  const factory = upstreams();
  const openFiles = () => readdirSync('/proc/self/fd').length;
  const failures: string[] = [];
  const startAndStop = async () => {
    const { upstream, connect } = factory.make({ command: 'cat' });
    const connecting = connect().catch(({ message }) => void failures.push(message));
    await upstream.close();
    await connecting;
  };
  await startAndStop();
  const before = openFiles();
  for (let round = 0; round < 30; round++) await Promise.all(Array.from({ length: 10 }, startAndStop));
  expect(failures.filter((message) => message.startsWith('cannot be started'))).toEqual([]);
  await until(() => openFiles() <= before + 2, 'files to be closed');
  expect(zombies()).toEqual([]);
}, 30_000);

/** Children of this process that have ended and were not waited for. */
function zombies(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const status = readFileSync(`/proc/${pid}/status`, 'utf8');
        return status.includes('State:\tZ') && status.includes(`PPid:\t${process.pid}\n`);
      } catch {
        return false;
      }
    });
}

test('a command is run as configured, without a shell, and nothing of a client gets into it', async () => {
  const file = join(directory.path, 'arguments');
  const evil = `$(touch ${directory.path}/pwned); \`id\` && "'`;
  const recorder = script(`
    import { appendFileSync } from 'node:fs';
    const environment = Object.keys(process.env).sort();
    appendFileSync(${JSON.stringify(file)}, JSON.stringify([process.argv.slice(2), environment]) + '\\n');
    await import(${JSON.stringify(stdioServer)});
  `);
  const args = [...(recorder.args ?? []), evil];
  const gateway = await startGateway(
    { backends: [{ name: 'p', command: process.execPath, args, env: { MINE: '1' }, sessions: 'per_client' }] },
    {
      host: {
        env: { PATH: process.env.PATH, GATEWAY_CANARY: 'x' },
        kill: (pid, signal) => process.kill(pid, signal),
      },
    },
  );
  await gateway.waitFor('p', 'connected');
  const client = await gateway.connect({
    requestInit: { headers: { 'user-agent': 'canary', 'x-canary': evil.slice(0, 9) } },
  });
  await client.callTool({ name: 'p_echo', arguments: { text: evil, canary: evil }, _meta: { canary: evil } });
  const runs = readFileSync(file, 'utf8').trim().split('\n');
  // One for all, and one of the client.
  expect(runs).toHaveLength(2);
  for (const run of runs) expect(JSON.parse(run)).toEqual([[evil], ['MINE', 'PATH']]);
  expect(readdirSync(directory.path)).not.toContain('pwned');
  await gateway.close();
});

test('children end with a gateway that is killed: their input ends', async () => {
  const file = join(directory.path, 'pid');
  const child = script(`
    import { writeFileSync } from 'node:fs';
    writeFileSync(${JSON.stringify(file)}, String(process.pid));
    await import(${JSON.stringify(stdioServer)});
  `);
  const config = directory.write('gateway.json', { auth: { enabled: false }, backends: [{ name: 'p', ...child }] });
  const gateway = await startCli(['--config', config]);
  await until(() => /backend connected/.test(gateway.output()), 'the child to be connected');
  const pid = Number(readFileSync(file, 'utf8'));
  gateway.process.kill('SIGKILL');
  await gateway.ended;
  await until(() => !isAlive(pid), 'the child to end');
});

test.each(['stdout', 'stderr'])(
  'a child that writes 256 MiB of lines to %s and reads nothing costs no memory',
  async (stream) => {
    const file = join(directory.path, 'done');
    const flood = script(`
    import { writeFileSync, writeSync } from 'node:fs';
    const block = Buffer.from(('x'.repeat(32767) + '\\n').repeat(32));
    for (let n = 0; n < 256; n++) {
      for (let at = 0; at < block.length; ) {
        try { at += writeSync(process.${stream}.fd, block, at); } catch (error) { if (error.code !== 'EAGAIN') throw error; }
      }
    }
    writeFileSync(${JSON.stringify(file)}, '');
    setInterval(() => {}, 1000);
  `);
    // With less room the collector does not put off its work: what is left is what the gateway holds.
    const backends = [{ name: 'p', ...flood, connect_timeout: 30 }];
    const config = directory.write('gateway.json', { auth: { enabled: false }, backends });
    const gateway = await startCli(['--config', config], { NODE_OPTIONS: '--max-old-space-size=64' });
    await until(() => existsSync(file), 'everything to be written', 20_000);
    expect(peakMemoryOf(gateway.process.pid)).toBeLessThan(200 * 1024 * 1024);
    // One that is killed could not end a child which does not notice that its input ends.
    gateway.process.kill('SIGTERM');
    await gateway.ended;
  },
  30_000,
);

/** Bytes that a process held at most: some 110 MB once a gateway has started. */
function peakMemoryOf(pid: number | undefined): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
