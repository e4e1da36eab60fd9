import type { AuditRecord } from '../config/audit.js';
import type { Backend } from '../config/backend.js';
import type { Logger } from '../config/host.js';
import type { AccessPolicy, Identity } from '../config/identity.js';
import { isObject, type JsonObject } from '../config/json-rpc.js';
import type { ClientSession, Dispatcher, RequestContext, SessionChoices } from '../config/session.js';
import type { TraceContext, Tracer } from '../config/trace.js';
import type { UpstreamFactory, UpstreamRequestOptions } from '../config/upstream.js';
import { latestLegacyVersion, legacyVersions } from '../config/versions.js';
import { InsufficientScopeError, RpcError, rpcCodes, UpstreamError } from '../errors.js';
import { BackendConnection, type ListKind } from './backend-connection.js';
import { followed, parentOf, subjectOf, withTrace } from './call-trace.js';
import { mergeCapabilities, mergeInstructions } from './capabilities.js';
import { available, Catalog, type CatalogEntry, type Collision } from './catalog.js';
import { DeniedTools } from './denied-tools.js';
import { LogLevels } from './log-levels.js';
import { Subscriptions } from './subscriptions.js';

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
}

type Handler = (params: JsonObject, context: RequestContext) => Promise<unknown> | unknown;

/** Answers every MCP request from what the backends offer together. */
export class Router implements Dispatcher {
  readonly backends: readonly BackendConnection[];
  readonly #dependencies: RouterDependencies;
  readonly #sessions = new Set<ClientSession>();
  readonly #levels = new LogLevels();
  readonly #subscriptions = new Subscriptions();
  readonly #reported = new Set<string>();
  readonly #denied: DeniedTools;
  #catalog: Catalog;
  #started: Promise<unknown> | undefined;

