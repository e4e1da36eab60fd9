import type { JsonObject } from '../config/json-rpc.js';
import type { ClientSession } from '../config/session.js';
import { RpcError, rpcCodes } from '../errors.js';
import type { BackendConnection } from './backend-connection.js';

/** Who wants to hear about which resource; a backend is asked once for all of them. */
export class Subscriptions {
  readonly #subscribers = new Map<BackendConnection, Map<string, Set<ClientSession>>>();

  async subscribe(session: ClientSession, backend: BackendConnection, uri: string): Promise<void> {
    const { resources } = backend.description.capabilities as { resources?: { subscribe?: boolean } };
    if (!resources?.subscribe) {
      throw new RpcError(rpcCodes.methodNotFound, `backend "${backend.name}" does not offer subscriptions`);
    }
    const ofBackend = this.#subscribers.get(backend) ?? new Map<string, Set<ClientSession>>();
    this.#subscribers.set(backend, ofBackend);
    const sessions = ofBackend.get(uri);
    if (sessions) {
      sessions.add(session);
      return;
    }
    await backend.request('resources/subscribe', { uri });
    ofBackend.set(uri, new Set([...(ofBackend.get(uri) ?? []), session]));
  }

  async unsubscribe(session: ClientSession, backend: BackendConnection, uri: string): Promise<void> {
    const sessions = this.#subscribers.get(backend)?.get(uri);
    if (!sessions?.delete(session) || sessions.size > 0) return;
    this.#subscribers.get(backend)?.delete(uri);
    await backend.request('resources/unsubscribe', { uri });
  }

  /** Ends everything a session subscribed to. */
  remove(session: ClientSession): void {
    this.keepOnly(session, new Set());
  }

  /** Ends what a session subscribed to, except for some resources. */
  keepOnly(session: ClientSession, kept: ReadonlySet<string>): void {
    for (const [backend, uris] of this.#subscribers) {
      for (const uri of [...uris.keys()].filter((each) => !kept.has(each))) {
        void this.unsubscribe(session, backend, uri).catch(() => {});
      }
    }
  }

  /** Tells the subscribers of a resource that it changed. */
  notify(backend: BackendConnection, params: JsonObject): void {
    // Every replica has child processes of its own, while a server on the network tells all replicas.
    const { transport } = backend.config;
    const onlyHere = transport === 'stdio' || transport === 'in_process';
    for (const session of this.#subscribers.get(backend)?.get(params.uri as string) ?? []) {
      session.notify('notifications/resources/updated', params, onlyHere);
    }
  }

  /** Subscribes again to everything a backend was asked for before it lost its session. */
  restore(backend: BackendConnection): void {
    for (const uri of this.#subscribers.get(backend)?.keys() ?? []) {
      void backend.request('resources/subscribe', { uri }).catch(() => {});
    }
  }
}
