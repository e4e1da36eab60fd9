import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startCli } from '../helpers/gateway-cli.js';
import { makeDirectory, type TestDirectory } from '../helpers/gateway-directory.js';
import { until } from '../helpers/gateway-instance.js';
import { isAlive } from '../helpers/gateway-processes.js';

let directory: TestDirectory;
beforeAll(() => {
  directory = makeDirectory();
});
afterAll(() => directory.remove());

const linesOf = (output: string) =>
  output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('SIGUSR2 turns DEBUG on and off again, and SIGUSR1 opens no debugger', async () => {
  const gateway = await startCli(['--no-auth']);
  const count = (text: string) => gateway.output().split(text).length - 1;
  const answered = () => count('request answered');
  await fetch(`${gateway.origin}/health`);
  expect(answered()).toBe(0);
  gateway.process.kill('SIGUSR2');
  await until(() => count('log level changed') === 1, 'the line');
  await fetch(`${gateway.origin}/health`);
  await until(() => answered() === 1, 'a line about the request');
  gateway.process.kill('SIGUSR2');
  await until(() => count('log level changed') === 2, 'the other line');
  await fetch(`${gateway.origin}/health`);
  gateway.process.kill('SIGUSR1');
  await until(() => count('SIGUSR1 is ignored') === 1, 'the warning');
  expect(answered()).toBe(1);
  const port9229 = await new Promise((resolve) => {
    connect(9229, '127.0.0.1', () => resolve('open')).once('error', () => resolve('closed'));
  });
  expect(port9229).toBe('closed');
  gateway.process.kill('SIGTERM');
  const { code, stdout, stderr } = await gateway.ended;
  expect([code, stderr]).toEqual([0, '']);
  const changes = linesOf(stdout).filter(({ msg }) => msg === 'log level changed');
  expect(changes.map(({ log_level }) => log_level)).toEqual(['DEBUG', 'INFO']);
});

/** Makes a running program fail when it gets a signal. @returns what Node is to be told */
const failing = (statement: string) => {
  const module = directory.write('failing.mjs', `process.on('SIGWINCH', () => { ${statement} });`);
  return `--import=${pathToFileURL(module)}`;
};

test.each([
  ['an error that nobody caught', "throw new TypeError('s3cret\\n    at s3cret')", 'uncaughtException', 'TypeError'],
  ['a promise that nobody looked at', "Promise.reject(new RangeError('s3cret'))", 'unhandledRejection', 'RangeError'],
  ['something that is no error', "throw 's3cret'", 'uncaughtException', 'string'],
])('%s ends the program with 1, one line and no secret', async (_, statement, origin, error) => {
  const pids = join(directory.path, `pids-${error}`);
  const config = directory.write('gateway.json', {
    backends: [
      {
        ...{ name: 'p', command: process.execPath, args: [join(__dirname, 'fixtures/stdio-server.mjs')] },
        env: { CHILD_PID_FILE: pids },
      },
    ],
  });
  const gateway = await startCli(['--no-auth', '--config', config], { NODE_OPTIONS: failing(statement) });
  await until(() => gateway.output().includes('backend connected'), 'the backend');
  const failed = Date.now();
  gateway.process.kill('SIGWINCH');
  const { code, stdout, stderr } = await gateway.ended;
  expect([code, stderr]).toEqual([1, '']);
  expect(Date.now() - failed).toBeLessThan(4000);
  expect(stdout).not.toContain('s3cret');
  const errors = linesOf(stdout).filter(({ level }) => level === 'error');
  expect(errors).toEqual([expect.objectContaining({ msg: 'gateway has failed and ends', origin, error })]);
  if (error !== 'string') expect(errors[0]?.at).toEqual(expect.arrayContaining([expect.stringMatching(/^at /)]));
  const children: number[] = JSON.parse(readFileSync(pids, 'utf8'));
  await until(() => !children.some(isAlive), 'the children to end');
});

test('a client that sends its headers byte by byte is disconnected, and others are served meanwhile', async () => {
  const gateway = await startCli(['--no-auth']);
  const started = Date.now();
  const answer = await new Promise<string>((resolve) => {
    let received = '';
    const socket = connect(Number(new URL(gateway.origin).port), '127.0.0.1');
    const text = `POST /mcp HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(1000)}`;
    let sent = 0;
    const drip = setInterval(() => socket.write(text[sent++] as string), 100);
    socket.on('data', (data) => {
      received += data;
    });
    socket.on('error', () => {});
    socket.once('close', () => {
      clearInterval(drip);
      resolve(received);
    });
  });
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  expect(Date.now() - started).toBeLessThan(14_000);
  expect((await fetch(`${gateway.origin}/health`)).status).toBe(200);
  gateway.process.kill('SIGTERM');
  await gateway.ended;
}, 20_000);

/** Makes a running program allocate objects that last when it gets a signal, and V8 tell whether it draws conclusions from it. */
const allocating = `
  import { setFlagsFromString } from 'node:v8';
  const kept = [];
  process.on('SIGWINCH', () => {
    setFlagsFromString('--trace-pretenuring-statistics');
    for (let site = 0; site < 20; site++) {
      const make = new Function('n', 'return { n, site: ' + site + ' }');
      for (let n = 0; n < 300_000; n++) kept[n % 50_000] = make(n);
    }
    console.log('{"msg":"allocated"}');
  });`;

test('no object begins its life among old ones, however long others like it lasted', async () => {
  const module = directory.write('allocating.mjs', allocating);
  const gateway = await startCli(['--no-auth'], { NODE_OPTIONS: `--import=${pathToFileURL(module)}` });
  gateway.process.kill('SIGWINCH');
  await until(() => gateway.output().includes('allocated'), 'the objects');
  gateway.process.kill('SIGTERM');
  const { stdout } = await gateway.ended;
  expect(stdout).not.toContain('pretenuring');
});
