import { type Abortable, Cancellation } from '../contracts/abortable.js';

/** Ends a request when nobody waits for it any more, or it took too long. */
export class Deadline {
  readonly signal = new Cancellation();
  readonly #outer: Abortable | undefined;
  readonly #timer: NodeJS.Timeout;
  #hasPassed = false;

  constructor(ms: number, outer?: Abortable) {
    this.#outer = outer;
    this.#timer = setTimeout(() => {
      this.#hasPassed = true;
      this.signal.abort();
    }, ms);
    outer?.addEventListener('abort', this.#abort);
    if (outer?.aborted) this.#abort();
  }

  /** Whether it took too long. */
  get hasPassed(): boolean {
    return this.#hasPassed;
  }

  /** To be called when the request has ended, either way. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#abort);
  }

  readonly #abort = (): void => this.signal.abort();
}
