import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { JsonRpcMessage } from '../config/json-rpc.js';
import { type TraceContext, traceContextOf } from '../config/trace.js';
import { toJson } from '../protocol/json.js';
import { EventStream, type MessageStream } from './event-stream.js';
import { sendJson } from './refusal.js';
import type { ResumableStreams } from './resumable-streams.js';

/** What one answer needs to know. */
export interface ExchangeOptions {
  readonly response: ServerResponse;
  /** Milliseconds between comments that keep proxies from closing a quiet stream. */
  readonly keepAliveMs: number;
  /** Streams of the session. @default - a client that loses the stream loses the answer */
  readonly streams?: ResumableStreams;
  /** The client went away before its answer, and does not come back. */
  onGone(): void;
}

/** The answer to one POST: plain JSON, or an event stream as soon as something must be said before the result. */
export class Exchange {
  /** What the request says of the trace it belongs to. */
  readonly trace: TraceContext | undefined;
  readonly #options: ExchangeOptions;
  #stream: MessageStream | undefined;
  #finished = false;

  constructor(options: ExchangeOptions) {
    const { response, streams } = options;
    this.#options = options;
    this.trace = traceContextOf(response.req.headers);
    response.once('close', () => {
      if (this.#stream === undefined || streams === undefined) this.#abandon();
    });
  }

  /** Sends a message before the result. @returns whether that is still possible. */
  send(message: JsonRpcMessage): boolean {
    if (this.#finished) return false;
    this.#stream ??= this.#open();
    this.#stream.send(message);
    return true;
  }

  /** @param headers Only sent with plain JSON. */
  finish(answers: readonly JsonRpcMessage[], isBatch: boolean, status = 200, headers: OutgoingHttpHeaders = {}): void {
    if (this.#finished) return;
    this.#finished = true;
    if (this.#stream === undefined && answers.length > 0) {
      const texts = answers.map(toJson);
      sendJson(this.#options.response, status, isBatch ? `[${texts.join(',')}]` : (texts[0] ?? ''), headers);
      return;
    }
    // A cancelled request gets no answer: its stream ends without one.
    const stream = this.#stream ?? new EventStream(this.#options.response, this.#options.keepAliveMs);
    for (const answer of answers) stream.send(answer);
    stream.end();
  }

  #open(): MessageStream {
    const { response, keepAliveMs, streams } = this.#options;
    if (!streams) return new EventStream(response, keepAliveMs);
    return streams.begin({ isAnswer: true, response, keepAliveMs, onAbandoned: () => this.#abandon() });
  }

  #abandon(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#options.onGone();
  }
}
