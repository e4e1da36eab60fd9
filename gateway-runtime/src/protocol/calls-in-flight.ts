import type { Cancellation } from '../contracts/abortable.js';
import { LinkedList } from './linked-list.js';

/** Calls of clients that are being answered. */
export class CallsInFlight {
  readonly #calls = new LinkedList<Cancellation>();
  #onIdle: () => void = () => {};

  /** @returns says that the call is over */
  begin(call: Cancellation): () => void {
    const link = this.#calls.add(call);
    return () => {
      link.remove();
      if (this.#calls.isEmpty) this.#onIdle();
    };
  }

  /** Waits for them, at most `graceMs`; the rest is aborted. */
  async drain(graceMs: number): Promise<void> {
    if (this.#calls.isEmpty) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
      setTimeout(resolve, graceMs).unref();
    });
    for (const call of this.#calls.items()) call.abort();
  }
}
