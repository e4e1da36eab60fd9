import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { StdioBackend } from '../config/backend.js';
import type { Host, Logger } from '../config/host.js';
import type { JsonObject, JsonRpcMessage } from '../config/json-rpc.js';
import type { ServerDescription, Upstream, UpstreamEvents, UpstreamRequestOptions } from '../config/upstream.js';
import { UpstreamError } from '../errors.js';
import { childEnvironment } from './child-environment.js';
import { Correlator } from './correlator.js';
import { type Caller, initialize } from './handshake.js';
import { readLines } from './lines.js';
import { maxMessageSize, tooLarge } from './message-size.js';

/** Milliseconds a child gets to leave, after its input was closed and again after SIGTERM. */
const leaveMs = 1000;

/** Longest line on a child's stderr; whoever writes longer ones is not listened to. */
const longestLogLine = 64 * 1024;

/**
 * A backend that the gateway starts as a child process, in a process group of its own so that whatever the child
 * starts ends with it. https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#stdio
 */
export class StdioUpstream implements Upstream {
  readonly #backend: StdioBackend;
  readonly #caller: Caller;
  readonly #host: Host;
  readonly #logger: Logger;
  readonly #events: UpstreamEvents;
  readonly #correlator: Correlator;
  #child: ChildProcessWithoutNullStreams | undefined;
  #exited: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(backend: StdioBackend, caller: Caller, host: Host, logger: Logger, events: UpstreamEvents) {
    this.#backend = backend;
    this.#caller = caller;
    this.#host = host;
    this.#logger = logger;
    this.#events = events;
    this.#correlator = new Correlator((message) => this.#write(message), backend.request_timeout * 1000, events);
  }

  connect(): Promise<ServerDescription> {
    const { command, args, cwd, connect_timeout } = this.#backend;
    const child = spawn(command, args, { cwd, env: childEnvironment(this.#backend, this.#host.env), detached: true });
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        this.#end(`cannot be started (${error.code ?? error.message})`);
        resolve();
      });
      child.once('exit', (code, name) => {
        this.#end(name ? `was ended by ${name}` : `exited with code ${code}`);
        resolve();
      });
    });
    child.stdin.on('error', () => {});
    readLines(child.stdout, maxMessageSize, {
      onLine: (line) => this.#read(line),
      onTooLong: () => this.#end(tooLarge().message),
    });
    readLines(child.stderr, longestLogLine, {
      onLine: (line) => this.#logger.debug({ backend: this.#backend.name, stderr: line }, 'backend wrote to stderr'),
      onTooLong: () => this.#logger.debug({ backend: this.#backend.name }, 'backend writes endless lines to stderr'),
    });
    return initialize(this.#correlator, this.#caller, connect_timeout * 1000);
  }

  request(method: string, params: JsonObject | undefined, options?: UpstreamRequestOptions): Promise<unknown> {
    return this.#correlator.request(method, params, options);
  }

  notify(method: string, params?: JsonObject): void {
    void this.#correlator.notify(method, params).catch(() => {});
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#correlator.rejectAll(new UpstreamError('connection closed'));
    this.#child?.stdin.end();
    if (!(await this.#exitsWithin(leaveMs))) {
      this.#killGroup('SIGTERM');
      await this.#exitsWithin(leaveMs);
    }
    this.#killGroup('SIGKILL');
    await this.#exited;
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

  #write(message: JsonRpcMessage): Promise<void> {
    const { stdin } = this.#child ?? {};
    if (!stdin?.writable) return Promise.reject(new UpstreamError('is not running', true));
    if (stdin.writableLength > maxMessageSize) return Promise.reject(new UpstreamError('does not read its input'));
    stdin.write(`${JSON.stringify(message)}\n`);
    return Promise.resolve();
  }

  #read(line: string): void {
    if (line === '') return;
    try {
      this.#correlator.receive(JSON.parse(line));
    } catch {
      this.#logger.debug({ backend: this.#backend.name, stdout: line }, 'backend wrote something that is not JSON');
    }
  }

  #end(reason: string): void {
    this.#killGroup('SIGKILL');
    this.#correlator.rejectAll(new UpstreamError(reason, true));
    if (!this.#closed) this.#events.onDisconnected(reason);
  }
}
