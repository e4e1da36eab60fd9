import type { ClientProfile } from '../config/client.js';
import type { Logger } from '../config/host.js';
import { localUser } from '../config/identity.js';
import { isObject, type JsonObject, type JsonRpcId, type JsonRpcMessage } from '../config/json-rpc.js';
import type { Dispatcher } from '../config/session.js';
import { type Era, latestLegacyVersion } from '../config/versions.js';
import { RpcError, rpcCodes } from '../errors.js';
import { failureOf } from '../protocol/failures.js';
import { clientOf, isModern } from '../protocol/request-meta.js';
import {
  listenMethod,
  type ServerInfo,
  toLegacyResult,
  toModernResult,
  withSubscription,
} from '../protocol/results.js';
import type { Channel } from './channel.js';
import { InFlight } from './in-flight.js';
import { type ClientRequest, sortMessage } from './incoming.js';
import { StdioSession } from './session.js';

/** The notification with which either side says that it does not wait any more. */
const cancelled = 'notifications/cancelled';

/** What a conversation needs from the rest of the gateway. */
export interface ConversationDependencies {
  readonly dispatcher: Dispatcher;
  readonly serverInfo: ServerInfo;
  readonly logger: Logger;
}

/**
 * What is said on one channel. Requests of both eras share it: those of the modern era are answered each by itself, the others
 * belong to the session that the handshake began.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning#backward-compatibility-with-initialization-based-versions
 */
export class Conversation {
  readonly #channel: Channel;
  readonly #dependencies: ConversationDependencies;
  readonly #inFlight = new InFlight();
  /** Ids of the subscriptions among them, which last until somebody ends them. */
  readonly #listening = new Set<JsonRpcId>();
  #session: StdioSession | undefined;
  /** Settled when the handshake that is under way has ended, either way. */
  #opening: Promise<unknown> | undefined;
  #isClosing = false;

  constructor(channel: Channel, dependencies: ConversationDependencies) {
    this.#channel = channel;
    this.#dependencies = dependencies;
  }

  /** The version agreed on in the handshake. */
  async version(): Promise<string | undefined> {
    await this.#opening;
    return this.#session?.client.version;
  }

  /** Takes in one message. @returns its answer, if it gets one */
  async receive(message: unknown): Promise<JsonRpcMessage | undefined> {
    const incoming = sortMessage(message);
    switch (incoming.kind) {
      case 'request':
        return this.#answer(incoming);
      case 'response':
        this.#session?.settle(incoming.response);
        return undefined;
      case 'notification':
        this.#takeNotice(incoming.method, incoming.params);
        return undefined;
      case 'fault':
        return { jsonrpc: '2.0', id: incoming.id, error: incoming.error };
    }
  }

  /** Lets requests in flight finish, at most `graceMs`, and tells those who listen that this is the end. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    for (const id of this.#listening) this.#endListening(id);
    await this.#inFlight.drain(graceMs);
    this.#endSession();
  }

  /** @returns nothing when the client has cancelled the request */
  async #answer(request: ClientRequest): Promise<JsonRpcMessage | undefined> {
    const { id, method, params } = request;
    const era = isModern(method, params) ? 'modern' : 'legacy';
    let signal: AbortSignal;
    try {
      if (this.#isClosing) throw new RpcError(rpcCodes.refused, 'the gateway is shutting down');
      signal = this.#inFlight.begin(id);
    } catch (error) {
      return this.#failure(request, error, era);
    }
    try {
      const result = await (era === 'modern' ? this.#serveModern(request, signal) : this.#serveLegacy(request, signal));
      return signal.aborted ? undefined : { jsonrpc: '2.0', id, result };
    } catch (error) {
      return signal.aborted ? undefined : this.#failure(request, error, era);
    } finally {
      this.#inFlight.end(id);
    }
  }

  async #serveModern({ id, method, params }: ClientRequest, signal: AbortSignal): Promise<unknown> {
    const client = clientOf(method, params);
    const isListening = method === listenMethod;
    if (isListening) this.#listening.add(id);
    try {
      const result = await this.#dependencies.dispatcher.dispatch(method, params, {
        identity: localUser,
        client,
        signal,
        notify: (name, content) =>
          this.#notify(name, isListening ? withSubscription(content, id) : content, signal, isListening),
      });
      return toModernResult(isListening ? withSubscription(result, id) : result, this.#dependencies.serverInfo);
    } finally {
      this.#listening.delete(id);
    }
  }

  async #serveLegacy({ method, params }: ClientRequest, signal: AbortSignal): Promise<unknown> {
    if (method === 'initialize') return this.#initialize(params, signal);
    if (method === 'ping') return {};
    await this.#opening;
    const session = this.#session;
    if (!session) throw new RpcError(rpcCodes.invalidRequest, 'send initialize first');
    const over = new AbortController();
    try {
      const result = await this.#dependencies.dispatcher.dispatch(method, params, {
        identity: localUser,
        client: session.client,
        session,
        signal,
        notify: (name, content) => this.#notify(name, content, signal, false),
        ask: (name, content, wanted) => session.ask(name, content, AbortSignal.any([signal, wanted, over.signal])),
      });
      return toLegacyResult(result);
    } finally {
      // Nobody needs to answer any more what this request was asked about.
      over.abort();
    }
  }

  #notify(method: string, params: JsonObject, signal: AbortSignal, keep: boolean): void {
    if (!signal.aborted) this.#channel.notify(method, params, keep);
  }

  #initialize(params: JsonObject, signal: AbortSignal): Promise<JsonObject> {
    const opening = this.#open(params, signal);
    this.#opening = opening.catch(() => {});
    return opening;
  }

  /** A client that shakes hands again begins again. */
  async #open(params: JsonObject, signal: AbortSignal): Promise<JsonObject> {
    const { dispatcher } = this.#dependencies;
    const capabilities = isObject(params.capabilities) ? params.capabilities : {};
    const client: ClientProfile = { era: 'legacy', version: latestLegacyVersion, capabilities };
    const context = { identity: localUser, client, signal, notify: () => {} };
    const result = (await dispatcher.dispatch('initialize', params, context)) as JsonObject;
    this.#endSession();
    this.#session = new StdioSession({ ...client, version: String(result.protocolVersion) }, this.#channel);
    dispatcher.sessionOpened(this.#session);
    return result;
  }

  #endSession(): void {
    const session = this.#session;
    if (!session) return;
    this.#session = undefined;
    session.close();
    this.#dependencies.dispatcher.sessionClosed(session);
  }

  #takeNotice(method: string, params: JsonObject): void {
    if (method === cancelled) this.#inFlight.cancel(params.requestId as JsonRpcId);
    else if (this.#session) this.#dependencies.dispatcher.notified(method, params, this.#session);
  }

  /** Says goodbye in both ways the specification knows: the result that the request waited for, and that nothing more comes. */
  #endListening(id: JsonRpcId): void {
    this.#inFlight.cancel(id);
    const result = toModernResult(withSubscription({}, id), this.#dependencies.serverInfo);
    this.#channel.send({ jsonrpc: '2.0', id, result });
    this.#channel.notify(cancelled, { requestId: id }, true);
  }

  #failure({ id, method }: ClientRequest, error: unknown, era: Era): JsonRpcMessage {
    const known = failureOf(error, era);
    if (known) return { jsonrpc: '2.0', id, error: known };
    this.#dependencies.logger.error({ method, error: String(error) }, 'request failed');
    return { jsonrpc: '2.0', id, error: { code: rpcCodes.internalError, message: 'internal error' } };
  }
}
