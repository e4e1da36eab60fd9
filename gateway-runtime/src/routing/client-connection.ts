import type { Backend } from '../config/backend.js';
import type { JsonObject } from '../contracts/json-rpc.js';
import type {
  AnswerRequest,
  ServerDescription,
  Upstream,
  UpstreamEvents,
  UpstreamFactory,
  UpstreamRequestOptions,
} from '../contracts/upstream.js';
import { RpcError, rpcCodes, UnspokenEraError, UpstreamError } from '../errors.js';
import { canAnswer } from '../protocol/questions.js';
import type { Caller } from './caller.js';

/** Milliseconds without a request after which a client's own connection ends. */
const idleMs = 5 * 60_000;

/** A connection over which requests of clients go to a backend. */
export interface Connection {
  readonly description: ServerDescription;
  /** @throws {RpcError} as the backend answered @throws {UpstreamError} with a message that names the backend */
  request(method: string, params: JsonObject | undefined, options?: UpstreamRequestOptions): Promise<unknown>;
}

/** What a client's own connection needs. */
export interface ClientConnectionOptions {
  readonly backend: Backend;
  readonly caller: Caller;
  readonly createUpstream: UpstreamFactory;
  onNotification(connection: ClientConnection, method: string, params: JsonObject): void;
  /** It is connected, perhaps again: what it was told before, it has forgotten. */
  onConnected(connection: ClientConnection): void;
  onClosed(connection: ClientConnection): void;
  /** A request was answered. @param error With which it failed; absent when it did not. */
  onAnswered(error?: unknown): void;
}

/** A connection to a legacy backend that one client has for itself, so that the backend can ask it something. */
export class ClientConnection implements Connection {
  readonly caller: Caller;
  readonly #options: ClientConnectionOptions;
  readonly #upstream: Upstream;
  #description: ServerDescription | undefined;
  /** Who answers questions that belong to a request, for each request in flight. */
  readonly #inFlight = new Set<{ readonly answer?: AnswerRequest }>();
  #usedAt = 0;
  #held = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ClientConnectionOptions) {
    const { backend, caller, createUpstream } = options;
    this.caller = caller;
    this.#options = options;
    const events: UpstreamEvents = {
      onNotification: (method, params) => options.onNotification(this, method, params),
      onRequest: (method, params, signal) => this.#askClient(method, params, signal),
      onReinitialized: (description) => this.#connected(description),
      onDisconnected: () => void this.close(),
    };
    const purpose = { era: 'legacy', capabilities: caller.client.capabilities, caller: caller.identity } as const;
    this.#upstream = createUpstream(backend, purpose, events);
  }

  /** Milliseconds since the epoch at which it was last used; `Infinity` while it is. */
  get usedAt(): number {
    return this.#inFlight.size > 0 || this.#held ? Number.POSITIVE_INFINITY : this.#usedAt;
  }

  get description(): ServerDescription {
    if (!this.#description) throw new Error('not connected');
    return this.#description;
  }

  /** @throws {UnspokenEraError | UpstreamError} */
  async open(): Promise<this> {
    try {
      this.#connected(await this.#upstream.connect());
      return this;
    } catch (error) {
      await this.close();
      throw named(this.#options.backend, error);
    }
  }

  async request(method: string, params: JsonObject | undefined, options?: UpstreamRequestOptions): Promise<unknown> {
    const request = { answer: options?.onRequest };
    this.#inFlight.add(request);
    clearTimeout(this.#timer);
    try {
      const result = await this.#upstream.request(method, params, options);
      this.#options.onAnswered();
      return result;
    } catch (error) {
      if (!options?.signal?.aborted && !this.#closed) this.#options.onAnswered(error);
      throw named(this.#options.backend, error);
    } finally {
      this.#inFlight.delete(request);
      this.#rest();
    }
  }

  /** Keeps it open, although nothing is asked over it. */
  hold(held: boolean): void {
    this.#held = held;
    this.#rest();
  }

  notify(method: string, params?: JsonObject): void {
    this.#upstream.notify(method, params);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#options.onClosed(this);
    await this.#upstream.close();
  }

  #connected(description: ServerDescription): void {
    this.#description = description;
    this.#options.onConnected(this);
    this.#rest();
  }

  #rest(): void {
    clearTimeout(this.#timer);
    if (this.#inFlight.size > 0 || this.#held || this.#closed) return;
    this.#usedAt = Date.now();
    this.#timer = setTimeout(() => void this.close(), idleMs).unref();
  }

  /** What belongs to no request can only be for the client whose connection it is; without a session, a request leads there. */
  #askClient: AnswerRequest = async (method, params, signal) => {
    const { client, session } = this.caller;
    // A request that happens to be in flight may end long before the answer, and would take the question with it.
    if (session && canAnswer(client, method, params)) return session.ask(method, params, signal);
    const [only, ...others] = this.#inFlight;
    if (only?.answer && others.length === 0) return only.answer(method, params, signal);
    throw new RpcError(rpcCodes.methodNotFound, `${method} must belong to a request of the client`);
  };
}

/** The same failure with the name of the backend. */
export function named({ name }: Backend, error: unknown): unknown {
  if (!(error instanceof UpstreamError)) return error;
  const message = `backend "${name}": ${error.message}`;
  return error instanceof UnspokenEraError
    ? new UnspokenEraError(message)
    : new UpstreamError(message, error.disconnected);
}
