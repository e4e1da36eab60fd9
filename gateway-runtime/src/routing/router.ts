import type { AuditRecord } from '../config/audit.js';
import type { Backend } from '../config/backend.js';
import type { Logger } from '../config/host.js';
import type { AccessPolicy } from '../config/identity.js';
import type { GatewayConfig } from '../config/index.js';
import type { JsonObject } from '../config/json-rpc.js';
import type { RateLimiter } from '../config/rate-limiter.js';
import type { ClientSession, Dispatcher, RequestContext, SessionChoices } from '../config/session.js';
import type { Tracer } from '../config/trace.js';
import type { UpstreamFactory } from '../config/upstream.js';
import { type Era, latestLegacyVersion, legacyVersions, supportedVersions } from '../config/versions.js';
import { RpcError, rpcCodes, UpstreamError } from '../errors.js';
import { listenMethod } from '../protocol/results.js';
import { Access } from './access.js';
import { BackendConnection } from './backend-connection.js';
import { CallLimits } from './call-limits.js';
import { Calls } from './calls.js';
import { catalogNames } from './catalog.js';
import { Catalogs } from './catalogs.js';
import type { Collision } from './collisions.js';
import { Contents } from './contents.js';
import { describeGateway } from './description.js';
import { gatewayTools } from './gateway-tools.js';
import { Listeners } from './listeners.js';
import type { ListKind } from './lists.js';
import { LogLevels } from './log-levels.js';
import { ParkedCalls } from './parked-calls.js';
import { RecentCalls } from './recent-calls.js';
import { RequestStates } from './request-states.js';
import type { Sealer } from './sealer.js';
import { Sessions } from './sessions.js';
import { Subscriptions } from './subscriptions.js';
import { Tasks, taskMethods } from './tasks.js';
import { searchNames } from './tool-search.js';
import { Tools } from './tools.js';
import type { Resource } from './uris.js';

/** What the router needs from the rest of the gateway. */
export interface RouterDependencies {
  readonly serverInfo: { readonly name: string; readonly version: string };
  readonly backends: readonly Backend[];
  /** Milliseconds that the first clients wait for backends which are still connecting when the gateway has just started. @default 1000 */
  readonly startGraceMs?: number;
  readonly createUpstream: UpstreamFactory;
  readonly policy: AccessPolicy;
  /** Absent when nothing is limited. */
  readonly limiter?: RateLimiter;
  readonly logger: Logger;
  /** Whether clients have sessions, so that something can be sent to them unasked. */
  readonly hasSessions: boolean;
  audit(record: AuditRecord): void;
  /** Absent when nothing is traced. */
  readonly tracer?: Tracer;
  /** Seals what clients keep for the gateway. */
  readonly sealer: Sealer;
  /** What clients are offered, and how. */
  readonly config: Pick<GatewayConfig, 'views' | 'tool_search' | 'page_size' | 'gateway_tools' | 'enable_audit_log'>;
}

type Handlers = Readonly<Record<string, (params: JsonObject, context: RequestContext) => Promise<unknown> | unknown>>;

/** Answers every MCP request from what the backends offer together. */
export class Router implements Dispatcher {
  readonly backends: readonly BackendConnection[];
  readonly #dependencies: RouterDependencies;
  readonly #access: Access;
  readonly #calls: Calls;
  readonly #tasks: Tasks;
  readonly #levels = new LogLevels();
  readonly #subscriptions = new Subscriptions();
  readonly #listeners = new Listeners(this.#subscriptions);
  readonly #parked = new ParkedCalls();
  readonly #catalogs: Catalogs;
  readonly #tools: Tools;
  readonly #contents: Contents;
  readonly #sessions: Sessions;
  #started: Promise<unknown> | undefined;

