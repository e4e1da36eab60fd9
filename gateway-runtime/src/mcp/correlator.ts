import { isObject, type JsonObject, type JsonRpcId, type JsonRpcMessage } from '../config/json-rpc.js';
import type { UpstreamEvents, UpstreamRequestOptions } from '../config/upstream.js';
import { RpcError, rpcCodes, UpstreamError } from '../errors.js';

/**
 * Sends one message; `signal` is aborted when it took too long or its answer is not wanted any more. `headers` go with it
 * where messages have any.
 */
export type Send = (
  message: JsonRpcMessage,
  signal?: AbortSignal,
  headers?: Readonly<Record<string, string>>,
) => Promise<void>;

interface Pending {
  readonly options: UpstreamRequestOptions;
  /** Begins to wait anew. */
  refresh(): void;
  /** Stops the clock while somebody else is asked for something. @returns what starts it again */
  pause(): () => void;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** Matches answers, progress and log messages of one backend with the requests they belong to. */
export class Correlator {
  readonly #pending = new Map<JsonRpcId, Pending>();
  readonly #send: Send;
  readonly #timeoutMs: number;
  readonly #events: Pick<UpstreamEvents, 'onNotification' | 'onRequest'>;
  /** Requests of the backend that somebody is answering. */
  readonly #answering = new Map<JsonRpcId, AbortController>();
  #lastId = 0;

  constructor(send: Send, timeoutMs: number, events: Pick<UpstreamEvents, 'onNotification' | 'onRequest'>) {
    this.#send = send;
    this.#timeoutMs = timeoutMs;
    this.#events = events;
  }

  /** Sends a request and waits for its answer; progress and log messages start the timeout again. */
  request(
    method: string,
    params: JsonObject | undefined,
    options: UpstreamRequestOptions = {},
    timeoutMs = this.#timeoutMs,
  ): Promise<unknown> {
    const id = ++this.#lastId;
    const abandoned = new AbortController();
    return new Promise((resolve, reject) => {
      const { signal } = options;
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#pending.delete(id);
      };
      const abandon = (reason: string, error: Error) => {
        settle();
        abandoned.abort();
        // An initialize request must not be cancelled.
        if (method !== 'initialize') this.notify('notifications/cancelled', { requestId: id, reason }).catch(() => {});
        reject(error);
      };
      const onAbort = () => abandon('the client cancelled the request', new UpstreamError('cancelled'));
      const onTimeout = () =>
        abandon('timeout', new UpstreamError(`did not answer ${method} within ${timeoutMs / 1000} s`));
      let timer = setTimeout(onTimeout, timeoutMs);
      let pauses = 0;
      this.#pending.set(id, {
        options,
        refresh: () => {
          if (pauses === 0) timer.refresh();
        },
        pause: () => {
          pauses++;
          clearTimeout(timer);
          return () => {
            pauses--;
            if (pauses === 0 && this.#pending.has(id)) timer = setTimeout(onTimeout, timeoutMs);
          };
        },
        resolve: (result) => {
          settle();
          resolve(result);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      if (signal?.aborted) return onAbort();
      signal?.addEventListener('abort', onAbort);
      const withToken = options.onProgress ? withProgressToken(params, id) : params;
      this.#send({ jsonrpc: '2.0', id, method, params: withToken }, abandoned.signal, { ...options.trace }).catch(
        (error) => {
          this.#pending.get(id)?.reject(error);
        },
      );
    });
  }

  /** Sends a notification; how long its delivery may take is bounded too, since it may be waited for. */
  notify(method: string, params?: JsonObject, timeoutMs = this.#timeoutMs): Promise<void> {
    return this.#send({ jsonrpc: '2.0', method, params }, AbortSignal.timeout(timeoutMs));
  }

  /**
   * Takes in one message from the backend.
   *
   * @param related Id of the request on whose stream it came, where the transport has one stream per request.
   */
  receive(message: unknown, related?: JsonRpcId): void {
    // Batches hold messages and no further batches.
    for (const part of Array.isArray(message) ? message : [message]) {
      if (isMessage(part)) this.#receiveOne(part, related);
    }
  }