  readonly #handlers: Record<string, Handler> = {
    initialize: (params) => this.#initialize(params),
    ping: () => ({}),
    'tools/list': (_, { identity }) => ({ tools: this.#visibleTools(identity) }),
    'tools/call': (params, context) => this.#callTool(params, context),
    'prompts/list': () => ({ prompts: available(this.#catalog.prompts) }),
    'prompts/get': (params, context) => this.#getPrompt(params, context),
    'resources/list': () => ({ resources: available(this.#catalog.resources) }),
    'resources/templates/list': () => ({ resourceTemplates: available(this.#catalog.templates) }),
    'resources/read': (params, context) =>
      this.#forward(this.#backendOf(params), 'resources/read', params, params, context),
    'resources/subscribe': (params, context) => this.#subscribe(params, context),
    'resources/unsubscribe': (params, context) => this.#unsubscribe(params, context),
    'completion/complete': (params, context) => this.#complete(params, context),
    'logging/setLevel': (params, context) => this.#setLevel(params, context),
  };

  constructor(dependencies: RouterDependencies) {
    this.#dependencies = dependencies;
    this.#denied = new DeniedTools(dependencies.policy, dependencies.logger);
    this.backends = dependencies.backends.map(
      (backend) =>
        new BackendConnection(backend, dependencies.createUpstream, dependencies.logger, {
          onListsChanged: (kinds) => this.#listsChanged(kinds),
          onConnected: (connection) => this.#restore(connection),
          onResourceUpdated: (connection, params) => this.#subscriptions.notify(connection, params),
        }),
    );
    this.#catalog = new Catalog(this.backends);
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
    await Promise.all(this.backends.map((backend) => backend.stop()));
  }

  async dispatch(method: string, params: JsonObject, context: RequestContext): Promise<unknown> {
    const handler = Object.hasOwn(this.#handlers, method) ? this.#handlers[method] : undefined;
    if (!handler) throw new RpcError(rpcCodes.methodNotFound, `unknown method ${JSON.stringify(method.slice(0, 100))}`);
    if (this.#started && method !== 'ping') await this.#started;
    try {
      return await handler(params, context);
    } catch (error) {
      if (error instanceof UpstreamError) throw new RpcError(rpcCodes.backendUnavailable, error.message);
      throw error;
    }
  }

  notified(): void {}

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

  #initialize({ protocolVersion }: JsonObject): JsonObject {
    const instructions = mergeInstructions(this.backends);
    return {
      protocolVersion: legacyVersions.includes(protocolVersion as string) ? protocolVersion : latestLegacyVersion,
      capabilities: mergeCapabilities(this.backends, this.#dependencies.hasSessions),
      serverInfo: this.#dependencies.serverInfo,
      ...(instructions && { instructions }),
    };
  }

  #visibleTools(identity: Identity): JsonObject[] {
    const { policy } = this.#dependencies;
    return available(this.#catalog.tools).filter(
      ({ name }) => policy.refusalOfTool(identity, String(name)) === undefined,
    );
  }

  async #callTool(params: JsonObject, context: RequestContext): Promise<unknown> {
    const { policy, audit } = this.#dependencies;
    const name = text(params, 'name');
    const entry = this.#catalog.tools.get(name);
    if (!entry) throw new RpcError(rpcCodes.invalidParams, `unknown tool ${JSON.stringify(name.slice(0, 200))}`);
    const started = performance.now();
    const record = (outcome: AuditRecord['outcome']) => {
      const ms = Math.round((performance.now() - started) * 100) / 100;
      audit({ client: context.identity.clientId, tool: name, backend: entry.backend.name, outcome, ms });
    };
    const refusal = policy.refusalOfTool(context.identity, name);
    if (refusal) {
      record('denied');
      const parent = parentOf(params, context.trace);
      this.#begin(entry.backend, 'tools/call', params, parent)?.end({ outcome: 'denied' });
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

  #getPrompt(params: JsonObject, context: RequestContext): Promise<unknown> {
    return this.#forwardNamed(this.#promptEntry(text(params, 'name')), 'prompts/get', params, context);
  }

  #promptEntry(name: string): CatalogEntry {
    const entry = this.#catalog.prompts.get(name);
    if (!entry) throw new RpcError(rpcCodes.invalidParams, `unknown prompt ${JSON.stringify(name.slice(0, 200))}`);
    return entry;
  }

  async #subscribe(params: JsonObject, { session }: RequestContext): Promise<JsonObject> {
    if (!session)
      throw new RpcError(rpcCodes.methodNotFound, 'subscriptions need a session, and this gateway has none');
    const uri = text(params, 'uri');
    await this.#subscriptions.subscribe(session, this.#backendOf(params), uri);
    session.remember({ subscribed: uri });
    // The session may have ended meanwhile, and nothing would tell of it again.
    if (!this.#sessions.has(session)) this.#subscriptions.remove(session);
    return {};
  }

  async #unsubscribe(params: JsonObject, { session }: RequestContext): Promise<JsonObject> {
    if (!session) return {};
    const uri = text(params, 'uri');
    await this.#subscriptions.unsubscribe(session, this.#backendOf(params), uri);
    session.remember({ unsubscribed: uri });
    return {};
  }

  #complete(params: JsonObject, context: RequestContext): Promise<unknown> {
    const ref = isObject(params.ref) ? params.ref : {};
    if (ref.type === 'ref/prompt') {
      const { backend, original } = this.#promptEntry(text(ref, 'name'));
      const forwarded = { ...params, ref: { ...ref, name: original } };
      return this.#forward(backend, 'completion/complete', forwarded, params, context);
    }
    if (ref.type === 'ref/resource') {
      const uri = text(ref, 'uri');
      const backend = this.#catalog.templates.get(uri)?.backend ?? this.#backendOf(ref);
      return this.#forward(backend, 'completion/complete', params, params, context);
    }
    throw new RpcError(rpcCodes.invalidParams, 'ref must be of type "ref/prompt" or "ref/resource"');
  }

  #setLevel({ level }: JsonObject, { session }: RequestContext): JsonObject {
    if (session) {
      this.#levels.set(session, level);
      session.remember({ logLevel: level as string });
      this.#sendLevels();
    }
    return {};
  }

  #sendLevels(): void {
    for (const backend of this.backends) this.#sendLevel(backend);
  }

  #sendLevel(backend: BackendConnection): void {
    const level = this.#levels.lowest;
    if (level === undefined || !isObject(backend.description.capabilities.logging)) return;
    void backend.request('logging/setLevel', { level }).catch(() => {});
  }

  #backendOf(params: JsonObject): BackendConnection {
    const uri = text(params, 'uri');
    const backend = this.#catalog.backendOfResource(uri);
    if (!backend) throw new RpcError(rpcCodes.resourceNotFound, 'no backend has this resource', { uri });
    return backend;
  }

  #forwardNamed(entry: CatalogEntry, method: string, params: JsonObject, context: RequestContext): Promise<unknown> {
    const forwarded = entry.original === params.name ? params : { ...params, name: entry.original };
    return this.#forward(entry.backend, method, forwarded, params, context);
  }

  #forward(
    backend: BackendConnection,
    method: string,
    forwarded: JsonObject,
    received: JsonObject,
    context: RequestContext,
  ): Promise<unknown> {
    const parent = parentOf(received, context.trace);
    const span = this.#begin(backend, method, received, parent);
    const progressToken = isObject(received._meta) ? received._meta.progressToken : undefined;
    const options: UpstreamRequestOptions = {
      signal: context.signal,
      trace: span?.context ?? parent,
      onNotification: (name, params) => {
        if (this.#levels.wants(context.session, params.level)) context.notify(name, params);
      },
      ...(progressToken !== undefined && {
        onProgress: (progress: JsonObject) => context.notify('notifications/progress', { ...progress, progressToken }),
      }),
    };
    if (!span) return backend.request(method, forwarded, options);
    return followed(span, context.signal, backend.request(method, withTrace(forwarded, span.context), options));
  }

  #begin({ name }: BackendConnection, method: string, params: JsonObject, parent: TraceContext | undefined) {
    return this.#dependencies.tracer?.begin({ ...subjectOf(method, params), backend: name, parent });
  }

  #restore(backend: BackendConnection): void {
    this.#sendLevel(backend);
    this.#subscriptions.restore(backend);
  }

  #listsChanged(kinds: readonly ListKind[]): void {
    this.#catalog = new Catalog(this.backends);
    for (const { kind, name, kept, hidden } of this.#catalog.collisions) {
      const key = `${kind} ${name} ${hidden}`;
      if (this.#reported.has(key)) continue;
      this.#reported.add(key);
      this.#dependencies.logger.warn({ kind, name, kept, hidden }, 'two backends offer the same name');
    }
    this.#denied.report(this.#catalog.tools.keys());
    const topics = new Set(kinds.map((kind) => (kind === 'templates' ? 'resources' : kind)));
    for (const session of this.#sessions) {
      for (const topic of topics) session.notify(`notifications/${topic}/list_changed`);
    }
  }
}

/** @throws {RpcError} when the member is not a string. */
function text(params: JsonObject, member: string): string {
  const value = params[member];
  if (typeof value === 'string') return value;
  throw new RpcError(rpcCodes.invalidParams, `${member} must be a string`);
}
