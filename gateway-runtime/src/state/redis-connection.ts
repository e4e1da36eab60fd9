import { setTimeout as delay } from 'node:timers/promises';
import type { StateConfig } from '../config/state.js';
import type { Logger } from '../contracts/host.js';
import { UnavailableError } from '../errors.js';

/** Milliseconds until an answer is given up, and until an attempt to connect is. */
const timeouts = { answer: 2000, connect: 5000 };

/** Milliseconds between pings, which find out that a connection is dead. */
const pingMs = 5000;

/** Milliseconds before the next attempt to connect: doubled from the first to the second value. */
const retryMs = { first: 250, most: 10_000 };

/** A client of a server. */
export type RedisClient = Awaited<ReturnType<typeof makeClient>>;

/** The password of the user, wherever it is kept. */
export interface PasswordSource {
  /** @throws {Error} that says where it should be, but nothing of its value */
  read(): Promise<string>;
  /** Reads it again. @returns whether it is another one now. */
  refresh(): Promise<boolean>;
}

/** What a connection needs. */
export interface RedisConnectionOptions {
  readonly config: StateConfig;
  /** Absent when the server wants none. */
  readonly password?: PasswordSource;
  readonly logger: Logger;
}

/** Who wants to hear what replicas tell each other. */
export interface RedisListener {
  /** The channel whose messages are received. */
  readonly channel: string;
  onMessage(message: string): void;
  /** Called each time the connection stands, the first time included. */
  onConnected(): void;
}

/**
 * A connection to a Redis or Valkey server, made again whenever it breaks. Nothing waits for it longer than for an answer:
 * a command fails at once while it is broken.
 */
export class RedisConnection {
  readonly #options: RedisConnectionOptions;
  readonly #closing = new AbortController();
  readonly #listeners: RedisListener[] = [];
  #clients: RedisClient[] = [];
  /** The one that takes commands, while the connection stands. */
  #client: RedisClient | undefined;
  #firstAttempt: Promise<void> | undefined;
  /** Rejects when the connection is lost. */
  #lost: Promise<never> | undefined;
  #lose: (reason: Error) => void = () => {};
  #refusal: string | undefined;
  #fault: string | undefined = 'is not connected yet';

  constructor(options: RedisConnectionOptions) {
    this.#options = options;
  }

  /** Why there is no connection; `undefined` while there is one. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Tells somebody what is said, from the next time on that the connection stands. */
  listen(listener: RedisListener): void {
    this.#listeners.push(listener);
  }

  start(): void {
    this.#firstAttempt = new Promise((resolve) => {
      void this.#keepConnected(resolve).catch(() => {});
    });
  }

  close(): void {
    this.#closing.abort();
    this.#disconnect();
  }

  /** @throws {UnavailableError} when the server gives no answer, or an error */
  async run<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    // A replica that has just started is asked about sessions before it is connected.
    if (!this.#client && this.#firstAttempt) await within(timeouts.answer, this.#firstAttempt).catch(() => {});
    const client = this.#client;
    if (!client) throw unavailable();
    try {
      const answer = await within(timeouts.answer, command(client));
      this.#refusal = undefined;
      return answer;
    } catch (error) {
      if (needsNewConnection(error)) this.#lose(error as Error);
      else this.#reportRefusal(reasonOf(error));
      throw unavailable();
    }
  }

  #reportRefusal(reason: string): void {
    if (reason !== this.#refusal) this.#options.logger.warn({ reason }, 'shared state refuses a command');
    this.#refusal = reason;
  }

  async #keepConnected(onAttempt: () => void): Promise<void> {
    const { logger } = this.#options;
    let wait = retryMs.first;
    let reported: string | undefined;
    while (!this.#closing.signal.aborted) {
      try {
        await this.#connect();
        logger.info({}, 'shared state is connected');
        [wait, reported] = [retryMs.first, undefined];
        onAttempt();
        await this.#untilLost();
      } catch (error) {
        this.#disconnect();
        if (this.#closing.signal.aborted) break;
        this.#fault = reasonOf(error);
        if (this.#fault !== reported) {
          logger.warn({ reason: this.#fault }, 'shared state is not available; trying again');
        }
        reported = this.#fault;
        if (/^(WRONGPASS|NOAUTH)\b/.test((error as Error).message)) {
          await this.#options.password?.refresh().catch(() => {});
        }
      }
      onAttempt();
      // Replicas that lost the same server do not come back in step.
      await delay(wait * (0.5 + Math.random() / 2), undefined, { signal: this.#closing.signal });
      wait = Math.min(wait * 2, retryMs.most);
    }
  }

  /** Two connections: one that receives messages can do nothing else. */
  async #connect(): Promise<void> {
    const { config, password } = this.#options;
    const secret = await password?.read();
    const [commands, messages] = [await makeClient(config, secret), await makeClient(config, secret)];
    this.#lost = new Promise((_, reject) => {
      this.#lose = reject;
    });
    this.#lost.catch(() => {});
    this.#clients = [commands, messages];
    for (const client of this.#clients) client.on('error', (error) => this.#lose(error));
    await within(timeouts.connect, Promise.all(this.#clients.map((client) => client.connect())));
    for (const { channel, onMessage } of this.#listeners) {
      await within(timeouts.answer, messages.subscribe(channel, onMessage));
    }
    if (this.#closing.signal.aborted) throw new Error('closed');
    this.#client = commands;
    this.#fault = undefined;
    for (const { onConnected } of this.#listeners) onConnected();
  }

  #disconnect(): void {
    this.#client = undefined;
    for (const client of this.#clients.splice(0)) client.destroy();
  }

  /** @throws {Error} when the connection is lost */
  async #untilLost(): Promise<never> {
    for (;;) {
      await Promise.race([this.#lost, delay(pingMs, undefined, { ref: false })]);
      const pings = Promise.all(this.#clients.map((client) => client.ping()));
      await Promise.race([this.#lost, within(timeouts.answer, pings)]);
    }
  }
}

/** A client that gives up at the first error: the connection is made again as a whole. */
async function makeClient({ url, username }: StateConfig, password: string | undefined) {
  const { createClient } = await import('./redis-client.js');
  return createClient({
    url,
    username,
    password,
    socket: { reconnectStrategy: false, connectTimeout: timeouts.connect },
    RESP: 2,
    disableClientInfo: true,
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
  });
}

function unavailable(): UnavailableError {
  return new UnavailableError('what other replicas know cannot be looked up at the moment');
}

class NoAnswerError extends Error {
  constructor() {
    super('did not answer in time');
  }
}

async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswerError()), ms);
  });
  // What comes too late is of no interest, and neither is why it failed.
  answer.catch(() => {});
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

/** A server that answers with an error is there; one that became a replica is the wrong one. */
function needsNewConnection(error: unknown): boolean {
  return !isReply(error) || /^(READONLY|LOADING|MASTERDOWN)\b/.test((error as Error).message);
}

function isReply(error: unknown): boolean {
  const { code, message } = error as Error & { code?: unknown };
  return code === undefined && (/^[A-Z]{2,}\b/.test(message) || 'replies' in (error as Error));
}

/** Short, and without anything that was sent. */
function reasonOf(error: unknown): string {
  const { code, message, name } = error as Error & { code?: string };
  if (isReply(error)) return `answers ${message.split(' ')[0]}`;
  if (error instanceof NoAnswerError || name === 'ConnectionTimeoutError') return 'did not answer in time';
  return code ? `cannot be reached (${code})` : message;
}
