import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { closeAtEnd } from './gateway-servers.js';

const main = join(__dirname, '../../gateway-runtime/dist/main.js');

/** How a run of the real program ended. */
export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program as a process of its own. */
export interface CliGateway {
  readonly process: ChildProcess;
  readonly origin: string;
  /** Resolves when it has ended. */
  readonly ended: Promise<CliResult>;
  /** Everything it printed so far. */
  output(): string;
}

/** The environment of a run: nothing of the caller's that could steer the gateway. */
function environment(env: Record<string, string>): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env };
}

/** Runs the built program to its end. */
export function runCli(args: string[], env: Record<string, string> = {}): Promise<CliResult> {
  return spawnCli(args, env).ended;
}

/** Starts the built program on a free port and waits until it listens. @param wrapper A command that runs it. */
export async function startCli(
  args: string[],
  env: Record<string, string> = {},
  wrapper: string[] = [],
): Promise<CliGateway> {
  const started = spawnCli(['--port', '0', '--host', '127.0.0.1', ...args], env, wrapper);
  const port = await new Promise<number>((resolve, reject) => {
    started.process.stdout?.on('data', () => {
      const line = /"port":(\d+).*"gateway is listening"/.exec(started.output());
      if (line) resolve(Number(line[1]));
    });
    void started.ended.then(({ stderr }) => reject(new Error(`the gateway ended: ${stderr}`)));
  });
  return { ...started, origin: `http://127.0.0.1:${port}` };
}

/** Starts the built program. @param wrapper A command that runs it. */
export function spawnCli(
  args: string[],
  env: Record<string, string> = {},
  wrapper: string[] = [],
): Omit<CliGateway, 'origin'> {
  const [program = '', ...all] = [...wrapper, process.execPath, main, ...args];
  const child = spawn(program, all, { env: environment(env) });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text;
    });
  }
  const ended = new Promise<CliResult>((resolve) => child.once('close', (code) => resolve({ code, ...output })));
  const kill = closeAtEnd(async () => child.kill('SIGKILL'));
  void ended.then(kill);
  return { process: child, ended, output: () => output.stdout + output.stderr };
}
