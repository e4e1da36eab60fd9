/** Calls of clients that are being answered. */
export class CallsInFlight {
  readonly #controllers = new Set<AbortController>();
  #onIdle: () => void = () => {};

  begin(controller: AbortController): void {
    this.#controllers.add(controller);
  }

  end(controller: AbortController): void {
    this.#controllers.delete(controller);
    if (this.#controllers.size === 0) this.#onIdle();
  }

  /** Waits for them, at most `graceMs`; the rest is aborted. */
  async drain(graceMs: number): Promise<void> {
    if (this.#controllers.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
      setTimeout(resolve, graceMs).unref();
    });
    for (const controller of this.#controllers) controller.abort();
  }
}
