import { existsSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { until } from '../../helpers/gateway-instance';
import { describePython } from '../../helpers/python';
import { beginProject, callTool, RunningProject } from './dev-project';

const edit = (file: string, from: string, to: string) => {
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(from);
  writeFileSync(file, text.replace(from, to));
};

describe('as a new user', () => {
  test('init, edit a tool, dev, call it: within two minutes; then it keeps up with changes', async () => {
    const began = Date.now();
    const directory = beginProject('node');
    const server = join(directory, 'servers', 'hello', 'server.js');
    edit(server, 'Hello, ', 'Good morning, ');
    const project = new RunningProject(directory);
    const ready = await project.next('ready');
    expect(await callTool(ready, 'hello_greet', { name: 'Ada' })).toBe('Good morning, Ada!');
    const seconds = (Date.now() - began) / 1000;
    expect(seconds).toBeLessThan(120);
    console.info(`init, edit, dev and a call took ${seconds.toFixed(1)} s`);

    expect(processesIn(directory).length).toBeGreaterThan(existsSync('/proc/self/cwd') ? 1 : -1);

    // Nobody else comes in.
    const { port } = new URL(ready.url ?? '');
    const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    for (const { address, internal, family } of addresses) {
      if (!internal && family === 'IPv4') expect(await isListening(Number(port), address)).toBe(false);
    }
    await expect(callTool({ ...ready, token: 'guessed' }, 'hello_greet', { name: 'Eve' })).rejects.toThrow(
      'the token is not known',
    );

    // A server starts again behind the same URL, while the client keeps its token.
    let from = project.lines.length;
    edit(server, "'greet'", "'salute'");
    const reloaded = await project.next('reloaded', from);
    expect(reloaded.url).toBe(ready.url);
    expect(await callTool(ready, 'hello_salute', { name: 'Ada' })).toBe('Good morning, Ada!');

    // What does not synthesize stops nothing.
    from = project.lines.length;
    edit(join(directory, 'main.ts'), "directory: 'servers/hello'", "directory: 'servers/nowhere'");
    expect((await project.next('failed', from)).reason).toContain('got "servers/nowhere"');
    expect(await callTool(ready, 'hello_salute', { name: 'Ada' })).toBe('Good morning, Ada!');

    expect(await project.stop()).toBe(0);
    await until(async () => !(await isListening(Number(port))), 'the gateway to end');
    await until(() => processesIn(directory).length === 0, 'every server to end');
    const left = readdirSync(join(directory, '.cdktf-oci-mcp'));
    expect(left.filter((name) => name.startsWith('run-'))).toEqual([]);
    expect(statSync(join(directory, '.cdktf-oci-mcp', 'token')).mode & 0o777).toBe(0o600);
    expect(existsSync(join(directory, 'cdktf.out'))).toBe(false);
  }, 240_000);
});

describePython('templates', () => {
  test.each([
    ['python', 'python server'],
    ['score-artifact', 'score artifact'],
    ['function', 'python function'],
  ])(
    '%s runs at once, and answers a client',
    async (template, how) => {
      const project = new RunningProject(beginProject(template));
      const ready = await project.next('ready');
      expect(ready.backends).toEqual([expect.objectContaining({ name: 'hello', state: 'runs', how })]);
      expect(await callTool(ready, 'hello_greet', { name: 'Ada' })).toBe('Hello, Ada!');
    },
    120_000,
  );

  test('platform runs both of its servers', async () => {
    const project = new RunningProject(beginProject('platform'));
    const ready = await project.next('ready');
    expect(ready.backends?.map(({ name, state }) => [name, state])).toEqual([
      ['hello', 'runs'],
      ['convert', 'runs'],
    ]);
    const answer = await callTool(ready, 'convert_convert_memory', { amount: 1, from: 'GB', to: 'MB' });
    expect(answer).toBe('1000');
    expect(await callTool(ready, 'hello_greet', { name: 'Ada' })).toBe('Hello, Ada!');
  }, 120_000);
});

function isListening(port: number, address = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Processes that work in a folder, where the system tells. */
function processesIn(directory: string): string[] {
  if (!existsSync('/proc/self/cwd')) return [];
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(directory);
    } catch {
      return false;
    }
  });
}
