import { type ChildProcess, spawn } from 'node:child_process';

/** Bytes of output that are kept to explain a failure. */
const mostKept = 16 * 1024;

/** Milliseconds that a process gets to end by itself. */
const patienceMs = 5000;

export interface ChildOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Gets each line that it prints. */
  onLine?(line: string): void;
}

/** A child process, with all that it starts in turn. */
export class Child {
  /** Resolves to what it ended with, once it has. */
  public readonly ended: Promise<string>;
  private readonly process: ChildProcess;
  private printed = '';
  private end?: string;

  public constructor(command: readonly string[], { cwd, env, onLine }: ChildOptions) {
    const [program = '', ...args] = command;
    // A group of its own, so that ending it ends what `npx` and shells have started, too.
    this.process = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      let rest = '';
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.printed = (this.printed + text).slice(-mostKept);
        const lines = (rest + text).split('\n');
        rest = (lines.pop() ?? '').slice(-mostKept);
        for (const line of lines) onLine?.(line);
      });
    }
    this.ended = new Promise((resolve) => {
      const finish = (how: string) => {
        this.end ??= how;
        resolve(this.end);
      };
      this.process.once('error', (error) => finish(error.message));
      this.process.once('close', (code, signal) => finish(signal ? `signal ${signal}` : `exit code ${code}`));
    });
  }

  public get isRunning(): boolean {
    return this.end === undefined;
  }

  /** What it printed last. */
  public get output(): string {
    return this.printed.trim();
  }

  /** Ends it, politely first. */
  public async stop(): Promise<void> {
    if (!this.isRunning) return;
    this.signal('SIGTERM');
    const kill = setTimeout(() => this.signal('SIGKILL'), patienceMs);
    await this.ended;
    clearTimeout(kill);
    // What it started may be there still.
    this.signal('SIGKILL');
  }

  private signal(signal: NodeJS.Signals): void {
    const { pid } = this.process;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // Nobody is left.
    }
  }
}
