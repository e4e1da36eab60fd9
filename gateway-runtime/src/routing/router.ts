import type { AuditRecord } from '../config/audit.js';
import type { Backend } from '../config/backend.js';
import type { Logger } from '../config/host.js';
import { type AccessPolicy, anonymous, type Identity } from '../config/identity.js';
import { isObject, type JsonObject } from '../config/json-rpc.js';
import type { ClientSession, Dispatcher, RequestContext, SessionChoices } from '../config/session.js';
import type { Tracer } from '../config/trace.js';
import type { UpstreamFactory } from '../config/upstream.js';
import { type Era, latestLegacyVersion, legacyVersions, supportedVersions } from '../config/versions.js';
import { InsufficientScopeError, RpcError, rpcCodes, UpstreamError } from '../errors.js';
import { cacheHintOf } from '../protocol/caching.js';
import { BackendConnection } from './backend-connection.js';
import { parentOf } from './call-trace.js';
import { type Caller, callerOf } from './caller.js';
import { Calls } from './calls.js';
import { available, Catalog, type CatalogEntry, type Collision } from './catalog.js';
import type { ClientConnection } from './client-connection.js';
import { DeniedTools } from './denied-tools.js';
import { describeGateway } from './description.js';
import { Listeners, type Topic } from './listeners.js';
import type { ListKind } from './lists.js';
import { LogLevels } from './log-levels.js';
import { ParkedCalls } from './parked-calls.js';
import { RequestStates } from './request-states.js';
import type { Sealer } from './sealer.js';
import { Subscriptions } from './subscriptions.js';
import { Tasks, taskMethods } from './tasks.js';

/** Milliseconds that the first clients wait for backends which are still connecting when the gateway has just started. */
const startGraceMs = 1000;

/** What the router needs from the rest of the gateway. */
export interface RouterDependencies {
  readonly serverInfo: { readonly name: string; readonly version: string };
  readonly backends: readonly Backend[];
  readonly createUpstream: UpstreamFactory;
  readonly policy: AccessPolicy;
  readonly logger: Logger;
  /** Whether clients have sessions, so that something can be sent to them unasked. */
  readonly hasSessions: boolean;
  audit(record: AuditRecord): void;
  /** Absent when nothing is traced. */
  readonly tracer?: Tracer;
  /** Seals what clients keep for the gateway. */
  readonly sealer: Sealer;
}

type Handlers = Readonly<Record<string, (params: JsonObject, context: RequestContext) => Promise<unknown> | unknown>>;

/** Answers every MCP request from what the backends offer together. */
export class Router implements Dispatcher {
  readonly backends: readonly BackendConnection[];
  readonly #dependencies: RouterDependencies;
  readonly #calls: Calls;
  readonly #tasks: Tasks;
  readonly #sessions = new Set<ClientSession>();
  readonly #levels = new LogLevels();
  readonly #subscriptions = new Subscriptions();
  readonly #listeners = new Listeners(this.#subscriptions);
  readonly #parked = new ParkedCalls();
  readonly #reported = new Set<string>();
  readonly #denied: DeniedTools;
  /** What clients see that cannot be asked anything. */
  #catalog: Catalog;
  /** What the other kinds of clients see. */
  readonly #catalogs = new Map<string, Promise<Catalog>>();
  #started: Promise<unknown> | undefined;

