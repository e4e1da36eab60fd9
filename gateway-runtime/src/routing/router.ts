import type { AuditConfig } from '../config/audit.js';
import { type Era, latestLegacyVersion, legacyVersions, supportedVersions } from '../config/versions.js';
import type { AuditHistory, AuditTrail } from '../contracts/audit.js';
import type { Logger } from '../contracts/host.js';
import type { AccessPolicy } from '../contracts/identity.js';
import type { JsonObject } from '../contracts/json-rpc.js';
import type { RateLimiter } from '../contracts/rate-limiter.js';
import type { ReloadStatus } from '../contracts/reload-status.js';
import type { ClientSession, Dispatcher, RequestContext, SessionChoices } from '../contracts/session.js';
import type { Tracer } from '../contracts/trace.js';
import type { UpstreamFactory } from '../contracts/upstream.js';
import { RpcError, rpcCodes, UpstreamError } from '../errors.js';
import { listenMethod } from '../protocol/results.js';
import type { Sealer } from '../protocol/sealer.js';
import { Access } from './access.js';
import { AuditRecorder } from './audit-recorder.js';
import { AuditedCalls } from './audited-calls.js';
import type { BackendConnection } from './backend-connection.js';
import { Backends } from './backends.js';
import { CallLimits } from './call-limits.js';
import { Calls } from './calls.js';
import { type CatalogNames, catalogNames } from './catalog.js';
import { Catalogs } from './catalogs.js';
import type { Collision } from './collisions.js';
import { Contents } from './contents.js';
import { describeGateway } from './description.js';
import { gatewayTools } from './gateway-tools.js';
import { Listeners } from './listeners.js';
import { type ListKind, listKinds } from './lists.js';
import { LogLevels } from './log-levels.js';
import type { OwnTool } from './own-tool.js';
import { ParkedCalls } from './parked-calls.js';
import { RequestStates } from './request-states.js';
import { enabledIn, namesAlike, type Routed, showsSame } from './routed.js';
import { Sessions } from './sessions.js';
import { Subscriptions } from './subscriptions.js';
import { Tasks, taskMethods } from './tasks.js';
import { searchNames } from './tool-search.js';
import { Tools } from './tools.js';
import type { Resource } from './uris.js';

/** What answers as the configuration of now says. */
interface Served {
  readonly config: Routed;
  readonly policy: AccessPolicy;
  readonly tools: Tools;
  readonly contents: Contents;
}

/** What the router needs from the rest of the gateway. */
export interface RouterDependencies {
  readonly serverInfo: { readonly name: string; readonly version: string };
  /** Milliseconds that the first clients wait for backends which are still connecting when the gateway has just started. @default 1000 */
  readonly startGraceMs?: number;
  /** Milliseconds that calls in flight get to finish at a backend that was removed or changed. @default 30000 */
  readonly drainMs?: number;
  /** How reading the configuration again went. */
  readonly reloads: ReloadStatus;
  readonly createUpstream: UpstreamFactory;
  readonly logger: Logger;
  /** Whether clients have sessions, so that something can be sent to them unasked. */
  readonly hasSessions: boolean;
  readonly audit: AuditTrail;
  /** Records of the past; absent where there are none. */
  readonly history?: AuditHistory;
  /** What records hold of arguments. */
  readonly auditForm: Pick<AuditConfig, 'arguments' | 'redact'>;
  /** Absent when nothing is traced. */
  readonly tracer?: Tracer;
  /** Seals what clients keep for the gateway. */
  readonly sealer: Sealer;
}

type Handlers = Readonly<Record<string, (params: JsonObject, context: RequestContext) => Promise<unknown> | unknown>>;

/** Answers every MCP request from what the backends offer together. */
export class Router implements Dispatcher {
  readonly #dependencies: RouterDependencies;
  readonly #access: Access;
  readonly #limits = new CallLimits();
  readonly #calls: Calls;
  readonly #recorder: AuditRecorder;
  readonly #audited: AuditedCalls;
  readonly #tasks: Tasks;
  readonly #levels = new LogLevels();
  readonly #subscriptions = new Subscriptions();
  readonly #listeners = new Listeners(this.#subscriptions);
  readonly #parked = new ParkedCalls();
  readonly #backends: Backends;
  readonly #names: CatalogNames = catalogNames();
  readonly #catalogs: Catalogs;
  readonly #startedAt = Date.now();
  readonly #sessions: Sessions;
  #served: Served;
  #started: Promise<unknown> | undefined;
  #inFlight = 0;

