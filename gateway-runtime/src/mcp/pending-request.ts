import { Cancellation } from '../contracts/abortable.js';
import type { UpstreamRequestOptions } from '../contracts/upstream.js';
import { UpstreamError } from '../errors.js';
import { NoAnswerError } from '../outgoing/failures.js';
import { listenMethod } from '../protocol/results.js';

/** What one request is about, and whom it concerns. */
export interface PendingRequestOptions {
  readonly id: number;
  readonly method: string;
  readonly options: UpstreamRequestOptions;
  /** Milliseconds without a word after which it is given up. */
  readonly timeoutMs: number;
  resolve(result: unknown): void;
  reject(error: unknown): void;
  /** It is over, however it ended. */
  onSettled(): void;
  /** Nobody waits for the answer any more, although it may come. */
  onAbandoned(reason: string): void;
}

/** A request that waits for its answer. */
export class PendingRequest {
  readonly id: number;
  /** Aborted when the answer is not wanted any more. */
  readonly cancellation = new Cancellation();
  /** Dropped as soon as it is over: whoever still holds the request need not hold what belongs to it. */
  #open: PendingRequestOptions | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pauses = 0;

  constructor(options: PendingRequestOptions) {
    this.id = options.id;
    this.#open = options;
  }

  /** How the request is accompanied; of one that is over nothing is known. */
  get options(): UpstreamRequestOptions {
    return this.#open?.options ?? {};
  }

  /** Whether somebody waits for what is logged: pings, levels and subscriptions are the gateway's own. */
  get isOfCaller(): boolean {
    return this.options.onNotification !== undefined && this.#open?.method !== listenMethod;
  }

  /** Begins to wait. @returns false when nobody wants the answer any more already */
  begin(): boolean {
    const { signal } = this.options;
    if (signal?.aborted) {
      this.#onAbort();
      return false;
    }
    signal?.addEventListener('abort', this.#onAbort);
    this.#startClock();
    return true;
  }

  /** Begins to wait anew. */
  refresh(): void {
    if (this.#pauses === 0) this.#timer?.refresh();
  }

  /** Stops the clock while somebody else is asked for something. @returns what starts it again */
  pause(): () => void {
    this.#pauses++;
    clearTimeout(this.#timer);
    return () => {
      this.#pauses--;
      if (this.#pauses === 0 && this.#open) this.#startClock();
    };
  }

  resolve(result: unknown): void {
    this.#settle()?.resolve(result);
  }

  reject(error: unknown): void {
    this.#settle()?.reject(error);
  }

  #startClock(): void {
    this.#timer = setTimeout(this.#onTimeout, this.#open?.timeoutMs);
  }

  #settle(): PendingRequestOptions | undefined {
    const open = this.#open;
    this.#open = undefined;
    clearTimeout(this.#timer);
    open?.options.signal?.removeEventListener('abort', this.#onAbort);
    open?.onSettled();
    return open;
  }

  #abandon(reason: string, error: Error): void {
    const open = this.#settle();
    this.cancellation.abort();
    open?.onAbandoned(reason);
    open?.reject(error);
  }

  readonly #onAbort = () => this.#abandon('the client cancelled the request', new UpstreamError('cancelled'));

  readonly #onTimeout = () => {
    const { method, timeoutMs = 0 } = this.#open ?? {};
    this.#abandon('timeout', new NoAnswerError(`did not answer ${method} within ${timeoutMs / 1000} s`));
  };
}
