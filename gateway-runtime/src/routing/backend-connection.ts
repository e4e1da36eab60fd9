import type { Backend } from '../config/backend.js';
import type { Logger } from '../config/host.js';
import { isObject, type JsonObject } from '../config/json-rpc.js';
import type { ServerDescription, Upstream, UpstreamFactory, UpstreamRequestOptions } from '../config/upstream.js';
import { latestLegacyVersion } from '../config/versions.js';
import { RpcError, rpcCodes, UpstreamError } from '../errors.js';
import { usableItems } from './items.js';

/** What a backend offers a list of; `field` is where its answer holds it, `key` what names an item. */
const lists = {
  tools: { method: 'tools/list', capability: 'tools', field: 'tools', key: 'name' },
  prompts: { method: 'prompts/list', capability: 'prompts', field: 'prompts', key: 'name' },
  resources: { method: 'resources/list', capability: 'resources', field: 'resources', key: 'uri' },
  templates: {
    method: 'resources/templates/list',
    capability: 'resources',
    field: 'resourceTemplates',
    key: 'uriTemplate',
  },
} as const;

/** One of the lists a backend offers. */
export type ListKind = keyof typeof lists;

/** Every list a backend can offer. */
export const listKinds = Object.keys(lists) as ListKind[];

const changed: ReadonlyMap<string, readonly ListKind[]> = new Map([
  ['notifications/tools/list_changed', ['tools']],
  ['notifications/prompts/list_changed', ['prompts']],
  ['notifications/resources/list_changed', ['resources', 'templates']],
]);

/** More pages than this are taken for a backend that never ends its list. */
const maxPages = 100;

/** Milliseconds before connecting again: doubled from the first to the second value, with up to a fifth of jitter. */
const retryMs = { first: 250, most: 5000 };

/** What happens to a backend. */
export interface BackendObserver {
  /** Some of its lists are not what they were, or it came or went. */
  onListsChanged(kinds: readonly ListKind[]): void;
  /** It is connected, perhaps again: what it was told before, it has forgotten. */
  onConnected(backend: BackendConnection): void;
  onResourceUpdated(backend: BackendConnection, params: JsonObject): void;
}

/** One backend: keeps it connected, knows its lists, and passes requests on. */
export class BackendConnection {
  readonly config: Backend;
  /** Settled when the first attempt to connect has ended, either way. */
  readonly firstAttempt: Promise<void>;
  state: 'connecting' | 'connected' | 'down' = 'connecting';
  /** Why it is down; no secrets. */
  reason: string | undefined;
  description: ServerDescription = { era: 'legacy', version: latestLegacyVersion, capabilities: {} };
  /** The last known lists; they outlive the connection so that calls can name the backend that is gone. */
  readonly lists: Record<ListKind, readonly JsonObject[]> = { tools: [], prompts: [], resources: [], templates: [] };
  readonly #createUpstream: UpstreamFactory;
  readonly #logger: Logger;
  readonly #observer: BackendObserver;
  readonly #refreshing = new Map<ListKind, { again: boolean }>();
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
    await this.#upstream?.close();
  }

  /** @throws {RpcError} as the backend answered @throws {UpstreamError} with a message that names the backend */
  async request(method: string, params: JsonObject | undefined, options?: UpstreamRequestOptions): Promise<unknown> {
    if (this.state !== 'connected' || !this.#upstream) {
      const reason = this.reason ? `: ${this.reason}` : '';
      throw new UpstreamError(`backend "${this.name}" is not connected${reason}`, true);
    }
    try {
      return await this.#upstream.request(method, params, options);
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      throw new UpstreamError(`backend "${this.name}": ${error.message}`, error.disconnected);
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
          onRequest: (method) =>
            Promise.reject(new RpcError(rpcCodes.methodNotFound, `${method} is not supported by this client`)),
          onReinitialized: (description) => void this.#reinitialized(description),
          onDisconnected: (reason) => this.#lost(upstream, reason),
        },
      );
      this.#upstream = upstream;
      this.description = await upstream.connect();
      await this.#fetchLists(upstream);
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
    this.#logger.info({ backend: this.name, tools: this.lists.tools.length }, 'backend connected');
    this.#observer.onConnected(this);
    this.#observer.onListsChanged(listKinds);
    this.#schedulePing();
  }

  async #reinitialized(description: ServerDescription): Promise<void> {
    this.description = description;
    this.#logger.info({ backend: this.name }, 'backend had lost its session and was initialized again');
    this.#observer.onConnected(this);
    await this.#refresh(listKinds);
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
    else void this.#refresh(changed.get(method) ?? []);
  }

  async #fetchLists(upstream: Upstream): Promise<void> {
    await Promise.all(
      listKinds.map(async (kind) => {
        this.lists[kind] = await this.#fetchList(kind, upstream);
      }),
    );
  }

  /** Fetches lists again; a change during that makes it happen once more. */
  async #refresh(kinds: readonly ListKind[]): Promise<void> {
    const refreshed = await Promise.all(kinds.map((kind) => this.#refreshOne(kind)));
    const differing = kinds.filter((_, index) => refreshed[index]);
    if (differing.length > 0 && this.state === 'connected') this.#observer.onListsChanged(differing);
  }

  async #refreshOne(kind: ListKind): Promise<boolean> {
    const running = this.#refreshing.get(kind);
    if (running) {
      running.again = true;
      return false;
    }
    const run = { again: false };
    this.#refreshing.set(kind, run);
    const before = JSON.stringify(this.lists[kind]);
    try {
      do {
        run.again = false;
        if (!this.#upstream) return false;
        this.lists[kind] = await this.#fetchList(kind, this.#upstream);
      } while (run.again);
    } catch (error) {
      this.#logger.warn({ backend: this.name, list: kind, reason: String(error) }, 'list could not be refreshed');
    } finally {
      this.#refreshing.delete(kind);
    }
    return JSON.stringify(this.lists[kind]) !== before;
  }

  async #fetchList(kind: ListKind, upstream: Upstream): Promise<readonly JsonObject[]> {
    const { method, capability, field, key } = lists[kind];
    if (!isObject(this.description.capabilities[capability])) return [];
    const items: JsonObject[] = [];
    let cursor: unknown;
    for (let page = 0; page < maxPages; page++) {
      const result = await this.#fetchPage(method, cursor, upstream);
      if (!isObject(result)) break;
      items.push(...usableItems(result[field], key, items.length));
      cursor = result.nextCursor;
      if (typeof cursor !== 'string' || cursor === '') break;
    }
    return items;
  }

  async #fetchPage(method: string, cursor: unknown, upstream: Upstream): Promise<unknown> {
    try {
      return await upstream.request(method, cursor === undefined ? undefined : { cursor });
    } catch (error) {
      // Many servers announce resources but know no templates.
      if (error instanceof RpcError && error.code === rpcCodes.methodNotFound) return {};
      throw error;
    }
  }
}
