import type { Abortable } from '../contracts/abortable.js';
import type { Chunks } from '../contracts/chunks.js';
import type { Identity } from '../contracts/identity.js';
import { isObject, type JsonRpcMessage } from '../contracts/json-rpc.js';
import { UpstreamError } from '../errors.js';
import type { AnswerStream } from '../outgoing/answer-stream.js';
import type { ServerSentEvent } from '../outgoing/event-stream.js';
import { HttpStatusError } from '../outgoing/failures.js';
import { type HttpAnswer, headerOf, textOf } from '../outgoing/http-answer.js';
import { type HttpClient, toUpstreamError } from '../outgoing/http-client.js';
import { StreamEndError } from './failures.js';
import type { HttpProfile } from './http-profile.js';
import { parsedMessage } from './parsed-message.js';
import { reopenMs } from './reopening.js';
import type { TransportEvents } from './transport.js';

/** Milliseconds a stream may stay open after the answer it was opened for. */
const afterAnswerMs = 1000;

/** Bytes of an answer that may be nothing but white space. */
const longestBlank = 64;

/** Event ids that can be sent back. */
const fitsHeader = /^[\x20-\x7e]{0,1024}$/;

/** Where a stream goes on when it breaks. */
export interface StreamPosition {
  /** Milliseconds until it is opened again. */
  waitMs: number;
  lastEventId?: string;
}

/** The beginning of a stream. */
export function startOfStream(): StreamPosition {
  return { waitMs: reopenMs.usual };
}

/** What each message over HTTP goes through in every era: POST, and an answer that is JSON or a stream of events. */
export class HttpExchange {
  readonly client: HttpClient;
  readonly profile: HttpProfile;
  readonly events: TransportEvents;

  constructor(client: HttpClient, profile: HttpProfile, events: TransportEvents) {
    this.client = client;
    this.profile = profile;
    this.events = events;
  }

  /** Sends a message. @throws {UpstreamError} when there is none */
  post(
    message: JsonRpcMessage,
    headers: Record<string, string>,
    signal?: Abortable,
    caller?: Identity,
  ): Promise<HttpAnswer> {
    const all = {
      'content-type': 'application/json',
      // Servers refuse a client that does not take both, whichever they answer with.
      accept: 'application/json, text/event-stream',
      ...headers,
    };
    return this.client.send('POST', all, { body: JSON.stringify(message), signal, caller }).catch(this.#doubt);
  }

  /**
   * Takes in an answer that is no stream.
   * @throws {UpstreamError} when it cannot be read or does not answer the message
   */
  read(answer: HttpAnswer, message: JsonRpcMessage): void {
    const isJson = headerOf(answer, 'content-type')?.toLowerCase().startsWith('application/json');
    const awaited = awaitedId(message);
    const { body } = answer;
    // Without streams, JSON is JSON whatever it is called; and what answers a notification is nothing.
    const isRead = this.profile.streams ? isJson : awaited !== undefined;
    // Python's SDK says JSON of an accepted notification, too, which is answered with nothing.
    const isEmpty = body.length < longestBlank && textOf(answer).trim() === '';
    if (isRead && !isEmpty) this.events.onMessage(parse(body), awaited);
    if (this.isAnswered(message)) return;
    if (this.profile.streams) throw unanswered(message);
    if (isEmpty) throw new UpstreamError(`sent an empty answer to ${message.method}`);
    throw new UpstreamError(`sent JSON that is not an answer to ${message.method}`);
  }

  /** Takes in an answer in whichever form. @throws {UpstreamError} like `read`, in the promise */
  async readAny(answer: HttpAnswer, message: JsonRpcMessage): Promise<void> {
    if (answer.stream) await this.readStream(answer.stream, startOfStream(), message);
    else this.read(answer, message);
  }

  /** Reads one stream to its end. @throws {UpstreamError} when it breaks, or ends without answering the message, in the promise */
  async readStream(stream: AnswerStream, position: StreamPosition, message?: JsonRpcMessage): Promise<void> {
    if (!this.profile.streams) {
      stream.end();
      throw new UpstreamError('answered with an event stream; remove "json_only" from the backend');
    }
    const related = message && awaitedId(message);
    let timer: NodeJS.Timeout | undefined;
    const onEvent = ({ data, id, retry }: ServerSentEvent) => {
      if (id !== undefined) position.lastEventId = fitsHeader.test(id) ? id : undefined;
      if (retry !== undefined) position.waitMs = Math.min(Math.max(retry, reopenMs.least), reopenMs.most);
      if (data.length > 0) this.events.onMessage(parse(data), related);
      // A stream should end after the answer; one that does not is ended, else each call would leave a connection open.
      if (message && this.isAnswered(message)) timer ??= setTimeout(() => stream.end(), afterAnswerMs).unref();
    };
    try {
      await stream.read(onEvent);
    } catch (error) {
      const failure = toUpstreamError(error);
      if (!timer && message) this.#doubt(failure);
      if (!timer) throw failure;
    } finally {
      clearTimeout(timer);
    }
    if (message && !this.isAnswered(message)) throw unanswered(message);
  }

  /** False while a request waits for its answer. */
  isAnswered(message: JsonRpcMessage): boolean {
    const id = awaitedId(message);
    return id === undefined || !this.events.isPending(id);
  }

  /** A request was refused otherwise than by an ordinary error: perhaps another server stands there now. */
  doubt(status: number): void {
    if (doubtful.includes(status)) this.events.onDoubt();
  }

  readonly #doubt = (error: UpstreamError): never => {
    if (error.disconnected) this.events.onDoubt();
    throw error;
  };
}

/** The stream of a request ended without its answer. */
export function unanswered({ method }: JsonRpcMessage): StreamEndError {
  return new StreamEndError(`ended its answer to ${method} without a result`);
}

/** Statuses with which a server refuses what belongs to another era or version. */
const doubtful: readonly number[] = [400, 404, 405];

/** The id of a request; `undefined` for what nobody answers. */
export function awaitedId({ id, method }: JsonRpcMessage): string | number | undefined {
  return method === undefined ? undefined : (id ?? undefined);
}

/** OCI names what was wrong in a code, which tells more than the status; its message might hold anything. */
export function refusal(status: number, document: unknown): HttpStatusError {
  const code = isObject(document) ? document.code : undefined;
  return new HttpStatusError(status, typeof code === 'string' && /^[A-Za-z]{1,64}$/.test(code) ? ` (${code})` : '');
}

/** What a refusal says, as far as it is JSON. */
export function documentOf(answer: HttpAnswer): unknown {
  try {
    return JSON.parse(textOf(answer));
  } catch {
    return undefined;
  }
}

function parse(bytes: Chunks): unknown {
  try {
    return parsedMessage(bytes);
  } catch {
    throw new UpstreamError('sent something that is not JSON');
  }
}
