import { setTimeout as delay } from 'node:timers/promises';
import type { Backend } from '../config/backend.js';
import { latestLegacyVersion } from '../config/versions.js';
import type { BackendState } from '../contracts/backend-state.js';
import { canBeAsked } from '../contracts/client.js';
import type { Logger } from '../contracts/host.js';
import type { JsonObject } from '../contracts/json-rpc.js';
import type { ServerDescription, Upstream, UpstreamFactory, UpstreamRequestOptions } from '../contracts/upstream.js';
import { RpcError, rpcCodes, UnspokenEraError, UpstreamError } from '../errors.js';
import { LinkedList } from '../protocol/linked-list.js';
import { BackendHealth } from './backend-health.js';
import { type Caller, kindOf } from './caller.js';
import { type ClientConnection, type Connection, named } from './client-connection.js';
import { ClientConnections } from './client-connections.js';
import { ClientLists } from './client-lists.js';
import { fetchList, fetchLists, type ListKind, type Lists, listKinds, listsChangedBy, noLists } from './lists.js';

/**
 * Milliseconds before the next attempt to reach a backend: doubled from the first to one of the others, with up to a fifth of
 * jitter. A program that keeps crashing costs more than a connection that is refused.
 */
const retryMs = { first: 250, server: 1500, child: 30_000 };

/** Milliseconds between two attempts at least, however many calls come for a backend that is down. */
const breathMs = 50;

/** Milliseconds for which a backend stays connected that does not keep crashing. */
const steadyMs = 5000;