  /** Methods of both eras. */
  readonly #common: Handlers = {
    'tools/list': (params, context) => this.#contents.list('tools', params, context),
    'tools/call': (params, context) => this.#tools.call(params, context),
    'prompts/list': (params, context) => this.#contents.list('prompts', params, context),
    'prompts/get': (params, context) => this.#contents.getPrompt(params, context),
    'resources/list': (params, context) => this.#contents.list('resources', params, context),
    'resources/templates/list': (params, context) => this.#contents.list('templates', params, context),
    'resources/read': (params, context) => this.#contents.readResource(params, context),
    'completion/complete': (params, context) => this.#contents.complete(params, context),
  };

  readonly #handlers: Record<Era, Handlers> = {
    legacy: {
      ...this.#common,
      initialize: ({ protocolVersion }, context) => ({
        protocolVersion: legacyVersions.includes(protocolVersion as string) ? protocolVersion : latestLegacyVersion,
        serverInfo: this.#dependencies.serverInfo,
        ...this.#describe(context, this.#dependencies.hasSessions),
      }),
      ping: () => ({}),
      'resources/subscribe': (params, context) => this.#sessions.subscribe(params, context),
      'resources/unsubscribe': (params, context) => this.#sessions.unsubscribe(params, context),
      'logging/setLevel': (params, context) => this.#sessions.setLevel(params, context),
      ...this.#taskHandlers('legacy'),
    },
    modern: {
      ...this.#common,
      'server/discover': (_, context) => ({
        supportedVersions,
        ...this.#describe(context, true),
        ...this.#contents.hint(this.#catalogs.main, 'tools', context),
      }),
      [listenMethod]: (params, context) =>
        this.#listeners.listen(params, context, (uri) => this.#readable(uri, context)),
      ...this.#taskHandlers('modern'),
    },
  };

  constructor(dependencies: RouterDependencies) {
    const { sealer, tracer, serverInfo, policy, logger, config } = dependencies;
    this.#dependencies = dependencies;
    const access = new Access(policy);
    this.#access = access;
    const limits = new CallLimits(dependencies.limiter);
    this.#tasks = new Tasks(sealer);
    this.#calls = new Calls({
      levels: this.#levels,
      states: new RequestStates(sealer),
      parked: this.#parked,
      tasks: this.#tasks,
      tracer,
    });
    this.backends = dependencies.backends.map(
      (backend) =>
        new BackendConnection(backend, dependencies.createUpstream, dependencies.logger, {
          onListsChanged: (kinds, kind) => this.#listsChanged(kinds, kind),
          onConnected: (backend) => this.#sessions.backendConnected(backend),
          onResourceUpdated: (connection, params) => this.#subscriptions.notify(connection, params),
          onClientConnected: (connection) => this.#sessions.clientConnected(connection),
          onClientClosed: (connection) => this.#subscriptions.connectionClosed(connection),
          onClientNotification: (...notification) => void this.#sessions.notified(...notification),
        }),
    );
    const recent = config.gateway_tools.enabled && config.enable_audit_log ? new RecentCalls() : undefined;
    const { backends } = this;
    const inspected = {
      serverInfo,
      backends,
      recent,
      sessions: () => this.sessionCount,
      collisions: () => this.collisions,
    };
    const own = config.gateway_tools.enabled ? gatewayTools(inspected) : [];
    const isSearched = config.tool_search || Object.values(config.views).some(({ tool_search }) => tool_search);
    const reserved = [...own.map(({ item }) => item.name), ...(isSearched ? Object.values(searchNames) : [])];
    this.#catalogs = new Catalogs({ backends, names: catalogNames(reserved), views: config.views, policy, logger });
    this.#tools = new Tools({
      catalogs: this.#catalogs,
      calls: this.#calls,
      access,
      limits,
      toolSearch: config.tool_search,
      own,
      audit: (record) => {
        recent?.record(record);
        dependencies.audit(record);
      },
    });
    this.#contents = new Contents({
      catalogs: this.#catalogs,
      tools: this.#tools,
      calls: this.#calls,
      access,
      limits,
      pageSize: config.page_size,
    });
    this.#sessions = new Sessions({
      backends,
      catalogs: this.#catalogs,
      levels: this.#levels,
      subscriptions: this.#subscriptions,
      tasks: this.#tasks,
      access,
    });
  }

  /** What is not offered, because its name is taken. */
  get collisions(): readonly Collision[] {
    return this.#catalogs.main.collisions;
  }

  /** How many clients are connected. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  start(): void {
    for (const backend of this.backends) backend.start();
    const { startGraceMs = 1000 } = this.#dependencies;
    const grace = new Promise((resolve) => setTimeout(resolve, startGraceMs).unref());
    this.#started = Promise.race([Promise.all(this.backends.map(({ firstAttempt }) => firstAttempt)), grace]);
    void this.#started.then(() => {
      this.#started = undefined;
      this.#catalogs.open();
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

  inputSchemaOf(tool: string, context: Pick<RequestContext, 'identity' | 'view'>): JsonObject | undefined {
    return this.#tools.inputSchemaOf(tool, context);
  }

  hasView(view: string): boolean {
    return this.#catalogs.hasView(view);
  }

  sessionOpened(session: ClientSession): void {
    this.#sessions.opened(session);
  }

  sessionClosed(session: ClientSession): void {
    this.#sessions.closed(session);
  }

  sessionRestored(session: ClientSession, choices: SessionChoices): void {
    void Promise.resolve(this.#started).then(() => this.#sessions.restored(session, choices));
  }

  #describe(context: RequestContext, listChanged: boolean): JsonObject {
    const view = this.#catalogs.viewOf(context);
    return describeGateway({
      backends: this.#catalogs.backendsOf(view),
      era: context.client.era,
      listChanged,
      purpose: view?.description,
      mayKnow: (backend) => this.#access.mayUse(backend, context),
    });
  }

  #taskHandlers(era: Era): Handlers {
    const forward = (method: string) => async (params: JsonObject, context: RequestContext) => {
      const { backend: name, taskId } = await this.#tasks.find(params, context.identity);
      const backend = this.backends.find((each) => each.name === name);
      if (!backend) throw new RpcError(rpcCodes.invalidParams, 'there is no such task');
      this.#access.checkBackend(backend, context);
      const call = { backend, method, params: { ...params, taskId }, received: params, concernsTask: true };
      return this.#calls.forward(call, context);
    };
    return Object.fromEntries(taskMethods[era].map((method) => [method, forward(method)]));
  }

  /** The resource of a URI that the caller may read, as far as that is known without looking. */
  #readable(uri: string, context: RequestContext): Resource | undefined {
    const resource = this.#catalogs.main.in(this.#catalogs.viewOf(context)).uris.find(uri);
    return resource && this.#access.decideRead(resource, context).allowed ? resource : undefined;
  }

  /** @param kind The only clients concerned. */
  #listsChanged(kinds: readonly ListKind[], kind?: string): void {
    this.#catalogs.changed(kind);
    for (const topic of new Set(kinds.map((each) => (each === 'templates' ? 'resources' : each)))) {
      this.#sessions.listChanged(topic, kind);
      this.#listeners.listChanged(topic, kind);
    }
  }
}
