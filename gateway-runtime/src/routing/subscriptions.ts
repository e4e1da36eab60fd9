import type { JsonObject } from '../contracts/json-rpc.js';
import { RpcError, rpcCodes } from '../errors.js';
import { BackendConnection } from './backend-connection.js';
import type { Caller } from './caller.js';
import { ClientConnection, type Connection } from './client-connection.js';
import type { Resource } from './uris.js';

/** Resources that one subscriber can hear about at most: each costs a subscription at a backend. */
export const mostResources = 1000;

/** Who wants to hear about resources: a session, or a request that listens. */
export interface Subscriber {
  /** @param onlyHere True when no other replica can know of it. */
  notify(method: string, params?: JsonObject, onlyHere?: boolean): void;
}

/** What a subscriber wants to hear about. */
interface Subscription extends Resource {
  readonly subscriber: Subscriber;
  readonly caller: Caller;
  /** The URI by which the subscriber knows it. */
  readonly known: string;
}

/**
 * Who wants to hear about which resource. A connection is asked once for all who share it; whoever has one for himself hears
 * over that, since a child process may tell only its own client of what changes in it.
 */
export class Subscriptions {
  /** By the backends' own URIs. */
  readonly #subscribed = new Map<Connection, Map<string, Map<Subscriber, Subscription>>>();
  /** By the URIs that each subscriber knows: what it still wants when a backend has agreed. */
  readonly #wanted = new WeakMap<Subscriber, Set<string>>();
  /** What could not be asked for again when a connection was lost. */
  readonly #lost = new Set<Subscription>();

  /**
   * @param known The URI by which the subscriber knows the resource.
   * @throws {RpcError} when the backend offers no subscriptions @throws {UpstreamError} when it cannot be asked
   */
  async subscribe(subscriber: Subscriber, caller: Caller, resource: Resource, known: string): Promise<void> {
    const { backend, original } = resource;
    if (!offersSubscriptions(backend)) {
      throw new RpcError(rpcCodes.methodNotFound, `backend "${backend.name}" does not offer subscriptions`);
    }
    const wanted = this.#wanted.get(subscriber) ?? new Set();
    const isNew = !wanted.has(known);
    if (isNew && wanted.size >= mostResources) {
      throw new RpcError(rpcCodes.invalidParams, `nobody hears about more than ${mostResources} resources`);
    }
    this.#wanted.set(subscriber, wanted.add(known));
    try {
      await this.#begin({ backend, original, subscriber, caller, known });
    } catch (error) {
      if (isNew) wanted.delete(known);
      throw error;
    }
  }

  /** @param known The URI by which the subscriber knows the resource. */
  async unsubscribe(subscriber: Subscriber, { backend, original }: Resource, known: string): Promise<void> {
    this.#wanted.get(subscriber)?.delete(known);
    for (const lost of this.#lost) {
      if (lost.subscriber === subscriber && lost.known === known) this.#lost.delete(lost);
    }
    for (const [connection, uris] of this.#subscribed) {
      if (uris.get(original)?.get(subscriber)?.backend === backend) await this.#end(connection, original, subscriber);
    }
  }

  /** Ends everything a subscriber wanted. */
  remove(subscriber: Subscriber): void {
    this.keepOnly(subscriber, new Set());
  }

