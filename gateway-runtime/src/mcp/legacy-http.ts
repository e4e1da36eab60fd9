import { setTimeout as delay } from 'node:timers/promises';
import { type Abortable, toAbortSignal } from '../contracts/abortable.js';
import type { Identity } from '../contracts/identity.js';
import { isObject, type JsonRpcMessage } from '../contracts/json-rpc.js';
import type { AnswerStream } from '../outgoing/answer-stream.js';
import { type HttpAnswer, headerOf, textOf } from '../outgoing/http-answer.js';
import { toUpstreamError } from '../outgoing/http-client.js';
import { StreamEndError } from './failures.js';
import {
  awaitedId,
  documentOf,
  type HttpExchange,
  refusal,
  type StreamPosition,
  startOfStream,
  unanswered,
} from './http-exchange.js';
import type { Send } from './transport.js';

/** The first version whose messages name it in a header. */
const firstWithHeader = '2025-06-18';

/** What begins with a handshake. */
interface Session {
  id?: string;
  version?: string;
}

/** A message on its way. */
interface Sending {
  readonly message: JsonRpcMessage;
  readonly signal: Abortable | undefined;
  readonly options: NonNullable<Parameters<Send>[2]>;
}

/**
 * Streamable HTTP of the legacy era: a session that may be lost, a stream to listen to, and streams that can be resumed.
 * https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http
 */
export class LegacyHttp {
  readonly #exchange: HttpExchange;
  readonly #closed = new AbortController();
  #session: Session = {};
  #renewal: Promise<void> | undefined;
  #listening = false;

  constructor(exchange: HttpExchange) {
    this.#exchange = exchange;
  }

  /** Begins a session, or says which version it has. */
  speak(version?: string): void {
    if (version === undefined) this.#session = {};
    else this.#session.version = version;
  }

  readonly send: Send = (message, signal, options = {}) => this.#send({ message, signal, options }, true);

  async close(): Promise<void> {
    this.#closed.abort();
    if (this.#session.id === undefined) return;
    const signal = AbortSignal.timeout(1000);
    const answer = await this.#exchange.client.send('DELETE', this.#headers(), { signal }).catch(() => undefined);
    answer?.stream?.end();
  }

  #send(sending: Sending, again: boolean): Promise<void> {
    const { message, signal, options } = sending;
    if (this.#renewal && !isHandshake(message)) return this.#renewal.then(() => this.#send(sending, again));
    const session = this.#session;
    const headers = { ...options.trace, ...this.#headers() };
    return this.#exchange.post(message, headers, signal, options.caller).then((answer) => {
      if (answer.status >= 300) return this.#refused(answer, session, sending, again);
      if (answer.stream || isHandshake(message)) return this.#readAny(answer, session, sending);
      return this.#exchange.read(answer, message);
    });
  }

  async #refused(answer: HttpAnswer, session: Session, sending: Sending, again: boolean): Promise<void> {
    const { message } = sending;
    if (again && isSessionLost(session.id, answer)) {
      await this.#renew(session);
      return this.#send(sending, false);
    }
    // Some servers send the errors of JSON-RPC with a status of their own.
    const id = awaitedId(message);
    const document = documentOf(answer);
    if (!isHandshake(message)) this.#exchange.doubt(answer.status);
    if (isObject(document) && document.id === id) this.#exchange.events.onMessage(document, id);
    if (id === undefined || !this.#exchange.isAnswered(message)) throw refusal(answer.status, document);
  }

  async #readAny(answer: HttpAnswer, session: Session, sending: Sending): Promise<void> {
    const { sessions, streams } = this.#exchange.profile;
    const { method } = sending.message;
    if (method === 'initialize' && sessions) session.id = headerOf(answer, 'mcp-session-id');
    if (answer.stream) await this.#follow(answer.stream, sending);
    else this.#exchange.read(answer, sending.message);
    if (method === 'notifications/initialized' && streams) void this.#listen();
  }

  #headers(): Record<string, string> {
    const { id, version = '' } = this.#session;
    const headers: Record<string, string> = {};
    if (id !== undefined) headers['mcp-session-id'] = id;
    if (version >= firstWithHeader) headers['mcp-protocol-version'] = version;
    return headers;
  }

  /** Reads a stream, going on where it broke as long as the answer is awaited. */
  async #follow(first: AnswerStream, { message, signal, options }: Sending): Promise<void> {
    const position = startOfStream();
    let stream: AnswerStream | undefined = first;
    while (stream) {
      const failure = await this.#exchange.readStream(stream, position, message).catch(toUpstreamError);
      if (!failure || this.#exchange.isAnswered(message)) return;
      const hasEnded = failure.disconnected || failure instanceof StreamEndError;
      if (!hasEnded || position.lastEventId === undefined) throw failure;
      await delay(position.waitMs, undefined, { signal: signal && toAbortSignal(signal), ref: false });
      stream = await this.#get(position, signal, options.caller);
    }
    throw unanswered(message);
  }

  /** Makes a new session, once for all the requests that found theirs gone. */
  #renew(stale: Session): Promise<void> {
    if (this.#renewal) return this.#renewal;
    if (this.#session !== stale) return Promise.resolve();
    this.#renewal = this.#exchange.events
      .renew()
      .catch((error) => {
        const failure = toUpstreamError(error);
        this.#exchange.events.onGone(failure.message);
        throw failure;
      })
      .finally(() => {
        this.#renewal = undefined;
      });
    return this.#renewal;
  }

  /** Keeps a stream open for what the backend sends unasked, as long as it offers one. */
  async #listen(): Promise<void> {
    if (this.#listening) return;
    this.#listening = true;
    const { signal } = this.#closed;
    const position = startOfStream();
    while (!signal.aborted) {
      const offered = await this.#readStream(position).catch((error) => {
        if (toUpstreamError(error).disconnected) this.#exchange.events.onDoubt();
        return true;
      });
      if (!offered) break;
      await delay(position.waitMs, undefined, { signal, ref: false }).catch(() => {});
    }
    this.#listening = false;
  }

  /** Reads one stream to its end. @returns false when the backend offers none */
  async #readStream(position: StreamPosition): Promise<boolean> {
    const session = this.#session;
    const { signal } = this.#closed;
    const answer = await this.#request(position, signal);
    if (answer.status !== 200) {
      position.lastEventId = undefined;
      if (isSessionLost(session.id, answer)) await this.#renew(session);
      // A conflict: the backend has not noticed yet that the stream before this one broke.
      else if (answer.status !== 409) return false;
      return true;
    }
    if (!answer.stream) return false;
    await this.#exchange.readStream(answer.stream, position);
    return true;
  }

  /** Opens the rest of a stream; `undefined` when there is none to be had. */
  async #get(
    position: StreamPosition,
    signal: Abortable | undefined,
    caller: Identity | undefined,
  ): Promise<AnswerStream | undefined> {
    const { stream } = await this.#request(position, signal, caller);
    return stream;
  }

  #request({ lastEventId }: StreamPosition, signal?: Abortable, caller?: Identity): Promise<HttpAnswer> {
    const headers = {
      accept: 'text/event-stream',
      ...this.#headers(),
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    };
    return this.#exchange.client.send('GET', headers, { signal, caller });
  }
}

function isHandshake({ method }: JsonRpcMessage): boolean {
  return method === 'initialize' || method === 'notifications/initialized';
}

/** 404 by the specification; several servers answer 400 and say so in the text. */
function isSessionLost(sessionId: string | undefined, answer: HttpAnswer): boolean {
  const { status } = answer;
  return sessionId !== undefined && (status === 404 || (status === 400 && /session/i.test(textOf(answer))));
}
