import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import type { RequestContext } from '../contracts/session.js';
import { RpcError, rpcCodes } from '../errors.js';
import { type Caller, kindOf } from './caller.js';
import { mostResources, offersSubscriptions, type Subscriber, type Subscriptions } from './subscriptions.js';
import type { Resource } from './uris.js';

/** Members of the filter and the notifications they stand for. */
const topics = { toolsListChanged: 'tools', promptsListChanged: 'prompts', resourcesListChanged: 'resources' } as const;

/** A list that clients can be told of. */
export type Topic = (typeof topics)[keyof typeof topics];

interface Listener extends Subscriber {
  readonly topics: ReadonlySet<Topic>;
  /** Of its client. */
  readonly kind: string;
  end(): void;
}

/**
 * The requests of modern clients that stay open to be told of changes.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions
 */
export class Listeners {
  readonly #listeners = new Set<Listener>();
  readonly #subscriptions: Subscriptions;

  constructor(subscriptions: Subscriptions) {
    this.#subscriptions = subscriptions;
  }

  /**
   * Serves one such request until its client leaves or the gateway ends.
   * @param find What a URI stands for.
   * @throws {RpcError} for a filter that cannot be understood
   */
  async listen(
    { notifications }: JsonObject,
    context: RequestContext,
    find: (uri: string) => Resource | undefined,
  ): Promise<JsonObject> {
    const { wanted, uris } = parse(notifications);
    const { signal } = context;
    let end: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const held: [string, JsonObject | undefined][] = [];
    let send = (method: string, params?: JsonObject): void => {
      held.push([method, params]);
    };
    const listener: Listener = {
      topics: wanted,
      kind: kindOf(context.client),
      notify: (method, params) => send(method, params),
      end,
    };
    this.#listeners.add(listener);
    signal.addEventListener('abort', end);
    try {
      const agreed = await this.#subscribe(listener, context, uris, find);
      context.notify('notifications/subscriptions/acknowledged', { notifications: filterOf(wanted, agreed, uris) });
      // Nothing may come before the acknowledgement.
      send = (method, params) => context.notify(method, params ?? {});
      for (const [method, params] of held) send(method, params);
      if (!signal.aborted) await ended;
      return {};
    } finally {
      signal.removeEventListener('abort', end);
      this.#listeners.delete(listener);
      this.#subscriptions.remove(listener);
    }
  }

  /** Tells those who listen for it that a list changed. @param kind The only clients concerned. @default - all */
  listChanged(topic: Topic, kind?: string): void {
    for (const listener of this.#listeners) {
      if (kind !== undefined && listener.kind !== kind) continue;
      if (listener.topics.has(topic)) listener.notify(`notifications/${topic}/list_changed`);
    }
  }

  /** Ends every such request. */
  close(): void {
    for (const listener of this.#listeners) listener.end();
  }

  /** @returns the resources that backends agreed to tell of */
  async #subscribe(
    listener: Listener,
    caller: Caller,
    uris: readonly string[],
    find: (uri: string) => Resource | undefined,
  ): Promise<readonly string[]> {
    const agreed = await Promise.all(
      uris.map(async (uri) => {
        const resource = find(uri);
        if (!resource || !offersSubscriptions(resource.backend)) return false;
        return this.#subscriptions.subscribe(listener, caller, resource, uri).then(
          () => true,
          () => false,
        );
      }),
    );
    return uris.filter((_, index) => agreed[index]);
  }
}

function parse(filter: unknown): { wanted: ReadonlySet<Topic>; uris: readonly string[] } {
  if (!isObject(filter)) throw new RpcError(rpcCodes.invalidParams, 'notifications must be an object');
  const wanted = Object.entries(topics).filter(([member]) => filter[member] === true);
  const { resourceSubscriptions: uris = [] } = filter;
  if (!Array.isArray(uris) || !uris.every((uri) => typeof uri === 'string')) {
    throw new RpcError(rpcCodes.invalidParams, 'resourceSubscriptions must be a list of URIs');
  }
  if (uris.length > mostResources) {
    throw new RpcError(rpcCodes.invalidParams, `resourceSubscriptions has more than ${mostResources} URIs`);
  }
  return { wanted: new Set(wanted.map(([, topic]) => topic)), uris: [...new Set(uris)] };
}

function filterOf(wanted: ReadonlySet<Topic>, agreed: readonly string[], asked: readonly string[]): JsonObject {
  const members = Object.entries(topics).filter(([, topic]) => wanted.has(topic));
  return {
    ...Object.fromEntries(members.map(([member]) => [member, true])),
    ...(asked.length > 0 && { resourceSubscriptions: agreed }),
  };
}
