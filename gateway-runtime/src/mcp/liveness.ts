import { UpstreamError } from '../errors.js';
import type { Correlator } from './correlator.js';

/** Finds out whether a backend is gone. */
export class Liveness {
  readonly #correlator: Correlator;
  readonly #timeoutMs: number;
  readonly #onGone: (reason: string) => void;
  #probing = false;

  constructor(correlator: Correlator, timeoutMs: number, onGone: (reason: string) => void) {
    this.#correlator = correlator;
    this.#timeoutMs = timeoutMs;
    this.#onGone = onGone;
  }

  /** Throws the error again, and asks the backend for a sign of life when the connection broke. */
  readonly fail = (error: UpstreamError): never => {
    if (error.disconnected) void this.probe();
    throw error;
  };

  /** One broken connection proves little, and giving up would end every other call: so ask before. */
  async probe(): Promise<void> {
    if (this.#probing) return;
    this.#probing = true;
    try {
      await this.#correlator.request('ping', undefined, {}, this.#timeoutMs);
    } catch (error) {
      if (error instanceof UpstreamError) this.#onGone(error.message);
    } finally {
      this.#probing = false;
    }
  }
}
