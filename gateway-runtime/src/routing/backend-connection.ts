import { setTimeout as delay } from 'node:timers/promises';
import type { Backend } from '../config/backend.js';
import { canBeAsked } from '../config/client.js';
import type { Logger } from '../config/host.js';
import type { JsonObject } from '../config/json-rpc.js';
import type { ServerDescription, Upstream, UpstreamFactory, UpstreamRequestOptions } from '../config/upstream.js';
import { latestLegacyVersion } from '../config/versions.js';
import { RpcError, rpcCodes, UnspokenEraError, UpstreamError } from '../errors.js';
import { type Caller, kindOf } from './caller.js';
import { type ClientConnection, type Connection, named } from './client-connection.js';
import { ClientConnections } from './client-connections.js';
import { ClientLists } from './client-lists.js';
import { fetchList, fetchLists, type ListKind, type Lists, listKinds, listsChangedBy, noLists } from './lists.js';

/** Milliseconds before connecting again: doubled from the first to the second value, with up to a fifth of jitter. */
const retryMs = { first: 250, most: 5000 };

/** Milliseconds in which a call that was on its way to a backend reaches it. */
const arrivalMs = 250;

/** What happens to a backend. */
export interface BackendObserver {
  /** Some of its lists are not what they were, or it came or went. @param kind The only clients concerned. @default - all */
  onListsChanged(kinds: readonly ListKind[], kind?: string): void;
  /** It is connected, perhaps again: what it was told before, it has forgotten. */
  onConnected(backend: BackendConnection): void;
  onResourceUpdated(backend: BackendConnection, params: JsonObject): void;
  /** The same of a connection that one client has for itself. */
  onClientConnected(connection: ClientConnection): void;
  onClientClosed(connection: ClientConnection): void;
  onClientNotification(
    backend: BackendConnection,
    connection: ClientConnection,
    method: string,
    params: JsonObject,
  ): void;
}

/** One backend: keeps it connected, knows its lists, and passes requests on. */
export class BackendConnection implements Connection {
  readonly config: Backend;
  /** Settled when the first attempt to connect has ended, either way. */
  readonly firstAttempt: Promise<void>;
  state: 'connecting' | 'connected' | 'down' = 'connecting';
  /** Why it is down; no secrets. */
  reason: string | undefined;
  description: ServerDescription = { era: 'legacy', version: latestLegacyVersion, capabilities: {} };
  /** What it last offered clients that cannot be asked; outlives the connection so that calls can name the backend that is gone. */
  lists: Lists = noLists;
  readonly #createUpstream: UpstreamFactory;
  readonly #logger: Logger;
  readonly #observer: BackendObserver;
  readonly #refreshing = new Map<ListKind, { again: boolean }>();
  readonly #clients: ClientConnections;
  /** Calls of clients that it has not answered yet. */
  readonly #calls = new Set<Promise<unknown>>();
  readonly #clientLists: ClientLists;
  /** Whether a modern backend speaks the legacy era, too; unknown until a client needs it. */
  #speaksLegacy: boolean | undefined;
  #endFirstAttempt: () => void = () => {};
  #upstream: Upstream | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #connectedAt = 0;
  #stopped = false;