  /** Ends what a subscriber wanted, except for some resources. @param kept URIs by which the subscriber knows them. */
  keepOnly(subscriber: Subscriber, kept: ReadonlySet<string>): void {
    const wanted = this.#wanted.get(subscriber);
    for (const known of wanted ?? []) if (!kept.has(known)) wanted?.delete(known);
    for (const lost of this.#lost) {
      if (lost.subscriber === subscriber && !kept.has(lost.known)) this.#lost.delete(lost);
    }
    for (const [connection, uris] of [...this.#subscribed]) {
      for (const [original, subscribers] of [...uris]) {
        const known = subscribers.get(subscriber)?.known;
        if (known !== undefined && !kept.has(known)) void this.#end(connection, original, subscriber).catch(() => {});
      }
    }
  }

  /** Tells the subscribers of a resource that it changed. */
  notify(connection: Connection, params: JsonObject): void {
    for (const { subscriber, known, backend } of this.#of(connection, params.uri as string)) {
      // Every replica has child processes of its own, while a server on the network tells all replicas.
      const { transport } = backend.config;
      const onlyHere = transport === 'stdio' || transport === 'in_process';
      subscriber.notify('notifications/resources/updated', { ...params, uri: known }, onlyHere);
    }
  }

  /** Subscribes again to everything that a connection was asked for before it lost its session, or its backend. */
  restore(connection: Connection): void {
    for (const uri of this.#subscribed.get(connection)?.keys() ?? []) {
      void connection.request('resources/subscribe', { uri }).catch(() => {});
    }
    for (const lost of [...this.#lost]) {
      if (!(connection instanceof BackendConnection) || lost.backend.name !== connection.name) continue;
      this.#lost.delete(lost);
      this.#beginAgain({ ...lost, backend: connection });
    }
  }

  /** A backend serves no more: another one of its name takes over what was wanted of it. */
  backendRetired(backend: BackendConnection): void {
    for (const [connection, uris] of [...this.#subscribed]) {
      const all = [...uris.values()].flatMap((subscribers) => [...subscribers.values()]);
      if (!all.some((subscription) => subscription.backend === backend)) continue;
      // Whatever the connection was asked for is the same backend's.
      this.#subscribed.delete(connection);
      for (const subscription of all) this.#lost.add(subscription);
    }
  }

  /** The connection of a client was lost: another one takes its place as soon as there can be one. */
  connectionClosed(connection: ClientConnection): void {
    const uris = this.#subscribed.get(connection);
    this.#subscribed.delete(connection);
    for (const subscribers of uris?.values() ?? []) {
      for (const subscription of subscribers.values()) this.#beginAgain(subscription);
    }
  }

  #beginAgain(subscription: Subscription): void {
    this.#begin(subscription).catch(() => {
      if (this.#isWanted(subscription)) this.#lost.add(subscription);
    });
  }

  async #begin(subscription: Subscription): Promise<void> {
    const { backend, original: uri, subscriber, caller } = subscription;
    const connection = await backend.connectionFor(caller);
    if (this.#of(connection, uri).length === 0) await connection.request('resources/subscribe', { uri });
    const uris = this.#subscribed.get(connection) ?? new Map<string, Map<Subscriber, Subscription>>();
    this.#subscribed.set(connection, uris);
    uris.set(uri, new Map([...(uris.get(uri) ?? []), [subscriber, subscription]]));
    if (connection instanceof ClientConnection) connection.hold(true);
    if (!this.#isWanted(subscription)) await this.#end(connection, uri, subscriber);
  }

  #isWanted({ subscriber, known }: Subscription): boolean {
    return this.#wanted.get(subscriber)?.has(known) === true;
  }

  async #end(connection: Connection, uri: string, subscriber: Subscriber): Promise<void> {
    const uris = this.#subscribed.get(connection);
    const subscribers = uris?.get(uri);
    if (!uris || !subscribers?.delete(subscriber) || subscribers.size > 0) return;
    uris.delete(uri);
    if (uris.size === 0) {
      this.#subscribed.delete(connection);
      if (connection instanceof ClientConnection) connection.hold(false);
    }
    await connection.request('resources/unsubscribe', { uri });
  }

  #of(connection: Connection, uri: string): Subscription[] {
    return [...(this.#subscribed.get(connection)?.get(uri)?.values() ?? [])];
  }
}

/** Whether a backend tells of changes of its resources. */
export function offersSubscriptions({ description }: BackendConnection): boolean {
  const { resources } = description.capabilities as { resources?: { subscribe?: boolean } };
  return resources?.subscribe === true;
}
