import { setTimeout as delay } from 'node:timers/promises';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import type { UpstreamEvents, UpstreamRequestOptions } from '../contracts/upstream.js';
import { RpcError, rpcCodes, UpstreamError } from '../errors.js';
import { reopenMs } from './reopening.js';

/** Most resources that are subscribed to at once; all their URIs are said again with each change. */
const mostUris = 10_000;

/** Milliseconds until a backend must have said what it agrees to. */
const acknowledgeMs = 30_000;

/** Lists that a backend can tell the change of: its capability, the member of a filter, and the notification. */
const lists = [
  ['tools', 'toolsListChanged', 'notifications/tools/list_changed'],
  ['prompts', 'promptsListChanged', 'notifications/prompts/list_changed'],
  ['resources', 'resourcesListChanged', 'notifications/resources/list_changed'],
] as const;

type Listen = (filter: JsonObject, options: UpstreamRequestOptions) => Promise<unknown>;

/**
 * What a backend of the modern era is asked to tell of: changes of its lists, and resources. One stream is kept open, and
 * opened again when it breaks. https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions
 */
export class Subscriptions {
  readonly #listen: Listen;
  readonly #events: Pick<UpstreamEvents, 'onNotification'>;
  readonly #closed = new AbortController();
  readonly #uris = new Set<string>();
  #lists: (typeof lists)[number][] = [];
  /** Ends the stream that is open. */
  #stream: AbortController | undefined;
  /** The stream that is being opened, and the one that will be after it. */
  #opening: Promise<JsonObject> = Promise.resolve({});
  #next: Promise<JsonObject> | undefined;
  #waitMs = reopenMs.usual;
  #started = false;

  constructor(listen: Listen, events: Pick<UpstreamEvents, 'onNotification'>) {
    this.#listen = listen;
    this.#events = events;
  }

  /** Listens to the changes that a backend with these capabilities can tell of. */
  start(capabilities: JsonObject): void {
    this.#started = true;
    this.#lists = lists.filter(([capability]) => {
      const offered = capabilities[capability];
      return isObject(offered) && offered.listChanged === true;
    });
    void this.#update().catch((error) => this.#reopen(error));
  }

  /** Subscribes to a resource. @throws {RpcError} when the backend does not tell of it @throws {UpstreamError} */
  async add(uri: string): Promise<void> {
    if (this.#uris.has(uri)) return;
    if (!this.#started) throw new RpcError(rpcCodes.methodNotFound, 'the backend has no stream to tell of changes');
    if (this.#uris.size >= mostUris) throw new RpcError(rpcCodes.invalidParams, 'too many subscriptions');
    this.#uris.add(uri);
    try {
      const { resourceSubscriptions } = await this.#update();
      if (Array.isArray(resourceSubscriptions) && resourceSubscriptions.includes(uri)) return;
      throw new RpcError(rpcCodes.invalidParams, 'the backend does not tell of changes of this resource');
    } catch (error) {
      this.#uris.delete(uri);
      throw error;
    }
  }

  async delete(uri: string): Promise<void> {
    if (this.#uris.delete(uri)) await this.#update();
  }

  close(): void {
    this.#closed.abort();
    this.#stream?.abort();
  }

  /** Asks anew for what is wanted now; several changes at once make one request. @returns what the backend agrees to */
  #update(): Promise<JsonObject> {
    this.#next ??= this.#opening
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        this.#opening = this.#open();
        return this.#opening;
      });
    return this.#next;
  }

  async #open(): Promise<JsonObject> {
    const filter = this.#filter();
    if (Object.keys(filter).length > 0 && !this.#closed.signal.aborted) return this.#begin(filter);
    this.#replace(undefined);
    return {};
  }

  /** The stream before this one ends when this one is there, so that no change goes unheard. */
  #replace(stream: AbortController | undefined): void {
    if (this.#stream !== stream) this.#stream?.abort();
    this.#stream = stream;
    if (this.#closed.signal.aborted) stream?.abort();
  }

  #begin(filter: JsonObject): Promise<JsonObject> {
    const openedAt = Date.now();
    const stream = new AbortController();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        stream.abort();
        reject(new UpstreamError('did not acknowledge a subscription'));
      }, acknowledgeMs).unref();
      const onNotification = (method: string, params: JsonObject) => {
        if (method !== 'notifications/subscriptions/acknowledged') return this.#events.onNotification(method, params);
        clearTimeout(timer);
        this.#replace(stream);
        resolve(isObject(params.notifications) ? params.notifications : filter);
      };
      const onEnd = (error: unknown) => {
        clearTimeout(timer);
        reject(error);
        if (this.#stream !== stream) return;
        this.#stream = undefined;
        if (Date.now() - openedAt > reopenMs.most) this.#waitMs = reopenMs.usual;
        void this.#reopen(error);
      };
      this.#listen(filter, { signal: stream.signal, onNotification }).then(
        () => onEnd(new UpstreamError('ended a subscription')),
        onEnd,
      );
    });
  }

  #filter(): JsonObject {
    return {
      ...Object.fromEntries(this.#lists.map(([, member]) => [member, true])),
      ...(this.#uris.size > 0 && { resourceSubscriptions: [...this.#uris] }),
    };
  }

  /** Listens again, later each time, unless the backend knows nothing of it; what changed meanwhile is taken to have changed. */
  async #reopen(error: unknown): Promise<void> {
    let failure = error;
    const { signal } = this.#closed;
    while (!signal.aborted && !(failure instanceof RpcError && failure.code === rpcCodes.methodNotFound)) {
      await delay(this.#waitMs, undefined, { signal, ref: false }).catch(() => {});
      this.#waitMs = Math.min(this.#waitMs * 2, reopenMs.most);
      if (signal.aborted || this.#stream) return;
      try {
        await this.#update();
        for (const [, , method] of this.#lists) this.#events.onNotification(method, {});
        for (const uri of this.#uris) this.#events.onNotification('notifications/resources/updated', { uri });
        return;
      } catch (again) {
        failure = again;
      }
    }
  }
}
