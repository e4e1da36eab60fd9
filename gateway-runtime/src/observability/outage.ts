import type { Logger } from '../contracts/host.js';

/** Tells the log once that something does not work, once for each further reason, and once that it works again. */
export class Outage {
  readonly #logger: Logger;
  readonly #what: string;
  readonly #done: string;
  #reason: string | undefined;

  /** @param what In the plural, to begin a sentence: `metrics`. @param done What cannot be done with it. */
  constructor(logger: Logger, what: string, done = 'sent') {
    this.#logger = logger;
    this.#what = what;
    this.#done = done;
  }

  failed(reason: string): void {
    if (reason === this.#reason) return;
    this.#reason = reason;
    this.#logger.warn({ reason }, `${this.#what} cannot be ${this.#done}; trying again`);
  }

  worked(): void {
    if (this.#reason === undefined) return;
    this.#reason = undefined;
    this.#logger.info({}, `${this.#what} are ${this.#done} again`);
  }
}
