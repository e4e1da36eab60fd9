import type { JsonObject } from '../config/json-rpc.js';
import { RpcError, rpcCodes } from '../errors.js';
import type { BackendConnection } from './backend-connection.js';
import type { Resource } from './uris.js';

/** Who wants to hear about resources: a session, or a request that listens. */
export interface Subscriber {
  /** @param onlyHere True when no other replica can know of it. */
  notify(method: string, params?: JsonObject, onlyHere?: boolean): void;
}

/** Who wants to hear about a resource, and under which URI. */
type Subscribed = Map<Subscriber, string>;

/** Who wants to hear about which resource; a backend is asked once for all of them. */
export class Subscriptions {
  /** By the backends' own URIs. */
  readonly #subscribers = new Map<BackendConnection, Map<string, Subscribed>>();

  /**
   * @param known The URI by which the subscriber knows it.
   * @throws {RpcError} when the backend offers no subscriptions
   */
  async subscribe(subscriber: Subscriber, { backend, original: uri }: Resource, known: string): Promise<void> {
    if (!offersSubscriptions(backend)) {
      throw new RpcError(rpcCodes.methodNotFound, `backend "${backend.name}" does not offer subscriptions`);
    }
    const ofBackend = this.#subscribers.get(backend) ?? new Map<string, Subscribed>();
    this.#subscribers.set(backend, ofBackend);
    const subscribers = ofBackend.get(uri);
    if (subscribers) {
      subscribers.set(subscriber, known);
      return;
    }
    await backend.request('resources/subscribe', { uri });
    ofBackend.set(uri, new Map([...(ofBackend.get(uri) ?? []), [subscriber, known]]));
  }

  async unsubscribe(subscriber: Subscriber, { backend, original: uri }: Resource): Promise<void> {
    const subscribers = this.#subscribers.get(backend)?.get(uri);
    if (!subscribers?.delete(subscriber) || subscribers.size > 0) return;
    this.#subscribers.get(backend)?.delete(uri);
    await backend.request('resources/unsubscribe', { uri });
  }

  /** Ends everything a subscriber wanted. */
  remove(subscriber: Subscriber): void {
    this.keepOnly(subscriber, new Set());
  }

  /** Ends what a subscriber wanted, except for some resources. @param kept URIs by which the subscriber knows them. */
  keepOnly(subscriber: Subscriber, kept: ReadonlySet<string>): void {
    for (const [backend, uris] of this.#subscribers) {
      for (const [original, subscribers] of [...uris]) {
        const known = subscribers.get(subscriber);
        if (known === undefined || kept.has(known)) continue;
        void this.unsubscribe(subscriber, { backend, original }).catch(() => {});
      }
    }
  }

  /** Tells the subscribers of a resource that it changed. */
  notify(backend: BackendConnection, params: JsonObject): void {
    // Every replica has child processes of its own, while a server on the network tells all replicas.
    const { transport } = backend.config;
    const onlyHere = transport === 'stdio' || transport === 'in_process';
    for (const [subscriber, uri] of this.#subscribers.get(backend)?.get(params.uri as string) ?? []) {
      subscriber.notify('notifications/resources/updated', { ...params, uri }, onlyHere);
    }
  }

  /** Subscribes again to everything a backend was asked for before it lost its session. */
  restore(backend: BackendConnection): void {
    for (const uri of this.#subscribers.get(backend)?.keys() ?? []) {
      void backend.request('resources/subscribe', { uri }).catch(() => {});
    }
  }
}

/** Whether a backend tells of changes of its resources. */
export function offersSubscriptions({ description }: BackendConnection): boolean {
  const { resources } = description.capabilities as { resources?: { subscribe?: boolean } };
  return resources?.subscribe === true;
}
