import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { StdioBackend } from '../config/backend.js';
import type { Era } from '../config/versions.js';
import { Chunks } from '../contracts/chunks.js';
import type { Host, Logger } from '../contracts/host.js';
import { UpstreamError } from '../errors.js';
import { maxMessageSize, tooLarge } from '../outgoing/message-size.js';
import { LineReader } from '../protocol/line-reader.js';
import { childEnvironment } from './child-environment.js';
import type { Children } from './children.js';
import { LastWords } from './last-words.js';
import { parsedMessage } from './parsed-message.js';
import type { Send, Transport, TransportEvents } from './transport.js';

/** Milliseconds a child gets to leave, after its input was closed and again after SIGTERM. */
const leaveMs = 1000;

/** Milliseconds in which what a child wrote before its end is read. */
const readOutMs = 250;

/** Signals that come from outside and not from a fault of the child. */
const outside: ReadonlySet<NodeJS.Signals> = new Set(['SIGHUP', 'SIGINT', 'SIGKILL', 'SIGTERM']);

/** Bytes of a line on a child's stderr at most; longer ones are passed over. */
const longestLogLine = 64 * 1024;

/** What child processes need from the rest of the gateway. */
export interface StdioDependencies {
  readonly host: Host;
  readonly logger: Logger;
  readonly children: Children;
}

/**
 * A backend that the gateway starts as a child process, in a process group of its own so that whatever the child
 * starts ends with it. https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/stdio
 */
export class Stdio implements Transport {
  readonly eras: readonly Era[] = ['modern', 'legacy'];
  readonly hasHeaders = false;
  readonly hasStreams = true;
  readonly #backend: StdioBackend;
  readonly #host: Host;
  readonly #logger: Logger;
  readonly #events: TransportEvents;
  readonly #children: Children;
  readonly #lastWords: LastWords;
  #child: ChildProcessWithoutNullStreams | undefined;
  #exited: Promise<void> = Promise.resolve();
  #closed = false;
  #isGone = false;

  constructor(backend: StdioBackend, { host, logger, children }: StdioDependencies, events: TransportEvents) {
    this.#backend = backend;
    this.#host = host;
    this.#logger = logger;
    this.#children = children;
    this.#events = events;
    this.#lastWords = new LastWords(backend);
  }

  async open(): Promise<void> {
    const leave = this.#children.enter();
    const child = this.#spawn(leave);
    this.#child = child;
    const started = new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error: NodeJS.ErrnoException) => {
        reject(new UpstreamError(`cannot be started (${error.code ?? error.message})`, true));
      });
    });
    this.#exited = new Promise<void>((resolve) => {
      child.once('error', () => resolve());
      child.once('exit', (code, name) => {
        resolve();
        void this.#tellEnd(child, code, name);
      });
    }).finally(leave);
    child.stdin.on('error', () => {});
    new LineReader(child.stdout, maxMessageSize, {
      onLine: (line) => this.#read(line),
      onTooLong: () => this.#end(tooLarge().message),
    }).start();
    new LineReader(child.stderr, longestLogLine, {
      onLine: (line) => {
        const stderr = this.#lastWords.note(line.toString('utf8'));
        this.#logger.debug({ backend: this.#backend.name, stderr }, 'backend wrote to stderr');
      },
      onTooLong: () => this.#logger.debug({ backend: this.#backend.name }, 'backend writes endless lines to stderr'),
    }).start();
    await started;
    this.#boundMemory(child);
  }

  speak(): void {}

  readonly send: Send = async (message) => {
    const { stdin } = this.#child ?? {};
    if (!stdin?.writable) throw new UpstreamError('is not running', true);
    if (stdin.writableLength > maxMessageSize) throw new UpstreamError('does not read its input');
    stdin.write(`${JSON.stringify(message)}\n`);
  };

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#child?.stdin.end();
    if (!(await this.#exitsWithin(leaveMs))) {
      this.#killGroup('SIGTERM');
      await this.#exitsWithin(leaveMs);
    }
    this.#killGroup('SIGKILL');
    await this.#exited;
  }

  /** Without a shell: what is configured is not read as anything but a program and its arguments. */
  #spawn(onFailure: () => void): ChildProcessWithoutNullStreams {
    const { command, args, cwd } = this.#backend;
    try {
      return spawn(command, args, { cwd, env: childEnvironment(this.#backend, this.#host.env), detached: true });
    } catch (error) {
      onFailure();
      throw new UpstreamError(`cannot be started (${(error as NodeJS.ErrnoException).code})`, true);
    }
  }

  #boundMemory({ pid }: ChildProcessWithoutNullStreams): void {
    const { memory_limit_mb: limitMb } = this.#backend;
    if (pid === undefined || limitMb === undefined) return;
    const forget = this.#children.watch({ pid, limitMb, onTooLarge: (reason) => this.#end(reason) });
    void this.#exited.then(forget);
  }

  /** Tells of the end of a child once its last words are read. Others may hold its streams open: they end with it. */
  async #tellEnd(
    child: ChildProcessWithoutNullStreams,
    code: number | null,
    signal: NodeJS.Signals | null,
  ): Promise<void> {
    this.#killGroup('SIGKILL');
    const isReadOut = new AbortController();
    child.once('close', () => isReadOut.abort());
    await delay(readOutMs, undefined, { signal: isReadOut.signal }).catch(() => {});
    const how = signal ? `was ended by ${signal}` : `exited with code ${code}`;
    // Whoever is ended by others could not say why.
    const why = signal && outside.has(signal) ? undefined : this.#lastWords.line;
    this.#tellOnce(why === undefined ? how : `${how}: ${why}`);
  }

  #exitsWithin(ms: number): Promise<boolean> {
    const timeout = new AbortController();
    return Promise.race([
      this.#exited.then(() => true),
      delay(ms, false, { signal: timeout.signal }).catch(() => false),
    ]).finally(() => timeout.abort());
  }

  #killGroup(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      this.#host.kill(-pid, signal);
    } catch {
      // Nobody is left in the group.
    }
  }

  #read(line: Buffer): void {
    try {
      this.#events.onMessage(parsedMessage(new Chunks([line])));
    } catch {
      this.#logger.debug(
        { backend: this.#backend.name, stdout: line.toString() },
        'backend wrote something that is not JSON',
      );
    }
  }

  #end(reason: string): void {
    this.#killGroup('SIGKILL');
    this.#tellOnce(reason);
  }

  #tellOnce(reason: string): void {
    if (!this.#closed && !this.#isGone) this.#events.onGone(reason);
    this.#isGone = true;
  }
}
