/** Milliseconds within which a backend beside the gateway answers. */
const nearMs = 0.15;

/**
 * Keeps the event loop awake while an answer is about to come: a processor that fell asleep takes half as long to wake up as a
 * backend on the same machine to answer. Only a backend that answered its last request within 0.15 ms is waited for like this,
 * and no longer than that. For all others the processor sleeps, and under load nothing is answered so soon.
 */
export class BusyPolling {
  #isNear = false;
  #until = 0;
  #isPolling = false;

  /** A request goes out. @returns when, in milliseconds */
  sent(): number {
    const now = performance.now();
    if (!this.#isNear) return now;
    this.#until = now + nearMs;
    if (!this.#isPolling) this.#poll();
    return now;
  }

  /** It was answered. @param sentAt What `sent` returned. */
  answered(sentAt: number): void {
    this.#isNear = performance.now() - sentAt < nearMs;
    this.#until = 0;
  }

  readonly #poll = (): void => {
    this.#isPolling = performance.now() < this.#until;
    if (this.#isPolling) setImmediate(this.#poll);
  };
}
