import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { until } from '../../helpers/gateway-instance';
import { closeAtEnd } from '../../helpers/gateway-servers';
import { repository } from '../../helpers/imports';
import { pythonOf } from '../../helpers/python';
import { cliMain, runCli } from './library-cli';

/** Milliseconds that a busy machine may take to synthesize and to start what runs. */
const patienceMs = 60_000;

/** What `dev --json` tells. */
export interface DevLine {
  readonly event: string;
  readonly url?: string;
  readonly token?: string;
  readonly backend?: string;
  readonly reason?: string;
  readonly backends?: readonly {
    readonly name: string;
    readonly state: string;
    readonly how: string;
    readonly tools: readonly string[];
    readonly missing: readonly string[];
  }[];
}

/** Begins a project. Packages are those of the repository, as an installation would bring them. @returns its folder */
export function beginProject(template: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'project-'));
  closeAtEnd(async () => rmSync(folder, { recursive: true, force: true }));
  const directory = join(folder, 'greetings');
  const { status, stderr } = runCli(['init', '--template', template, directory]);
  if (status !== 0) throw new Error(stderr);
  symlinkSync(join(repository, 'node_modules'), join(directory, 'node_modules'));
  return directory;
}

/** A project that runs. */
export class RunningProject {
  public readonly lines: DevLine[] = [];
  public readonly process: ChildProcess;
  private errors = '';

  public constructor(directory: string, args: readonly string[] = []) {
    // Python servers find their packages there.
    const env = { ...process.env, NODE_OPTIONS: '', VIRTUAL_ENV: dirname(dirname(pythonOf('mcp-2'))) };
    this.process = spawn(process.execPath, [cliMain, 'dev', '--port', '0', '--json', ...args], { cwd: directory, env });
    let rest = '';
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      this.lines.push(...lines.map((line) => JSON.parse(line) as DevLine));
    });
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text;
    });
    closeAtEnd(() => this.stop());
  }

  /** The first line after `from` that tells of an event. */
  public async next(event: string, from = 0): Promise<DevLine> {
    const find = () => this.lines.slice(from).find((line) => line.event === event);
    await until(() => find() !== undefined || this.process.exitCode !== null, `"${event}" of dev`, patienceMs);
    const found = find();
    if (found === undefined) throw new Error(`dev ended: ${this.errors}${JSON.stringify(this.lines)}`);
    return found;
  }

  /** Interrupts it, as Ctrl-C does. */
  public async stop(): Promise<number | null> {
    if (this.process.exitCode !== null) return this.process.exitCode;
    const ended = new Promise<number | null>((resolve) => this.process.once('close', resolve));
    this.process.kill('SIGINT');
    return ended;
  }
}

/** Calls a tool with the official client. @returns its text */
export async function callTool({ url = '', token }: DevLine, name: string, args: object): Promise<string> {
  const client = new Client({ name: 'somebody', version: '1.0.0' });
  const headers = { Authorization: `Bearer ${token}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  try {
    const { content } = await client.callTool({ name, arguments: { ...args } });
    return (content as { text: string }[]).map(({ text }) => text).join('');
  } finally {
    await client.close();
  }
}
