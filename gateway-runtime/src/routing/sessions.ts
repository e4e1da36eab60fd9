import type { JsonObject } from '../contracts/json-rpc.js';
import type { ClientSession, RequestContext, SessionChoices } from '../contracts/session.js';
import { RpcError, rpcCodes } from '../errors.js';
import type { Access } from './access.js';
import type { BackendConnection } from './backend-connection.js';
import type { Backends } from './backends.js';
import { type Caller, kindOf } from './caller.js';
import type { Catalogs } from './catalogs.js';
import type { ClientConnection } from './client-connection.js';
import { resourceOf } from './contents.js';
import type { Topic } from './listeners.js';
import type { LogLevels } from './log-levels.js';
import { textOf } from './params.js';
import type { Subscriptions } from './subscriptions.js';
import type { Tasks } from './tasks.js';

/** What sessions are about. */
export interface SessionsOptions {
  readonly backends: Backends;
  readonly catalogs: Catalogs;
  readonly levels: LogLevels;
  readonly subscriptions: Subscriptions;
  readonly tasks: Tasks;
  readonly access: Access;
}

/** The clients that are connected over several requests: what they chose, and what they hear. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #open = new Set<ClientSession>();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** How many clients are connected. */
  get size(): number {
    return this.#open.size;
  }

  opened(session: ClientSession): void {
    this.#open.add(session);
  }

  closed(session: ClientSession): void {
    const { backends, levels, subscriptions } = this.#options;
    this.#open.delete(session);
    levels.remove(session);
    subscriptions.remove(session);
    for (const { clients } of backends.all) clients.sessionClosed(session);
  }

  /** The client chose this at another replica. */
  async restored(session: ClientSession, { logLevel, subscriptions: uris }: SessionChoices): Promise<void> {
    const { levels, subscriptions, access } = this.#options;
    if (logLevel !== undefined) {
      levels.set(session, logLevel);
      this.#sendLevels();
    }
    const wanted = new Set(uris);
    await Promise.all(
      [...wanted].map((uri) => {
        const resource = this.#catalogOf(session).uris.find(uri);
        if (!resource || !access.decideRead(resource, session).allowed) return undefined;
        return subscriptions.subscribe(session, callerOf(session), resource, uri).catch(() => {});
      }),
    );
    subscriptions.keepOnly(session, wanted);
    if (!this.#open.has(session)) subscriptions.remove(session);
  }

  /** Answers `resources/subscribe`. @throws {RpcError | InsufficientScopeError | UpstreamError} */
  async subscribe(params: JsonObject, { session, identity }: RequestContext): Promise<JsonObject> {
    if (!session) {
      throw new RpcError(rpcCodes.methodNotFound, 'subscriptions need a session, and this gateway has none');
    }
    const { subscriptions, access } = this.#options;
    const uri = textOf(params, 'uri');
    const resource = resourceOf(this.#catalogOf(session), params);
    access.checkRead(resource, { identity, view: session.view });
    await subscriptions.subscribe(session, callerOf(session), resource, uri);
    session.remember({ subscribed: uri });
    // The session may have ended meanwhile, and nothing would tell of it again.
    if (!this.#open.has(session)) subscriptions.remove(session);
    return {};
  }

  /** Answers `resources/unsubscribe`. @throws {RpcError | UpstreamError} */
  async unsubscribe(params: JsonObject, { session }: RequestContext): Promise<JsonObject> {
    if (!session) return {};
    const uri = textOf(params, 'uri');
    await this.#options.subscriptions.unsubscribe(session, resourceOf(this.#catalogOf(session), params), uri);
    session.remember({ unsubscribed: uri });
    return {};
  }

  /** Answers `logging/setLevel`. @throws {RpcError} when the level does not exist */
  setLevel({ level }: JsonObject, { session }: RequestContext): JsonObject {
    if (!session) return {};
    const { backends, levels } = this.#options;
    levels.set(session, level);
    session.remember({ logLevel: level as string });
    this.#sendLevels();
    for (const { clients } of backends.all) {
      for (const connection of clients.values()) {
        if (connection.caller.session === session) levels.tellOne(connection, session);
      }
    }
    return {};
  }

  /** A backend is connected, perhaps again, and knows nothing of what clients chose. */
  backendConnected(backend: BackendConnection): void {
    this.#options.levels.tellAll(backend);
    this.#options.subscriptions.restore(backend);
  }

  /** The same of a connection that one client has for itself. */
  clientConnected(connection: ClientConnection): void {
    const { session } = connection.caller;
    if (session) this.#options.levels.tellOne(connection, session);
    this.#options.subscriptions.restore(connection);
  }

  /** A notification came over a connection that one client has for itself: nobody else can know what it means. */
  async notified(
    { name }: BackendConnection,
    connection: ClientConnection,
    method: string,
    params: JsonObject,
  ): Promise<void> {
    const { subscriptions, tasks } = this.#options;
    if (method === 'notifications/resources/updated') return subscriptions.notify(connection, params);
    const { session } = connection.caller;
    if (session) session.notify(method, (await tasks.rename(params, name, session.identity)) as JsonObject);
  }

  /** Tells clients that a list changed. @param kind The only ones concerned. @default - all */
  listChanged(topic: Topic, kind?: string): void {
    for (const session of this.#open) {
      if (kind === undefined || kindOf(session.client) === kind) session.notify(`notifications/${topic}/list_changed`);
    }
  }

  #sendLevels(): void {
    for (const backend of this.#options.backends.all) {
      if (backend.health.isUp) this.#options.levels.tellAll(backend);
    }
  }

  #catalogOf(session: ClientSession) {
    const { catalogs } = this.#options;
    return catalogs.main.in(catalogs.viewOf(session));
  }
}

/** A session as the caller for whom connections are. */
function callerOf(session: ClientSession): Caller {
  const { identity, client } = session;
  return { identity, client, session };
}
