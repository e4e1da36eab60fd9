import type { ServerResponse } from 'node:http';
import type { JsonRpcMessage } from '../contracts/json-rpc.js';
import { toJson } from '../protocol/json.js';
import { EventStream, type MessageStream } from './event-stream.js';
import type { ReplayBudget } from './replay-budget.js';

/** What one stream keeps at most; of an answer that is longer than that, only itself. */
const most = { events: 1000, characters: 1024 * 1024 };

/**
 * Milliseconds for which a stream without a client is kept, and what belongs to it goes on: as long as networks usually take
 * to come back. What nobody fetches after that is lost.
 */
const graceMs = 30_000;

/** Milliseconds that clients should wait before they resume. */
const retryMs = 1000;

/** What a stream needs to know. */
export interface ResumableStreamOptions {
  /** Unique in the session. */
  readonly id: string;
  /** Whether it answers a call: then it ends, and its end can be fetched for a while. */
  readonly isAnswer: boolean;
  readonly keepAliveMs: number;
  /** Whether clients want to know the place before the first event. */
  readonly isPrimed: boolean;
  readonly budget: ReplayBudget;
  /** The client went away. */
  onDetached(): void;
  /** The client did not come back. */
  onAbandoned(): void;
  /** Nothing of the stream is kept any more. */
  onForgotten(): void;
}

/** A stream of messages that outlives its connection: a client that lost it goes on after the last event it got. */
export class ResumableStream implements MessageStream {
  readonly #options: ResumableStreamOptions;
  #connection: EventStream | undefined;
  readonly #events: { readonly sequence: number; readonly json: string }[] = [];
  #characters = 0;
  #sequence = 0;
  #ended = false;
  #waiting: NodeJS.Timeout | undefined;

  constructor(options: ResumableStreamOptions) {
    this.#options = options;
  }

  get isAnswer(): boolean {
    return this.#options.isAnswer;
  }

  /** Whether everything was said. */
  get hasEnded(): boolean {
    return this.#ended;
  }

  /**
   * Goes on at this connection; an earlier one ends.
   * @param after Number of the last event that the client got. @default - it got none, and wants only what comes
   */
  attach(response: ServerResponse, after?: number): void {
    const { id, keepAliveMs, isPrimed } = this.#options;
    const earlier = this.#connection;
    const connection = new EventStream(response, keepAliveMs);
    this.#connection = connection;
    earlier?.end();
    if (!this.#ended) clearTimeout(this.#waiting);
    response.once('close', () => {
      if (this.#connection === connection) this.#detach(connection);
    });
    if (after === undefined) {
      if (isPrimed) connection.prime(`${id}.0`, retryMs);
      return;
    }
    for (const { sequence, json } of this.#events) if (sequence > after) connection.write(json, `${id}.${sequence}`);
    if (this.#ended) connection.end();
  }

  send(message: JsonRpcMessage): void {
    if (this.#ended) return;
    const json = toJson(message);
    this.#sequence += 1;
    this.#keep(json);
    this.#connection?.write(json, `${this.#options.id}.${this.#sequence}`);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#connection?.end();
    if (this.isAnswer) this.#wait();
    else this.forget();
  }

  /** Ends the stream for good. */
  forget(): void {
    clearTimeout(this.#waiting);
    this.#ended = true;
    this.#connection?.end();
    while (this.#events.length > 0) this.#drop();
    this.#options.onForgotten();
  }

  #detach({ isOverrun }: EventStream): void {
    this.#connection = undefined;
    if (this.#ended) return;
    this.#options.onDetached();
    // Who did not read will not come back to read.
    if (isOverrun) this.#abandon();
    else this.#wait();
  }

  #wait(): void {
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => this.#abandon(), graceMs).unref();
  }

  #abandon(): void {
    if (!this.#ended) this.#options.onAbandoned();
    this.forget();
  }

  #keep(json: string): void {
    const { budget } = this.#options;
    this.#events.push({ sequence: this.#sequence, json });
    this.#characters += json.length;
    budget.take(json.length);
    while (this.#events.length > most.events) this.#drop();
    while (this.#characters > most.characters && this.#events.length > 1) this.#drop();
    while (budget.isSpent && this.#events.length > 0) this.#drop();
  }

  #drop(): void {
    const { length } = this.#events.shift()?.json ?? '';
    this.#characters -= length;
    this.#options.budget.give(length);
  }
}