/** Milliseconds until a backend that just failed is asked again how it is. */
const afterFailureMs = 1000;

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
  readonly health = new BackendHealth();
  description: ServerDescription = { era: 'legacy', version: latestLegacyVersion, capabilities: {} };
  /** What it last offered clients that cannot be asked; outlives the connection so that calls can name the backend that is gone. */
  lists: Lists = noLists;
  readonly #createUpstream: UpstreamFactory;
  readonly #logger: Logger;
  readonly #observer: BackendObserver;
  readonly #refreshing = new Map<ListKind, { again: boolean }>();
  readonly #clients: ClientConnections;
  /** Calls of clients that it has not answered yet. */
  readonly #calls = new LinkedList<Promise<unknown>>();
  readonly #clientLists: ClientLists;
  /** Whether a modern backend speaks the legacy era, too; unknown until a client needs it. */
  #speaksLegacy: boolean | undefined;
  #endFirstAttempt: () => void = () => {};
  #upstream: Upstream | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Attempts to reach it that failed one after the other. */
  #attempts = 0;
  #isTrying = false;
  #triedAt = 0;
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
      onAnswered: (error) => this.#answered(error),
    });
    this.firstAttempt = new Promise((resolve) => {
      this.#endFirstAttempt = resolve;
    });
  }

  get name(): string {
    return this.config.name;
  }

  get state(): BackendState {
    return this.health.state;
  }

  /** Connects in the background, and again whenever the connection is lost. */
  start(): void {
    void this.#try();
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
    await Promise.race([Promise.allSettled(this.#calls.items()), end]);
    ending.abort();
    await this.stop();
  }

  /** Takes note of a call, so that it is waited for. @returns what it was given */
  track<T>(call: Promise<T>): Promise<T> {
    const link = this.#calls.add(call);
    const end = () => link.remove();
    call.then(end, end);
    return call;
  }

  /** @throws {RpcError} as the backend answered @throws {UpstreamError} with a message that names the backend */
  request(method: string, params: JsonObject | undefined, options?: UpstreamRequestOptions): Promise<unknown> {
    const upstream = this.#connectedUpstream;
    if (!upstream) return Promise.reject(this.#notConnected());
    return upstream.request(method, params, options).then(
      (result) => {
        this.#answered();
        return result;
      },
      (error) => {
        // Who gives a call up says nothing of the backend.
        if (!options?.signal?.aborted) this.#answered(error);
        throw named(this.config, error);
      },
    );
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
    // Lists are kept for several clients, and what one of them may see is not for the others.
    if (!this.health.isUp || !canBeAsked(caller.client) || this.#knowsCallers) return this.lists;
    return this.#clientLists.for(caller, () => this.connectionFor(caller), this.lists);
  }

  /** The connections that clients have for themselves. */
  get clients(): ClientConnections {
    return this.#clients;
  }

  get #connectedUpstream(): Upstream | undefined {
    return this.health.isUp ? this.#upstream : undefined;
  }

  /** What a caller is told, for whom it is tried again. */
  #notConnected(): UpstreamError {
    this.#tryForCaller();
    const reason = this.health.reason ? `: ${this.health.reason}` : '';
    return new UpstreamError(`backend "${this.name}" is not connected${reason}`, true);
  }

  /** Whether the backend is told with each request for whom it is: then no session of it may serve two of them. */
  get #knowsCallers(): boolean {
    return this.config.auth_method === 'token_exchange';
  }

  #wantsOwn({ client, session }: Caller): boolean {
    const { sessions, transport } = this.config;
    // A request at a time, for whoever it is: there is nothing that two clients could have in common.
    if (transport === 'openapi' || (transport === 'streamable_http' && this.config.json_only)) return false;
    if (this.#knowsCallers && this.description.era === 'legacy') return true;
    if (sessions === 'shared') return false;
    if (sessions === 'auto' && !canBeAsked(client)) return false;
    if (this.description.era === 'legacy') return client.era === 'modern' || session !== undefined;
    return client.era === 'legacy' && session !== undefined && this.#speaksLegacy !== false;
  }

  async #openFor(caller: Caller): Promise<Connection> {
    // A backend that is down is not waited for, once more by each of its clients.
    if (!this.#connectedUpstream) throw this.#notConnected();
    try {
      return await this.#clients.open(caller);
    } catch (error) {
      if (!(error instanceof UnspokenEraError) || this.description.era === 'legacy') throw error;
      this.#speaksLegacy = false;
      return this;
    }
  }

  /** Somebody wants it now: whether it is back shows sooner than by waiting. A program that crashes is not started more often. */
  #tryForCaller(): void {
    if (this.#stopped || this.#isChild || Date.now() - this.#triedAt < breathMs) return;
    void this.#try();
  }

  get #isChild(): boolean {
    return this.config.transport === 'stdio' || this.config.transport === 'in_process';
  }

  /** Finds out whether it can be reached, one attempt at a time. */
  async #try(): Promise<void> {
    if (this.#isTrying || this.#stopped) return;
    clearTimeout(this.#timer);
    this.#isTrying = true;
    this.#triedAt = Date.now();
    // What failed before may still stand: then calls in flight are not given up for it.
    const upstream = this.#upstream;
    const failure = upstream ? await this.#pingFails(upstream) : await this.#connect();
    this.#isTrying = false;
    if (failure !== undefined) this.#lost(upstream, failure);
    else if (upstream && this.#upstream === upstream) this.#recovered();
  }

  /** @returns why it failed, unless that was told already */
  async #connect(): Promise<string | undefined> {
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
      this.#isTrying = false;
      this.#lost(upstream, error instanceof UpstreamError || error instanceof RpcError ? error.message : String(error));
    } finally {
      this.#endFirstAttempt();
    }
    return undefined;
  }

  /** @returns why it does not answer; undefined when it does, be it with an error */
  async #pingFails(upstream: Upstream): Promise<string | undefined> {
    try {
      await upstream.request('ping', undefined, { signal: AbortSignal.timeout(this.config.connect_timeout * 1000) });
      return undefined;
    } catch (error) {
      return error instanceof UpstreamError ? error.message : undefined;
    }
  }

  /** A call or a ping was answered, or failed. After several failures in a row, nobody is made to wait for the next one. */
  #answered(error?: unknown): void {
    if (error instanceof UpstreamError && error.isOutage) this.#failed(error.message);
    else if (this.health.failures > 0 && this.#upstream) this.#recovered();
  }

  #failed(reason: string): void {
    const { health, config } = this;
    if (!health.isUp) return;
    health.failed(reason);
    if (health.failures < config.failure_threshold) return;
    this.#logger.warn({ backend: this.name, reason, failures: health.failures }, 'backend is down; trying again');
    health.down(reason);
    this.#observer.onListsChanged(listKinds);
    this.#tryLater(retryMs.first);
  }

  #recovered(): void {
    const wasDown = !this.health.isUp;
    this.health.connected();
    this.#attempts = 0;
    this.#schedulePing();
    if (!wasDown) return;
    this.#logger.info({ backend: this.name }, 'backend answers again');
    this.#observer.onListsChanged(listKinds);
  }

  #connected(): void {
    this.health.connected();
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
    const { health } = this;
    const wasUp = health.isUp;
    const wasSteady = wasUp && Date.now() - health.since > steadyMs;
    if (wasUp || health.reason !== reason) {
      this.#logger.warn({ backend: this.name, reason }, 'backend is down; trying again');
    }
    health.down(reason);
    if (wasUp) this.#observer.onListsChanged(listKinds);
    // A backend that stayed up for a while starts over; one that keeps crashing waits longer each time.
    this.#attempts = wasSteady ? 0 : this.#attempts + 1;
    const most = this.#isChild ? retryMs.child : retryMs.server;
    this.#tryLater(Math.min(most, retryMs.first * 2 ** Math.max(0, this.#attempts - 1)));
  }

  #tryLater(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#try(), ms * (1 - Math.random() / 5));
  }

  #schedulePing(ms = this.config.health_check_interval * 1000): void {
    clearTimeout(this.#timer);
    if (ms > 0) this.#timer = setTimeout(() => void this.#ping(), ms).unref();
  }

  async #ping(): Promise<void> {
    const upstream = this.#upstream;
    if (!upstream) return;
    const failure = await this.#pingFails(upstream);
    if (this.#stopped || this.#upstream !== upstream || !this.health.isUp) return;
    if (failure === undefined) this.#recovered();
    else {
      this.#failed(failure);
      if (this.health.isUp) this.#schedulePing(Math.min(afterFailureMs, this.config.health_check_interval * 1000));
    }
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
    if (differing.length === 0 || !this.health.isUp) return;
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
