import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { JsonRpcMessage } from '../contracts/json-rpc.js';
import { type TraceContext, traceContextOf } from '../contracts/trace.js';
import { toParts, toText } from '../protocol/json.js';
import { EventStream, type MessageStream } from './event-stream.js';
import { sendJson } from './refusal.js';
import { requestIdOf } from './request-id.js';
import type { ResumableStreams } from './resumable-streams.js';

/** What one answer needs to know. */
export interface ExchangeOptions {
  readonly response: ServerResponse;
  /** Milliseconds between comments that keep proxies from closing a quiet stream. */
  readonly keepAliveMs: number;
  /** Streams of the session. @default - a client that loses the stream loses the answer */
  readonly streams?: ResumableStreams;
  /** Whether several requests are answered at once. @default false */
  readonly isBatch?: boolean;
  /** Milliseconds after which the stream begins although there is nothing to say yet. @default - it waits for the answer */
  readonly beginsAfterMs?: number;
  /** The client went away before its answer, and does not come back. */
  onGone(): void;
}

/** The answer to one POST: plain JSON, or an event stream as soon as something must be said before the result. */
export class Exchange {
  /** What the request says of the trace it belongs to. */
  readonly trace: TraceContext | undefined;
  /** The id of the HTTP request. */
  readonly requestId: string | undefined;
  readonly #options: ExchangeOptions;
  #stream: MessageStream | undefined;
  readonly #beginning: NodeJS.Timeout | undefined;
  #finished = false;
  #backend: string | undefined;

  constructor(options: ExchangeOptions) {
    const { response, streams, beginsAfterMs } = options;
    this.#options = options;
    if (beginsAfterMs !== undefined) this.#beginning = setTimeout(() => this.#begin(), beginsAfterMs);
    this.trace = traceContextOf(response.req.headers);
    this.requestId = requestIdOf(response);
    response.once('close', () => {
      if (this.#stream === undefined || streams === undefined) this.#abandon();
    });
  }

  /** Sends a message before the result. @returns whether that is still possible. */
  send(message: JsonRpcMessage): boolean {
    if (this.#finished) return false;
    this.#begin().send(message);
    return true;
  }

  /** Events of the stream name the backend, if it begins after this. */
  answeredBy(backend: string): void {
    if (!this.#options.isBatch) this.#backend = backend;
  }

  /** @param headers Only sent with plain JSON. */
  finish(answers: readonly JsonRpcMessage[], status = 200, headers: OutgoingHttpHeaders = {}): void {
    if (this.#finished) return;
    this.#end();
    if (this.#stream === undefined && answers.length > 0) {
      const body = this.#options.isBatch ? toText(answers) : toParts(answers[0] as JsonRpcMessage);
      sendJson(this.#options.response, status, body, headers);
      return;
    }
    // A cancelled request gets no answer: its stream ends without one.
    const stream = this.#stream ?? new EventStream(this.#options.response, this.#options.keepAliveMs);
    for (const answer of answers) stream.send(answer);
    stream.end();
  }

  #begin(): MessageStream {
    this.#stream ??= this.#open();
    return this.#stream;
  }

  #open(): MessageStream {
    const { response, keepAliveMs, streams } = this.#options;
    if (!streams) return new EventStream(response, keepAliveMs);
    return streams.begin({
      isAnswer: true,
      backend: this.#backend,
      response,
      keepAliveMs,
      onAbandoned: () => this.#abandon(),
    });
  }

  #abandon(): void {
    if (this.#finished) return;
    this.#end();
    this.#options.onGone();
  }

  #end(): void {
    this.#finished = true;
    clearTimeout(this.#beginning);
  }
}
