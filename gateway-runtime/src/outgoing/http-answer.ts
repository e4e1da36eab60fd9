import type { Dispatcher } from 'undici';
import type { Abortable } from '../contracts/abortable.js';
import { ChunkCollector, Chunks, withoutMark } from '../contracts/chunks.js';
import { AnswerStream } from './answer-stream.js';
import { maxMessageSize, tooLarge } from './message-size.js';

const nothing = new Chunks([]);
const noHeaders: HttpAnswer['headers'] = {};

/** Milliseconds that the text of a refusal is waited for: its status says enough. */
const refusalMs = 1000;

/** An answer: a stream of events from its beginning on, anything else as a whole. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** What it says, unless it is a stream. Of a refusal it may be cut off. */
  readonly body: Chunks;
  /** An event stream, which somebody has to read or to end; absent from other answers. */
  readonly stream?: AnswerStream;
}

/** What an answer says. */
export function textOf({ body }: HttpAnswer): string {
  return body.toString();
}

/** A header of an answer; the first one when there are several. */
export function headerOf({ headers }: Pick<HttpAnswer, 'headers'>, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Sends a request. @throws whatever the connection fails with, an AbortError, or UpstreamError for an answer that is too large */
export function requested(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  signal: Abortable | undefined,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const reader = new AnswerReader(resolve, reject, signal);
    if (reader.begin()) dispatcher.dispatch(request, reader);
  });
}

/** Takes in one answer as it comes. */
class AnswerReader implements Dispatcher.DispatchHandler {
  readonly #resolve: (answer: HttpAnswer) => void;
  readonly #reject: (error: unknown) => void;
  readonly #signal: Abortable | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: HttpAnswer['headers'] = noHeaders;
  #stream: AnswerStream | undefined;
  /** Ends the wait for the text of a refusal. */
  #timer: NodeJS.Timeout | undefined;
  readonly #chunks = new ChunkCollector();
  #size = 0;

  constructor(resolve: (answer: HttpAnswer) => void, reject: (error: unknown) => void, signal: Abortable | undefined) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#signal = signal;
  }

  /** @returns false when nobody wants the answer any more */
  begin(): boolean {
    if (this.#signal?.aborted) {
      this.#abort();
      return false;
    }
    this.#signal?.addEventListener('abort', this.#abort);
    return true;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#signal?.aborted) this.#abort();
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: HttpAnswer['headers']): void {
    // What comes before the answer says nothing of it.
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    if (status >= 300) {
      this.#timer = setTimeout(() => this.#endRefusal(controller), refusalMs);
    } else if (headerOf({ headers }, 'content-type')?.toLowerCase().startsWith('text/event-stream')) {
      this.#stream = new AnswerStream(controller);
      this.#resolve({ status, headers, body: nothing, stream: this.#stream });
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#stream) {
      this.#stream.push(chunk);
      return;
    }
    this.#size += chunk.length;
    if (this.#size <= maxMessageSize) this.#chunks.add(chunk);
    else if (this.#timer) this.#endRefusal(controller);
    else controller.abort(tooLarge());
  }

  onResponseEnd(): void {
    this.#forget();
    if (this.#stream) this.#stream.ended();
    else this.#resolve(this.#answer());
  }

  onResponseError(_: unknown, error: Error): void {
    this.#forget();
    if (this.#stream) this.#stream.failed(error);
    else this.#reject(error);
  }

  #answer(): HttpAnswer {
    return { status: this.#status, headers: this.#headers, body: withoutMark(this.#chunks.take()) };
  }

  #endRefusal(controller: Dispatcher.DispatchController): void {
    this.#resolve(this.#answer());
    controller.abort(abortError());
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#abort);
  }

  /** What waits for a connection is given up at once, and the request as soon as it has one. */
  readonly #abort = (): void => {
    const reason = (this.#signal as Partial<AbortSignal>).reason ?? abortError();
    if (this.#controller) this.#controller.abort(reason);
    else this.#reject(reason);
  };
}

function abortError(): Error {
  return new DOMException('This operation was aborted', 'AbortError');
}