  /** Methods of both eras. */
  readonly #common: Handlers = {
    'tools/list': (params, context) => this.#served.contents.list('tools', params, context),
    'tools/call': (params, context) => this.#served.tools.call(params, context),
    'prompts/list': (params, context) => this.#served.contents.list('prompts', params, context),
    'prompts/get': (params, context) => this.#served.contents.getPrompt(params, context),
    'resources/list': (params, context) => this.#served.contents.list('resources', params, context),
    'resources/templates/list': (params, context) => this.#served.contents.list('templates', params, context),
    'resources/read': (params, context) => this.#served.contents.readResource(params, context),
    'completion/complete': (params, context) => this.#served.contents.complete(params, context),
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
        ...this.#served.contents.hint(this.#catalogs.main, 'tools', context),
      }),
      [listenMethod]: (params, context) =>
        this.#listeners.listen(params, context, (uri) => this.#readable(uri, context)),
      ...this.#taskHandlers('modern'),
    },
  };

  /** @param config What is served first. @param policy What decides who may use what. */
  constructor(dependencies: RouterDependencies, config: Routed, policy: AccessPolicy) {
    const { sealer, tracer, logger, createUpstream, drainMs } = dependencies;
    this.#dependencies = dependencies;
    this.#access = new Access(policy);
    this.#tasks = new Tasks(sealer);
    this.#calls = new Calls({
      levels: this.#levels,
      states: new RequestStates(sealer),
      parked: this.#parked,
      tasks: this.#tasks,
      tracer,
    });
    const { audit: trail, auditForm: form } = dependencies;
    this.#recorder = new AuditRecorder({ trail, form });
    this.#audited = new AuditedCalls({ calls: this.#calls, limits: this.#limits, recorder: this.#recorder });
    this.#backends = new Backends({
      createUpstream,
      logger,
      drainMs,
      observer: {
        onListsChanged: (kinds, kind) => this.#listsChanged(kinds, kind),
        onConnected: (backend) => this.#sessions.backendConnected(backend),
        onResourceUpdated: (connection, params) => this.#subscriptions.notify(connection, params),
        onClientConnected: (connection) => this.#sessions.clientConnected(connection),
        onClientClosed: (connection) => this.#subscriptions.connectionClosed(connection),
        onClientNotification: (...notification) => void this.#sessions.notified(...notification),
      },
      onReplaced: (...pair) => this.#replaced(...pair),
      onRetired: (backend) => this.#subscriptions.backendRetired(backend),
    });
    this.#catalogs = new Catalogs({ backends: this.#backends, names: this.#names, logger });
    this.#sessions = new Sessions({
      backends: this.#backends,
      catalogs: this.#catalogs,
      levels: this.#levels,
      subscriptions: this.#subscriptions,
      tasks: this.#tasks,
      access: this.#access,
    });
    this.#backends.follow(enabledIn(config));
    this.#served = this.#serve(config, policy);
  }

  /** Serves what another configuration says, from the next request on; those in flight end as they began. */
  reload(config: Routed, policy: AccessPolicy): void {
    const before = this.#served;
    const hasMoved = this.#backends.follow(enabledIn(config));
    this.#access.follow(policy);
    this.#served = this.#serve(config, policy);
    if (hasMoved || policy !== before.policy || !showsSame(config, before.config)) this.#listsChanged(listKinds);
  }

  /** Holds calls back from now on, but not those in flight. @param limiter Absent when nothing is limited. */
  limit(limiter: RateLimiter | undefined): void {
    this.#limits.follow(limiter);
  }

  /** What is not offered, because its name is taken. */
  get collisions(): readonly Collision[] {
    return this.#catalogs.main.collisions;
  }

  /** Those that serve, in the order of the configuration. */
  get backends(): readonly BackendConnection[] {
    return this.#backends.all;
  }

  /** How many clients are connected. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** Requests that wait for their answers; those that wait for news do not count. */
  get inFlight(): number {
    return this.#inFlight;
  }

  start(): void {
    this.#backends.start();
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
    await this.#backends.stop();
  }

  async dispatch(method: string, params: JsonObject, context: RequestContext): Promise<unknown> {
    const handlers = this.#handlers[context.client.era];
    const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined;
    if (!handler) throw new RpcError(rpcCodes.methodNotFound, `unknown method ${JSON.stringify(method.slice(0, 100))}`);
    const counted = method === listenMethod ? 0 : 1;
    this.#inFlight += counted;
    try {
      if (this.#started && method !== 'ping') await this.#started;
      return await handler(params, context);
    } catch (error) {
      if (error instanceof UpstreamError) throw new RpcError(rpcCodes.backendUnavailable, error.message);
      throw error;
    } finally {
      this.#inFlight -= counted;
    }
  }

  notified(method: string, params: JsonObject, session: ClientSession): void {
    for (const { clients } of this.backends) clients.notify(session, method, params);
  }

  inputSchemaOf(tool: string, context: Pick<RequestContext, 'identity' | 'view'>): JsonObject | undefined {
    return this.#served.tools.inputSchemaOf(tool, context);
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

  #serve(config: Routed, policy: AccessPolicy): Served {
    const { views, tool_search, gateway_tools } = config;
    const own = gateway_tools.enabled ? this.#ownTools() : [];
    const isSearched = tool_search || Object.values(views).some((view) => view.tool_search);
    this.#names.tools.reserve([...own.map(({ item }) => item.name), ...(isSearched ? Object.values(searchNames) : [])]);
    this.#catalogs.follow(views, policy);
    const tools = new Tools({
      catalogs: this.#catalogs,
      calls: this.#audited,
      recorder: this.#recorder,
      access: this.#access,
      limits: this.#limits,
      toolSearch: tool_search,
      own,
    });
    const contents = new Contents({
      catalogs: this.#catalogs,
      tools,
      calls: this.#calls,
      audited: this.#audited,
      access: this.#access,
      limits: this.#limits,
      pageSize: config.page_size,
    });
    return { config, policy, tools, contents };
  }

  #ownTools(): OwnTool[] {
    return gatewayTools({
      serverInfo: this.#dependencies.serverInfo,
      started: this.#startedAt,
      backends: this.#backends,
      history: this.#dependencies.history,
      reloads: this.#dependencies.reloads,
      sessions: () => this.sessionCount,
      collisions: () => this.collisions,
    });
  }

  /** Another connection took the place of a backend that is configured differently now. */
  #replaced(successor: BackendConnection, { config: before }: BackendConnection): void {
    if (!namesAlike(successor.config, before)) {
      for (const names of Object.values(this.#names)) names.forget(successor.name);
    }
    this.#subscriptions.restore(successor);
    this.#listsChanged(listKinds);
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
      const backend = this.#backends.find(name);
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
