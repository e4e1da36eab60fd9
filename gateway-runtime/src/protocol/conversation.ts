import { latestLegacyVersion } from '../config/versions.js';
import { type Abortable, toAbortSignal } from '../contracts/abortable.js';
import type { ClientProfile } from '../contracts/client.js';
import type { Logger } from '../contracts/host.js';
import type { Identity } from '../contracts/identity.js';
import type { JsonObject, JsonRpcId, JsonRpcMessage } from '../contracts/json-rpc.js';
import type { Dispatcher } from '../contracts/session.js';
import type { TraceContext } from '../contracts/trace.js';
import { RpcError, rpcCodes } from '../errors.js';
import { capabilitiesOf } from './capabilities.js';
import type { Channel } from './channel.js';
import { ChannelSession } from './channel-session.js';
import { failed } from './failures.js';
import { InFlight } from './in-flight.js';
import { batchVersion, type ClientRequest, cancelled, faultOfBatch, sortMessage } from './incoming.js';
import { clientOf, isModern } from './request-meta.js';
import { listenMethod, type ServerInfo, toLegacyResult, toModernResult, withSubscription } from './results.js';

/** What a conversation needs from the rest of the gateway. */
export interface ConversationDependencies {
  readonly dispatcher: Dispatcher;
  readonly serverInfo: ServerInfo;
  readonly logger: Logger;
}

/** What may be said on a channel. */
export interface ConversationOptions {
  /** The view that the client opened. @default - everything */
  readonly view?: string;
  /** Whether requests of the modern era are known. */
  readonly isModern: boolean;
}

/** Who sent a message. */
export interface Sender {
  readonly identity: Identity;
  /** What the transport says of the trace that it belongs to. */
  readonly trace?: TraceContext;
  /** The id of the HTTP request that brought it. */
  readonly requestId?: string;
}

/**
 * What is said on one channel. Requests of both eras share it: those of the modern era are answered each by itself, the others
 * belong to the session that the handshake began.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning#backward-compatibility-with-initialization-based-versions
 */
export class Conversation {
  readonly #channel: Channel;
  readonly #dependencies: ConversationDependencies;
  readonly #options: ConversationOptions;
  readonly #inFlight = new InFlight();
  /** Ids of the subscriptions among them, which last until somebody ends them. */
  readonly #listening = new Set<JsonRpcId>();
  #session: ChannelSession | undefined;
  /** Settled when the handshake that is under way has ended, either way. */
  #opening: Promise<unknown> | undefined;
  #isClosing = false;

  constructor(channel: Channel, dependencies: ConversationDependencies, options: ConversationOptions) {
    this.#channel = channel;
    this.#dependencies = dependencies;
    this.#options = options;
  }

  /** Takes in a message or a batch of them, and answers on the channel. */
  async receive(message: unknown, sender: Sender): Promise<void> {
    if (Array.isArray(message)) return this.#receiveBatch(message, sender);
    const answer = await this.#receiveOne(message, sender);
    if (answer) this.#channel.send(answer);
  }

  /** Says that something could not be taken in. It has no id, since none could be read. */
  refuse(message: string, code: number = rpcCodes.invalidRequest): void {
    this.#channel.send({ jsonrpc: '2.0', error: { code, message } });
  }

  /** Lets requests in flight finish, at most `graceMs`, and tells those who listen that this is the end. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    for (const id of this.#listening) this.#endListening(id);
    await this.#inFlight.drain(graceMs);
    this.#endSession();
  }

  async #receiveBatch(messages: readonly unknown[], sender: Sender): Promise<void> {
    await this.#opening;
    if (this.#session?.client.version !== batchVersion) {
      return this.refuse(`batches exist only in MCP ${batchVersion}`);
    }
    const fault = faultOfBatch(messages);
    if (fault !== undefined) return this.refuse(fault);
    const answers = await Promise.all(messages.map((message) => this.#receiveOne(message, sender)));
    const wanted = answers.filter((answer) => answer !== undefined);
    if (wanted.length > 0) this.#channel.send(wanted);
  }

  /** @returns the answer, if there is one */
  async #receiveOne(message: unknown, sender: Sender): Promise<JsonRpcMessage | undefined> {
    const incoming = sortMessage(message);
    switch (incoming.kind) {
      case 'request':
        return this.#answer(incoming, sender);
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

  /** @returns nothing when the client has cancelled the request */
  async #answer(request: ClientRequest, sender: Sender): Promise<JsonRpcMessage | undefined> {
    const { id, method, params } = request;
    const era = this.#options.isModern && isModern(method, params) ? 'modern' : 'legacy';
    let signal: Abortable;
    try {
      if (this.#isClosing) throw new RpcError(rpcCodes.refused, 'the gateway is shutting down');
      signal = this.#inFlight.begin(id);
    } catch (error) {
      return failed(request, error, era, this.#dependencies.logger, sender);
    }
    try {
      const result = await (era === 'modern'
        ? this.#serveModern(request, signal, sender)
        : this.#serveLegacy(request, signal, sender));
      return signal.aborted ? undefined : { jsonrpc: '2.0', id, result };
    } catch (error) {
      return signal.aborted ? undefined : failed(request, error, era, this.#dependencies.logger, sender);
    } finally {
      this.#inFlight.end(id);
    }
  }

  async #serveModern({ id, method, params }: ClientRequest, signal: Abortable, sender: Sender): Promise<unknown> {
    const client = clientOf(method, params);
    const { view } = this.#options;
    const isListening = method === listenMethod;
    if (isListening) this.#listening.add(id);
    try {
      const result = await this.#dependencies.dispatcher.dispatch(method, params, {
        ...sender,
        view,
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

  async #serveLegacy({ method, params }: ClientRequest, signal: Abortable, sender: Sender): Promise<unknown> {
    if (method === 'initialize') return this.#initialize(params, signal, sender);
    if (method === 'ping') return {};
    await this.#opening;
    const session = this.#session;
    if (!session) throw new RpcError(rpcCodes.invalidRequest, 'send initialize first');
    const over = new AbortController();
    try {
      const result = await this.#dependencies.dispatcher.dispatch(method, params, {
        ...sender,
        view: session.view,
        client: session.client,
        session,
        signal,
        notify: (name, content) => this.#notify(name, content, signal, false),
        ask: (name, content, wanted) =>
          session.ask(name, content, AbortSignal.any([toAbortSignal(signal), wanted, over.signal])),
      });
      return toLegacyResult(result);
    } finally {
      // Nobody needs to answer any more what this request was asked about.
      over.abort();
    }
  }

  #notify(method: string, params: JsonObject, signal: Abortable, keep: boolean): void {
    if (!signal.aborted) this.#channel.notify(method, params, keep);
  }

  #initialize(params: JsonObject, signal: Abortable, sender: Sender): Promise<JsonObject> {
    const opening = this.#open(params, signal, sender);
    this.#opening = opening.catch(() => {});
    return opening;
  }

  /** A client that shakes hands again begins again. */
  async #open(params: JsonObject, signal: Abortable, sender: Sender): Promise<JsonObject> {
    const { dispatcher } = this.#dependencies;
    const { view } = this.#options;
    const capabilities = capabilitiesOf(params.capabilities);
    const client: ClientProfile = { era: 'legacy', version: latestLegacyVersion, capabilities };
    const context = { ...sender, view, client, signal, notify: () => {} };
    const result = (await dispatcher.dispatch('initialize', params, context)) as JsonObject;
    this.#endSession();
    const agreed = { ...client, version: String(result.protocolVersion) };
    this.#session = new ChannelSession(sender.identity, agreed, view, this.#channel);
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
}
