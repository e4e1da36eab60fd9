import type { Era } from '../config/versions.js';
import { isObject, type JsonObject, type JsonRpcId, type JsonRpcMessage } from '../contracts/json-rpc.js';
import type { UpstreamEvents, UpstreamRequestOptions } from '../contracts/upstream.js';
import { RpcError, rpcCodes, UpstreamError } from '../errors.js';
import { cancelled } from '../protocol/incoming.js';
import { metaKeys, metaOf, withMeta } from '../protocol/meta.js';
import { PendingRequest } from './pending-request.js';
import { PendingRequests } from './pending-requests.js';
import type { Send } from './transport.js';

/** Most requests of one backend that are answered at once; each may wait for a person. */
const mostRequests = 100;

/** Notifications that are for everybody, wherever they come. */
const isForAll = /^notifications\/((tools|prompts|resources)\/list_changed|resources\/updated)$/;

/** Matches answers, progress and log messages of one backend with the requests they belong to. */
export class Correlator {
  /** In the modern one a backend asks nothing, and what it cancels are subscriptions of ours. */
  era: Era = 'legacy';
  readonly #pending = new PendingRequests();
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
    return new Promise((resolve, reject) => {
      const pending = new PendingRequest({
        id,
        method,
        options,
        timeoutMs,
        resolve,
        reject,
        onSettled: () => this.#pending.delete(pending),
        onAbandoned: (reason) => {
          if (uncancelled.includes(method)) return;
          this.#tell(cancelled, { requestId: id, reason }, options).catch(() => {});
        },
      });
      this.#pending.add(pending);
      if (!pending.begin()) return;
      const withToken = withProgressToken(params, options.onProgress && id);
      this.#send({ jsonrpc: '2.0', id, method, params: withToken }, pending.cancellation, options).catch((error) =>
        pending.reject(error),
      );
    });
  }

  /** Sends a notification; how long its delivery may take is bounded too, since it may be waited for. */
  notify(method: string, params?: JsonObject, timeoutMs = this.#timeoutMs): Promise<void> {
    return this.#send({ jsonrpc: '2.0', method, params }, AbortSignal.timeout(timeoutMs));
  }

  /** Sends a notification for the one who made a request. */
  #tell(method: string, params: JsonObject, { caller }: UpstreamRequestOptions): Promise<void> {
    return this.#send({ jsonrpc: '2.0', method, params }, AbortSignal.timeout(this.#timeoutMs), { caller });
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
    else if (this.era === 'legacy') void this.#answer(message.id, message.method, paramsOf(message), related);
  }

  /** Is the answer to this request still awaited? */
  isPending(id: JsonRpcId): boolean {
    return this.#pending.get(id) !== undefined;
  }

  /** Fails every request that waits for an answer. */
  rejectAll(error: Error): void {
    for (const controller of this.#answering.values()) controller.abort();
    for (const pending of this.#pending.all()) pending.reject(error);
  }

  #receiveAnswer({ id, result, error }: JsonRpcMessage): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    // Clients ignore what is not JSON-RPC and would wait for ever.
    if (isError(error)) pending.reject(new RpcError(error.code, error.message, error.data));
    else if (isObject(result)) pending.resolve(result);
    else pending.reject(new UpstreamError('sent an answer that is neither a result nor an error of JSON-RPC'));
  }

  #receiveNotification(method: string, params: JsonObject, related?: JsonRpcId): void {
    const { [metaKeys.subscriptionId]: subscription } = metaOf(params);
    if (this.era === 'modern' && subscription !== undefined) {
      const pending = this.#pending.get(subscription as JsonRpcId);
      pending?.options.onNotification?.(method, withMeta(params, { [metaKeys.subscriptionId]: undefined }));
    } else if (method === 'notifications/progress') {
      const { progressToken, ...progress } = params;
      const pending = this.#pending.get(progressToken as JsonRpcId);
      pending?.refresh();
      pending?.options.onProgress?.(progress);
    } else if (method === 'notifications/message') {
      const pending = this.#pendingFor(related);
      pending?.refresh();
      if (pending) pending.options.onNotification?.(method, params);
      else this.#events.onNotification(method, params);
    } else if (method === cancelled) {
      const id = params.requestId as JsonRpcId;
      if (this.era === 'legacy') this.#answering.get(id)?.abort();
      else this.#pending.get(id)?.reject(new UpstreamError('ended a subscription'));
    } else {
      const pending = related === undefined || isForAll.test(method) ? undefined : this.#pending.get(related);
      const notify = pending?.options.onNotification ?? this.#events.onNotification;
      notify(method, params);
    }
  }

  /** The request that a log message belongs to: the one of its stream, else the only one of a caller that there is. */
  #pendingFor(related: JsonRpcId | undefined): PendingRequest | undefined {
    if (related !== undefined) return this.#pending.get(related);
    const ofCallers = this.#pending.all().filter(({ isOfCaller }) => isOfCaller);
    return ofCallers.length === 1 ? ofCallers[0] : undefined;
  }

  async #answer(id: JsonRpcId | null, method: string, params: JsonObject, related?: JsonRpcId): Promise<void> {
    const asked = new AbortController();
    const answer = await this.#answerTo(id, method, params, related, asked);
    // Nobody waits for the answer to a request that was cancelled.
    if (asked.signal.aborted) return;
    this.#send({ jsonrpc: '2.0', id, ...answer }, AbortSignal.timeout(this.#timeoutMs)).catch(() => {});
  }

  async #answerTo(
    id: JsonRpcId | null,
    method: string,
    params: JsonObject,
    related: JsonRpcId | undefined,
    asked: AbortController,
  ): Promise<Pick<JsonRpcMessage, 'result' | 'error'>> {
    if (method === 'ping') return { result: {} };
    if (id === null || this.#answering.has(id)) return refuse(rpcCodes.invalidRequest, 'the id is not free');
    if (this.#answering.size >= mostRequests) return refuse(rpcCodes.internalError, 'too many requests at once');
    // What names no request may belong to any: who shares the connection cannot be asked, and whoever has it waits.
    const pending = related === undefined ? undefined : this.#pending.get(related);
    const paused = (pending ? [pending] : this.#pending.all()).map((each) => each.pause());
    this.#answering.set(id, asked);
    try {
      const answer = pending?.options.onRequest ?? this.#events.onRequest;
      return { result: await answer(method, params, asked.signal) };
    } catch (error) {
      if (!(error instanceof RpcError)) return refuse(rpcCodes.internalError, 'internal error');
      const { code, message, data } = error;
      return { error: { code, message, ...(data !== undefined && { data }) } };
    } finally {
      this.#answering.delete(id);
      for (const resume of paused) resume();
    }
  }
}

/** A handshake must not be cancelled, and a backend that does not know what it is asked need not hear of it again. */
const uncancelled: readonly string[] = ['initialize', 'server/discover'];

function refuse(code: number, message: string): Pick<JsonRpcMessage, 'error'> {
  return { error: { code, message } };
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

/** Tokens are the gateway's own: a caller's would not be unique here. */
function withProgressToken(params: JsonObject | undefined, token: JsonRpcId | undefined): JsonObject | undefined {
  if (token !== undefined) return withMeta(params, { progressToken: token });
  return Object.hasOwn(metaOf(params), 'progressToken') ? withMeta(params, { progressToken: undefined }) : params;
}
