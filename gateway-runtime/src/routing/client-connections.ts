import type { Backend } from '../config/backend.js';
import type { Logger } from '../contracts/host.js';
import type { JsonObject } from '../contracts/json-rpc.js';
import type { ClientSession } from '../contracts/session.js';
import type { UpstreamFactory } from '../contracts/upstream.js';
import { UpstreamError } from '../errors.js';
import { type Caller, keyOf } from './caller.js';
import { ClientConnection } from './client-connection.js';

/** Connections of their own that clients have to one backend at most: child processes weigh more than sessions. */
const most = { child: 32, http: 2000 };

/** What clients' own connections need. */
export interface ClientConnectionsOptions {
  readonly backend: Backend;
  readonly createUpstream: UpstreamFactory;
  readonly logger: Logger;
  onNotification(connection: ClientConnection, method: string, params: JsonObject): void;
  onConnected(connection: ClientConnection): void;
  onClosed(connection: ClientConnection): void;
  /** A request was answered. @param error With which it failed; absent when it did not. */
  onAnswered(error?: unknown): void;
}

/** The connections that single clients have to one backend. */
export class ClientConnections {
  readonly #options: ClientConnectionsOptions;
  readonly #connections = new Map<string, ClientConnection>();
  readonly #opening = new Map<string, Promise<ClientConnection>>();
  /** Sessions that have ended: a connection that opens for one of them has nobody who would close it. */
  readonly #ended = new WeakSet<ClientSession>();
  readonly #most: number;

  constructor(options: ClientConnectionsOptions) {
    this.#options = options;
    const { transport } = options.backend;
    this.#most = transport === 'stdio' || transport === 'in_process' ? most.child : most.http;
  }

  /** The open connection of a client. */
  get(caller: Caller): ClientConnection | undefined {
    return this.#connections.get(keyOf(caller));
  }

  /** Opens the connection of a client, once for all requests that want it. @throws {UnspokenEraError | UpstreamError} */
  open(caller: Caller): Promise<ClientConnection> {
    const key = keyOf(caller);
    const opening = this.#opening.get(key) ?? this.#open(caller, key);
    this.#opening.set(key, opening);
    return opening;
  }

  /** Ends what a session has open. */
  sessionClosed(session: ClientSession): void {
    this.#ended.add(session);
    for (const connection of [...this.#connections.values()]) {
      if (connection.caller.session === session) void connection.close();
    }
  }

  /** Hands a notification of a client on, if the backend knows the client. */
  notify(session: ClientSession, method: string, params: JsonObject): void {
    for (const connection of this.#connections.values()) {
      if (connection.caller.session === session) connection.notify(method, params);
    }
  }

  values(): Iterable<ClientConnection> {
    return this.#connections.values();
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#opening.values());
    await Promise.all([...this.#connections.values()].map((connection) => connection.close()));
  }

  async #open(caller: Caller, key: string): Promise<ClientConnection> {
    try {
      await this.#makeRoom();
      const connection = await new ClientConnection({
        ...this.#options,
        caller,
        onClosed: (closed) => {
          if (this.#connections.get(key) === closed) this.#connections.delete(key);
          this.#options.onClosed(closed);
        },
      }).open();
      if (caller.session && this.#ended.has(caller.session)) {
        await connection.close();
        throw new UpstreamError('the session has ended');
      }
      this.#connections.set(key, connection);
      return connection;
    } finally {
      this.#opening.delete(key);
    }
  }

  /** @throws {UpstreamError} when every connection is in use */
  async #makeRoom(): Promise<void> {
    // Those that are about to open count, too, and the one for which room is made is not among them yet.
    if (this.#connections.size + this.#opening.size < this.#most) return;
    const idle = [...this.#connections.values()].filter(({ usedAt }) => usedAt !== Number.POSITIVE_INFINITY);
    const counts = this.#countsByCaller();
    const countOf = ({ caller }: ClientConnection) => counts.get(caller.identity.key) ?? 0;
    // Whoever has most of them makes room, and of those the one unused for longest: nobody can push out all the others.
    const [oldest] = idle.sort((a, b) => countOf(b) - countOf(a) || a.usedAt - b.usedAt);
    if (!oldest) {
      throw new UpstreamError(`backend "${this.#options.backend.name}" serves ${this.#most} clients already`);
    }
    this.#options.logger.warn(
      { backend: this.#options.backend.name, most: this.#most },
      'connections of clients make room',
    );
    await oldest.close();
  }

  #countsByCaller(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { caller } of this.#connections.values()) {
      counts.set(caller.identity.key, (counts.get(caller.identity.key) ?? 0) + 1);
    }
    return counts;
  }
}
