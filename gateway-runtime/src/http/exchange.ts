import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { JsonRpcMessage } from '../config/json-rpc.js';
import { type TraceContext, traceContextOf } from '../config/trace.js';
import { toJson } from '../protocol/json.js';
import { EventStream } from './event-stream.js';
import { sendJson } from './refusal.js';

/** The answer to one POST: plain JSON, or an event stream as soon as something must be said before the result. */
export class Exchange {
  /** What the request says of the trace it belongs to. */
  readonly trace: TraceContext | undefined;
  readonly #response: ServerResponse;
  readonly #keepAliveMs: number;
  #stream: EventStream | undefined;
  #finished = false;

  /** @param onGone Called when the client went away before its answer. */
  constructor(response: ServerResponse, keepAliveMs: number, onGone: () => void) {
    this.trace = traceContextOf(response.req.headers);
    this.#response = response;
    this.#keepAliveMs = keepAliveMs;
    response.once('close', () => {
      if (this.#finished) return;
      this.#finished = true;
      onGone();
    });
  }

  /** Sends a message before the result. @returns whether that is still possible. */
  send(message: JsonRpcMessage): boolean {
    if (this.#finished) return false;
    this.#stream ??= new EventStream(this.#response, this.#keepAliveMs);
    this.#stream.send(message);
    return true;
  }

  /** @param headers Only sent with plain JSON. */
  finish(answers: readonly JsonRpcMessage[], isBatch: boolean, status = 200, headers: OutgoingHttpHeaders = {}): void {
    if (this.#finished) return;
    this.#finished = true;
    if (this.#stream === undefined && answers.length > 0) {
      const texts = answers.map(toJson);
      sendJson(this.#response, status, isBatch ? `[${texts.join(',')}]` : (texts[0] ?? ''), headers);
      return;
    }
    // A cancelled request gets no answer: its stream ends without one.
    const stream = this.#stream ?? new EventStream(this.#response, this.#keepAliveMs);
    for (const answer of answers) stream.send(answer);
    stream.end();
  }
}
