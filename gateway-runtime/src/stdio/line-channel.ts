import type { Writable } from 'node:stream';
import type { JsonObject, JsonRpcMessage } from '../contracts/json-rpc.js';
import type { Channel } from '../protocol/channel.js';
import { toJson, toText } from '../protocol/json.js';

/** Bytes that may wait for a client that does not read; from then on nothing is taken from it that would make them more. */
const mostWaiting = 4 * 1024 * 1024;

/** Different notifications kept for a client that does not read; what comes then is lost to it. */
const mostKept = 1000;

/** Who is told how the client reads. */
export interface LineChannelEvents {
  /** The client does not read. */
  onFull(): void;
  /** It has read again. */
  onDrain(): void;
  /** Nobody will ever read again. */
  onGone(): void;
}

/** What the client reads: one message a line. */
export class LineChannel implements Channel {
  readonly #output: Writable;
  readonly #events: LineChannelEvents;
  /** Notifications by their text: a list that changed twice changed. */
  readonly #kept = new Set<string>();
  #isFull = false;
  #isGone = false;

  constructor(output: Writable, events: LineChannelEvents) {
    this.#output = output;
    this.#events = events;
    output.once('error', () => this.#leave());
    output.once('close', () => this.#leave());
    output.on('drain', () => this.#drain());
  }

  send(message: JsonRpcMessage | readonly JsonRpcMessage[]): boolean {
    if (!this.#isGone) this.#write(toText(message));
    return !this.#isGone;
  }

  notify(method: string, params: JsonObject | undefined, keep: boolean): void {
    if (this.#isGone || (this.#isFull && !keep)) return;
    const text = toJson({ jsonrpc: '2.0', method, params });
    if (!this.#isFull) this.#write(text);
    else if (this.#kept.size < mostKept) this.#kept.add(text);
  }

  /** Ends it when the client has read everything, or after so many milliseconds. */
  async end(graceMs: number): Promise<void> {
    if (this.#isGone) return;
    await new Promise<void>((resolve) => {
      this.#output.once('close', resolve);
      this.#output.end(resolve);
      setTimeout(resolve, graceMs).unref();
    });
  }

  #write(text: string): void {
    this.#output.write(`${text}\n`);
    if (this.#isFull || this.#output.writableLength <= mostWaiting) return;
    this.#isFull = true;
    this.#events.onFull();
  }

  #drain(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    const kept = [...this.#kept];
    this.#kept.clear();
    for (const text of kept) this.#write(text);
    if (!this.#isFull) this.#events.onDrain();
  }

  #leave(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#kept.clear();
    this.#events.onGone();
  }
}