  /** Methods of both eras. */
  readonly #common: Handlers = {
    'tools/list': async (_, context) => {
      const catalog = await this.#catalogFor(context);
      return { tools: this.#visibleTools(catalog, context.identity), ...this.#hint(catalog, 'tools', context) };
    },
    'tools/call': (params, context) => this.#callTool(params, context),
    'prompts/list': async (_, context) => {
      const catalog = await this.#catalogFor(context);
      return { prompts: available(catalog.prompts), ...this.#hint(catalog, 'prompts', context) };
    },
    'prompts/get': async (params, context) => {
      const entry = this.#promptEntry(await this.#catalogFor(context), text(params, 'name'));
      return this.#forwardNamed(entry, 'prompts/get', params, context);
    },
    'resources/list': async (_, context) => {
      const catalog = await this.#catalogFor(context);
      return { resources: available(catalog.resources), ...this.#hint(catalog, 'resources', context) };
    },
    'resources/templates/list': async (_, context) => {
      const catalog = await this.#catalogFor(context);
      return { resourceTemplates: available(catalog.templates), ...this.#hint(catalog, 'templates', context) };
    },
    'resources/read': (params, context) => this.#readResource(params, context),
    'completion/complete': (params, context) => this.#complete(params, context),
  };

  readonly #handlers: Record<Era, Handlers> = {
    legacy: {
      ...this.#common,
      initialize: ({ protocolVersion }) => ({
        protocolVersion: legacyVersions.includes(protocolVersion as string) ? protocolVersion : latestLegacyVersion,
        serverInfo: this.#dependencies.serverInfo,
        ...describeGateway(this.backends, 'legacy', this.#dependencies.hasSessions),
      }),
      ping: () => ({}),
      'resources/subscribe': (params, context) => this.#subscribe(params, context),
      'resources/unsubscribe': (params, context) => this.#unsubscribe(params, context),
      'logging/setLevel': (params, context) => this.#setLevel(params, context),
      ...this.#taskHandlers('legacy'),
    },
    modern: {
      ...this.#common,
      'server/discover': (_, context) => ({
        supportedVersions,
        ...describeGateway(this.backends, 'modern', true),
        ...this.#hint(this.#catalog, 'tools', context),
      }),
      'subscriptions/listen': (params, context) =>
        this.#listeners.listen(params, context, (uri) => this.#catalog.backendOfResource(uri)),
      ...this.#taskHandlers('modern'),
    },
  };

  constructor(dependencies: RouterDependencies) {
    const { sealer, tracer } = dependencies;
    this.#dependencies = dependencies;
    this.#tasks = new Tasks(sealer);
    this.#calls = new Calls({
      levels: this.#levels,
      states: new RequestStates(sealer),
      parked: this.#parked,
      tasks: this.#tasks,
      tracer,
    });
    this.#denied = new DeniedTools(dependencies.policy, dependencies.logger);
    this.backends = dependencies.backends.map(
      (backend) =>
        new BackendConnection(backend, dependencies.createUpstream, dependencies.logger, {
          onListsChanged: (kinds, kind) => this.#listsChanged(kinds, kind),
          onConnected: (connection) => this.#restore(connection),
          onResourceUpdated: (connection, params) => this.#subscriptions.notify(connection, params),
          onClientConnected: (connection) => this.#restoreClient(connection),
          onClientNotification: (...notification) => void this.#passOn(...notification),
        }),
    );
    this.#catalog = this.#mainCatalog();
  }

  /** Names that two backends offer; the one that comes later in the configuration is not listed. */
  get collisions(): readonly Collision[] {
    return this.#catalog.collisions;
  }

  /** How many clients are connected. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  start(): void {
    for (const backend of this.backends) backend.start();
    const grace = new Promise((resolve) => setTimeout(resolve, startGraceMs).unref());
    this.#started = Promise.race([Promise.all(this.backends.map(({ firstAttempt }) => firstAttempt)), grace]);
    void this.#started.then(() => {
      this.#started = undefined;
    });
  }

  async stop(): Promise<void> {
    this.#listeners.close();
    this.#parked.close();
    await Promise.all(this.backends.map((backend) => backend.stop()));
  }

  async dispatch(method: string, params: JsonObject, context: RequestContext): Promise<unknown> {
    const handlers = this.#handlers[context.client.era];
    const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined;
    if (!handler) throw new RpcError(rpcCodes.methodNotFound, `unknown method ${JSON.stringify(method.slice(0, 100))}`);
    if (this.#started && method !== 'ping') await this.#started;
    try {
      return await handler(params, context);
    } catch (error) {
      if (error instanceof UpstreamError) throw new RpcError(rpcCodes.backendUnavailable, error.message);
      throw error;
    }
  }

  notified(method: string, params: JsonObject, session: ClientSession): void {
    for (const { clients } of this.backends) clients.notify(session, method, params);
  }

  inputSchemaOf(tool: string, { identity }: Pick<RequestContext, 'identity' | 'view'>): JsonObject | undefined {
    const { policy } = this.#dependencies;
    const schema = this.#catalog.tools.get(tool)?.item.inputSchema;
    return isObject(schema) && policy.refusalOfTool(identity, tool) === undefined ? schema : undefined;
  }

  hasView(): boolean {
    return false;
  }

  sessionOpened(session: ClientSession): void {
    this.#sessions.add(session);
  }

  sessionClosed(session: ClientSession): void {
    this.#sessions.delete(session);
    this.#levels.remove(session);
    this.#subscriptions.remove(session);
    for (const { clients } of this.backends) clients.sessionClosed(session);
  }

  sessionRestored(session: ClientSession, { logLevel, subscriptions }: SessionChoices): void {
    if (logLevel !== undefined) {
      this.#levels.set(session, logLevel);
      this.#sendLevels();
    }
    void this.#restoreSubscriptions(session, new Set(subscriptions));
  }

  async #restoreSubscriptions(session: ClientSession, wanted: ReadonlySet<string>): Promise<void> {
    await this.#started;
    await Promise.all(
      [...wanted].map((uri) => {
        const backend = this.#catalog.backendOfResource(uri);
        return backend && this.#subscriptions.subscribe(session, backend, uri).catch(() => {});
      }),
    );
    this.#subscriptions.keepOnly(session, wanted);
    if (!this.#sessions.has(session)) this.#subscriptions.remove(session);
  }

  #visibleTools(catalog: Catalog, identity: Identity): JsonObject[] {
    const { policy } = this.#dependencies;
    return available(catalog.tools).filter(({ name }) => policy.refusalOfTool(identity, String(name)) === undefined);
  }

  #hint(catalog: Catalog, kind: ListKind, { client, identity }: RequestContext): JsonObject {
    if (client.era === 'legacy') return {};
    const { ttlMs, cacheScope } = catalog.hintOf(kind);
    // What one caller sees another may not, as soon as callers have names.
    return { ttlMs, cacheScope: identity === anonymous ? cacheScope : 'private' };
  }

  async #callTool(params: JsonObject, context: RequestContext): Promise<unknown> {
    const { policy, audit } = this.#dependencies;
    const name = text(params, 'name');
    const entry = this.#catalog.tools.get(name) ?? (await this.#catalogFor(context)).tools.get(name);
    if (!entry) throw new RpcError(rpcCodes.invalidParams, `unknown tool ${JSON.stringify(name.slice(0, 200))}`);
    const started = performance.now();
    const record = (outcome: AuditRecord['outcome']) => {
      const ms = Math.round((performance.now() - started) * 100) / 100;
      audit({ client: context.identity.clientId, tool: name, backend: entry.backend.name, outcome, ms });
    };
    const refusal = policy.refusalOfTool(context.identity, name);
    if (refusal) {
      record('denied');
      const call = { backend: entry.backend, method: 'tools/call', received: params };
      this.#calls.begin(call, parentOf(params, context.trace))?.end({ outcome: 'denied' });
      const message = `tool "${name}" ${refusal.reason}`;
      if (refusal.scopes) throw new InsufficientScopeError(message, refusal.scopes);
      throw new RpcError(rpcCodes.refused, message);
    }
    try {
      const result = await this.#forwardNamed(entry, 'tools/call', params, context);
      record(isObject(result) && result.isError === true ? 'error' : 'ok');
      return result;
    } catch (error) {
      if (!(error instanceof UpstreamError)) {
        record('error');
        throw error;
      }
      record(context.signal.aborted ? 'cancelled' : 'unavailable');
      // A model reads tool results, not protocol errors: so it learns which backend is gone and can go on without.
      return { content: [{ type: 'text', text: error.message }], isError: true };
    }
  }

  async #readResource(params: JsonObject, context: RequestContext): Promise<unknown> {
    const backend = backendOf(await this.#catalogFor(context), params);
    const result = await this.#calls.forward({ backend, method: 'resources/read', params, received: params }, context);
    if (context.client.era === 'legacy' || !isObject(result) || result.resultType === 'input_required') return result;
    return { ...result, ...cacheHintOf(result) };
  }

  #promptEntry(catalog: Catalog, name: string): CatalogEntry {
    const entry = catalog.prompts.get(name);
    if (!entry) throw new RpcError(rpcCodes.invalidParams, `unknown prompt ${JSON.stringify(name.slice(0, 200))}`);
    return entry;
  }

  async #subscribe(params: JsonObject, { session }: RequestContext): Promise<JsonObject> {
    if (!session)
      throw new RpcError(rpcCodes.methodNotFound, 'subscriptions need a session, and this gateway has none');
    const uri = text(params, 'uri');
    await this.#subscriptions.subscribe(session, backendOf(this.#catalog, params), uri);
    session.remember({ subscribed: uri });
    // The session may have ended meanwhile, and nothing would tell of it again.
    if (!this.#sessions.has(session)) this.#subscriptions.remove(session);
    return {};
  }

  async #unsubscribe(params: JsonObject, { session }: RequestContext): Promise<JsonObject> {
    if (!session) return {};
    const uri = text(params, 'uri');
    await this.#subscriptions.unsubscribe(session, backendOf(this.#catalog, params), uri);
    session.remember({ unsubscribed: uri });
    return {};
  }

  async #complete(params: JsonObject, context: RequestContext): Promise<unknown> {
    const catalog = await this.#catalogFor(context);
    const method = 'completion/complete';
    const ref = isObject(params.ref) ? params.ref : {};
    if (ref.type === 'ref/prompt') {
      const { backend, original } = this.#promptEntry(catalog, text(ref, 'name'));
      const forwarded = { ...params, ref: { ...ref, name: original } };
      return this.#calls.forward({ backend, method, params: forwarded, received: params }, context);
    }
    if (ref.type === 'ref/resource') {
      const backend = catalog.templates.get(text(ref, 'uri'))?.backend ?? backendOf(catalog, ref);
      return this.#calls.forward({ backend, method, params, received: params }, context);
    }
    throw new RpcError(rpcCodes.invalidParams, 'ref must be of type "ref/prompt" or "ref/resource"');
  }

  #taskHandlers(era: Era): Handlers {
    const forward = (method: string) => async (params: JsonObject, context: RequestContext) => {
      const { backend: name, taskId } = await this.#tasks.find(params, context.identity);
      const backend = this.backends.find((each) => each.name === name);
      if (!backend) throw new RpcError(rpcCodes.invalidParams, 'there is no such task');
      const call = { backend, method, params: { ...params, taskId }, received: params, concernsTask: true };
      return this.#calls.forward(call, context);
    };
    return Object.fromEntries(taskMethods[era].map((method) => [method, forward(method)]));
  }

  #setLevel({ level }: JsonObject, { session }: RequestContext): JsonObject {
    if (session) {
      this.#levels.set(session, level);
      session.remember({ logLevel: level as string });
      this.#sendLevels();
      for (const { clients } of this.backends) {
        for (const connection of clients.values()) {
          if (connection.caller.session === session) this.#levels.tellOne(connection, session);
        }
      }
    }
    return {};
  }

  #sendLevels(): void {
    for (const backend of this.backends) {
      if (backend.state === 'connected') this.#levels.tellAll(backend);
    }
  }

  #forwardNamed(entry: CatalogEntry, method: string, params: JsonObject, context: RequestContext): Promise<unknown> {
    const { backend, original, item } = entry;
    const forwarded = original === params.name ? params : { ...params, name: original };
    const { inputSchema } = item as { inputSchema?: JsonObject };
    return this.#calls.forward({ backend, method, params: forwarded, received: params, inputSchema }, context);
  }

  /** What a client sees; which of the backends it needs connections of its own to is found out at the first look. */
  #catalogFor(context: RequestContext): Catalog | Promise<Catalog> {
    const caller = callerOf(context);
    if (caller.kind === '') return this.#catalog;
    const catalog = this.#catalogs.get(caller.kind) ?? this.#gather(caller);
    this.#catalogs.set(caller.kind, catalog);
    return catalog;
  }

