import { UpstreamError } from '../errors.js';

/** Finds out whether a backend is gone. */
export class Liveness {
  readonly #ping: () => Promise<unknown>;
  readonly #onGone: (reason: string) => void;
  #probing = false;

  constructor(ping: () => Promise<unknown>, onGone: (reason: string) => void) {
    this.#ping = ping;
    this.#onGone = onGone;
  }

  /** One broken connection proves little, and giving up would end every other call: so ask before. */
  async probe(): Promise<void> {
    if (this.#probing) return;
    this.#probing = true;
    try {
      await this.#ping();
    } catch (error) {
      if (error instanceof UpstreamError) this.#onGone(error.message);
    } finally {
      this.#probing = false;
    }
  }
}