  constructor(config: Backend, createUpstream: UpstreamFactory, logger: Logger, observer: BackendObserver) {
    this.config = config;
    this.#createUpstream = createUpstream;
    this.#logger = logger;
    this.#observer = observer;
    this.#clientLists = new ClientLists(logger);
    this.#clients = new ClientConnections({
      backend: config,
      createUpstream,
      logger,
      onNotification: (connection, method, params) => this.#onClientNotification(connection, method, params),
      onConnected: (connection) => observer.onClientConnected(connection),
      onClosed: (connection) => observer.onClientClosed(connection),
    });
    this.firstAttempt = new Promise((resolve) => {
      this.#endFirstAttempt = resolve;
    });
  }

  get name(): string {
    return this.config.name;
  }

  /** Connects in the background, and again whenever the connection is lost. */
  start(): void {
    void this.#connect();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await Promise.all([this.#upstream?.close(), this.#clients.close()]);
  }

  /** Lets calls finish that were meant for it, at most `graceMs`, and stops. */
  async drain(graceMs: number): Promise<void> {
    const ending = new AbortController();
    const end = delay(graceMs, undefined, { ref: false, signal: ending.signal }).catch(() => {});
    await delay(arrivalMs, undefined, { ref: false });
    await Promise.race([Promise.allSettled(this.#calls), end]);
    ending.abort();
    await this.stop();
  }

  /** Takes note of a call, so that it is waited for. @returns what it was given */
  track<T>(call: Promise<T>): Promise<T> {
    this.#calls.add(call);
    const end = () => void this.#calls.delete(call);
    call.then(end, end);
    return call;
  }

  /** @throws {RpcError} as the backend answered @throws {UpstreamError} with a message that names the backend */
  async request(method: string, params: JsonObject | undefined, options?: UpstreamRequestOptions): Promise<unknown> {
    const upstream = this.#connectedUpstream();
    try {
      return await upstream.request(method, params, options);
    } catch (error) {
      throw named(this.config, error);
    }
  }

  /**
   * The connection for requests of a client: this one, which all share, or one of its own when the backend could not tell
   * otherwise whom to ask. @throws {UpstreamError} when there is none
   */
  connectionFor(caller: Caller): Connection | Promise<Connection> {
    if (!this.#wantsOwn(caller)) return this;
    return this.#clients.get(caller) ?? this.#openFor(caller);
  }

  /** What the backend offers to clients of this kind. */
  listsFor(caller: Caller): Lists | Promise<Lists> {
    if (this.state !== 'connected' || !canBeAsked(caller.client)) return this.lists;
    return this.#clientLists.for(caller, () => this.connectionFor(caller), this.lists);
  }

  /** The connections that clients have for themselves. */
  get clients(): ClientConnections {
    return this.#clients;
  }

  #connectedUpstream(): Upstream {
    if (this.state === 'connected' && this.#upstream) return this.#upstream;
    const reason = this.reason ? `: ${this.reason}` : '';
    throw new UpstreamError(`backend "${this.name}" is not connected${reason}`, true);
  }

  #wantsOwn({ client, session }: Caller): boolean {
    const { sessions, transport } = this.config;
    if (sessions === 'shared' || (transport === 'streamable_http' && this.config.json_only)) return false;
    if (sessions === 'auto' && !canBeAsked(client)) return false;
    if (this.description.era === 'legacy') return client.era === 'modern' || session !== undefined;
    return client.era === 'legacy' && session !== undefined && this.#speaksLegacy !== false;
  }

  async #openFor(caller: Caller): Promise<Connection> {
    // A backend that is down is not waited for, once more by each of its clients.
    this.#connectedUpstream();
    try {
      return await this.#clients.open(caller);
    } catch (error) {
      if (!(error instanceof UnspokenEraError) || this.description.era === 'legacy') throw error;
      this.#speaksLegacy = false;
      return this;
    }
  }

  async #connect(): Promise<void> {
    let upstream: Upstream | undefined;
    try {
      upstream = this.#createUpstream(
        this.config,
        { capabilities: {} },
        {
          onNotification: (method, params) => this.#onNotification(method, params),
          onRequest: refuseToAsk,
          onReinitialized: (description) => void this.#reinitialized(description),
          onDisconnected: (reason) => this.#lost(upstream, reason),
        },
      );
      this.#upstream = upstream;
      this.description = await upstream.connect();
      const { request } = upstream;
      this.lists = await fetchLists(this.description.capabilities, request.bind(upstream));
      if (this.#upstream === upstream && !this.#stopped) this.#connected();
    } catch (error) {
      this.#lost(upstream, error instanceof UpstreamError || error instanceof RpcError ? error.message : String(error));
    } finally {
      this.#endFirstAttempt();
    }
  }

  #connected(): void {
    this.state = 'connected';
    this.reason = undefined;
    this.#connectedAt = Date.now();
    this.#speaksLegacy = undefined;
    this.#clientLists.forget();
    const { version } = this.description;
    this.#logger.info({ backend: this.name, version, tools: this.lists.tools.items.length }, 'backend connected');
    this.#observer.onConnected(this);
    this.#observer.onListsChanged(listKinds);
    this.#schedulePing();
  }

  async #reinitialized(description: ServerDescription): Promise<void> {
    this.description = description;
    this.#logger.info({ backend: this.name }, 'backend had lost its session and was initialized again');
    this.#observer.onConnected(this);
    await this.#refresh(listKinds, false);
  }

  #lost(upstream: Upstream | undefined, reason: string): void {
    if (this.#stopped || this.#upstream !== upstream) return;
    this.#upstream = undefined;
    void upstream?.close();
    const wasConnected = this.state === 'connected';
    if (this.state !== 'down' || this.reason !== reason) {
      this.#logger.warn({ backend: this.name, reason }, 'backend is down; trying again');
    }
    this.state = 'down';
    this.reason = reason;
    if (wasConnected) this.#observer.onListsChanged(listKinds);
    // A backend that stayed up for a while starts over; one that keeps crashing waits longer each time.
    this.#failures = wasConnected && Date.now() - this.#connectedAt > retryMs.most ? 0 : this.#failures + 1;
    const wait = Math.min(retryMs.most, retryMs.first * 2 ** Math.max(0, this.#failures - 1));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), wait * (1 - Math.random() / 5));
  }

  #schedulePing(): void {
    const seconds = this.config.health_check_interval;
    clearTimeout(this.#timer);
    if (seconds > 0) this.#timer = setTimeout(() => void this.#ping(), seconds * 1000).unref();
  }

  async #ping(): Promise<void> {
    const upstream = this.#upstream;
    try {
      await upstream?.request('ping', undefined);
    } catch (error) {
      // A backend that answers with an error is alive.
      if (error instanceof UpstreamError) return this.#lost(upstream, error.message);
    }
    if (this.state === 'connected' && !this.#stopped) this.#schedulePing();
  }

  #onNotification(method: string, params: JsonObject): void {
    if (method === 'notifications/resources/updated') this.#observer.onResourceUpdated(this, params);
    else void this.#refresh(listsChangedBy(method), true);
  }

  #onClientNotification(connection: ClientConnection, method: string, params: JsonObject): void {
    const kinds = listsChangedBy(method);
    const kind = kindOf(connection.caller.client);
    if (kinds.length === 0) this.#observer.onClientNotification(this, connection, method, params);
    else {
      this.#clientLists.forget(kind);
      this.#observer.onListsChanged(kinds, kind);
    }
  }

  /**
   * Fetches lists again; a change during that makes it happen once more.
   * @param isTold Whether the backend said that they changed: clients hear of it, whatever is different.
   */
  async #refresh(kinds: readonly ListKind[], isTold: boolean): Promise<void> {
    const refreshed = await Promise.all(kinds.map((kind) => this.#refreshOne(kind)));
    const differing = kinds.filter((_, index) => refreshed[index] || (isTold && refreshed[index] === false));
    if (differing.length === 0 || this.state !== 'connected') return;
    this.#clientLists.forget();
    this.#observer.onListsChanged(differing);
  }

  /** @returns whether the list is another one now; `undefined` when somebody else is at it and will know */
  async #refreshOne(kind: ListKind): Promise<boolean | undefined> {
    const running = this.#refreshing.get(kind);
    if (running) {
      running.again = true;
      return undefined;
    }
    const run = { again: false };
    this.#refreshing.set(kind, run);
    const before = JSON.stringify(this.lists[kind]);
    try {
      do {
        run.again = false;
        const upstream = this.#upstream;
        if (!upstream) return false;
        const list = await fetchList(kind, this.description.capabilities, upstream.request.bind(upstream));
        this.lists = { ...this.lists, [kind]: list };
      } while (run.again);
    } catch (error) {
      this.#logger.warn({ backend: this.name, list: kind, reason: String(error) }, 'list could not be refreshed');
    } finally {
      this.#refreshing.delete(kind);
    }
    return JSON.stringify(this.lists[kind]) !== before;
  }
}

/** Whom the gateway would have to ask cannot be told from a connection that several clients share. */
function refuseToAsk(method: string): never {
  throw new RpcError(rpcCodes.methodNotFound, `${method} is not supported by this client`);
}