  async #gather(caller: Caller): Promise<Catalog> {
    const offers = this.backends.map(async (backend) => ({ backend, lists: await backend.listsFor(caller) }));
    return new Catalog(await Promise.all(offers));
  }

  #mainCatalog(): Catalog {
    return new Catalog(this.backends.map((backend) => ({ backend, lists: backend.lists })));
  }

  #restore(backend: BackendConnection): void {
    this.#levels.tellAll(backend);
    this.#subscriptions.restore(backend);
  }

  #restoreClient(connection: ClientConnection): void {
    const { session } = connection.caller;
    if (session) this.#levels.tellOne(connection, session);
  }

  /** What only the client of a connection can know. */
  async #passOn(
    { name }: BackendConnection,
    { caller: { session } }: ClientConnection,
    method: string,
    params: JsonObject,
  ): Promise<void> {
    if (!session || method === 'notifications/resources/updated') return;
    session.notify(method, (await this.#tasks.rename(params, name, session.identity)) as JsonObject);
  }

  /** @param kind The only clients concerned. */
  #listsChanged(kinds: readonly ListKind[], kind?: string): void {
    if (kind === undefined) {
      this.#catalogs.clear();
      this.#catalog = this.#mainCatalog();
      this.#report();
    } else this.#catalogs.delete(kind);
    for (const topic of new Set(kinds.map((each) => (each === 'templates' ? 'resources' : each)))) {
      this.#tell(topic, kind);
    }
  }

  #tell(topic: Topic, kind: string | undefined): void {
    for (const session of this.#sessions) {
      if (kind === undefined || callerOf(session).kind === kind) session.notify(`notifications/${topic}/list_changed`);
    }
    this.#listeners.listChanged(topic);
  }

  #report(): void {
    for (const { kind, name, kept, hidden } of this.#catalog.collisions) {
      const key = `${kind} ${name} ${hidden}`;
      if (this.#reported.has(key)) continue;
      this.#reported.add(key);
      this.#dependencies.logger.warn({ kind, name, kept, hidden }, 'two backends offer the same name');
    }
    this.#denied.report(this.#catalog.tools.keys());
  }
}

/** @throws {RpcError} when no backend has the resource. */
function backendOf(catalog: Catalog, params: JsonObject): BackendConnection {
  const uri = text(params, 'uri');
  const backend = catalog.backendOfResource(uri);
  if (!backend) throw new RpcError(rpcCodes.resourceNotFound, 'no backend has this resource', { uri });
  return backend;
}

/** @throws {RpcError} when the member is not a string. */
function text(params: JsonObject, member: string): string {
  const value = params[member];
  if (typeof value === 'string') return value;
  throw new RpcError(rpcCodes.invalidParams, `${member} must be a string`);
}