  #receiveOne(message: JsonRpcMessage, related?: JsonRpcId): void {
    if (message.method === undefined) this.#receiveAnswer(message);
    else if (message.id === undefined) this.#receiveNotification(message.method, paramsOf(message), related);
    else void this.#answer(message.id, message.method, paramsOf(message), related);
  }

  /** Is the answer to this request still awaited? */
  isPending(id: JsonRpcId): boolean {
    return this.#pending.has(id);
  }

  /** Fails every request that waits for an answer. */
  rejectAll(error: Error): void {
    for (const controller of this.#answering.values()) controller.abort();
    for (const pending of [...this.#pending.values()]) pending.reject(error);
  }

  #receiveAnswer({ id, result, error }: JsonRpcMessage): void {
    const pending = id === undefined || id === null ? undefined : this.#pending.get(id);
    if (!pending) return;
    // Clients ignore what is not JSON-RPC and would wait for ever.
    if (isError(error)) pending.reject(new RpcError(error.code, error.message, error.data));
    else if (isObject(result)) pending.resolve(result);
    else pending.reject(new UpstreamError('sent an answer that is neither a result nor an error of JSON-RPC'));
  }

  #receiveNotification(method: string, params: JsonObject, related?: JsonRpcId): void {
    if (method === 'notifications/progress') {
      const { progressToken, ...progress } = params;
      const pending = this.#pending.get(progressToken as JsonRpcId);
      pending?.refresh();
      pending?.options.onProgress?.(progress);
    } else if (method === 'notifications/message') {
      const pending = this.#pendingFor(related);
      pending?.refresh();
      if (pending) pending.options.onNotification?.(method, params);
      else this.#events.onNotification(method, params);
    } else if (method === 'notifications/cancelled') {
      this.#answering.get(params.requestId as JsonRpcId)?.abort();
    } else {
      this.#events.onNotification(method, params);
    }
  }

  /** The request that a message belongs to: the one of its stream, else the only one there is. */
  #pendingFor(related: JsonRpcId | undefined): Pending | undefined {
    if (related !== undefined) return this.#pending.get(related);
    return this.#pending.size === 1 ? this.#pending.values().next().value : undefined;
  }

  async #answer(id: JsonRpcId | null, method: string, params: JsonObject, related?: JsonRpcId): Promise<void> {
    const answer = method === 'ping' ? { result: {} } : await this.#ask(id, method, params, this.#pendingFor(related));
    this.#send({ jsonrpc: '2.0', id, ...answer }, AbortSignal.timeout(this.#timeoutMs)).catch(() => {});
  }

  async #ask(
    id: JsonRpcId | null,
    method: string,
    params: JsonObject,
    pending: Pending | undefined,
  ): Promise<Pick<JsonRpcMessage, 'result' | 'error'>> {
    const controller = new AbortController();
    const resume = pending?.pause();
    if (id !== null) this.#answering.set(id, controller);
    try {
      const answer = pending?.options.onRequest ?? this.#events.onRequest;
      return { result: await answer(method, params, controller.signal) };
    } catch (error) {
      if (!(error instanceof RpcError)) return { error: { code: rpcCodes.internalError, message: 'internal error' } };
      const { code, message, data } = error;
      return { error: { code, message, ...(data !== undefined && { data }) } };
    } finally {
      if (id !== null) this.#answering.delete(id);
      resume?.();
    }
  }
}

function isMessage(value: unknown): value is JsonRpcMessage {
  return isObject(value) && value.jsonrpc === '2.0' && ['undefined', 'string'].includes(typeof value.method);
}

function isError(error: unknown): error is NonNullable<JsonRpcMessage['error']> {
  return isObject(error) && Number.isSafeInteger(error.code) && typeof error.message === 'string';
}

function paramsOf({ params }: JsonRpcMessage): JsonObject {
  return isObject(params) ? params : {};
}

function withProgressToken(params: JsonObject | undefined, progressToken: JsonRpcId): JsonObject {
  return { ...params, _meta: { ...(params?._meta as JsonObject | undefined), progressToken } };
}
