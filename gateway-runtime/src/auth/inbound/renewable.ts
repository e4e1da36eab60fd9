/** How something is kept current. */
export interface RenewableOptions<T> {
  fetch(): Promise<T>;
  /** Milliseconds for which it is used without waiting; after half of them it is fetched again in the background. */
  readonly freshMs: number;
  /** Milliseconds for which it is used when it cannot be fetched again. */
  readonly usableMs: number;
  /** Milliseconds between two times that it is fetched because something was not found in it. */
  readonly cooldownMs: number;
  /** Called for the first failure of a row. */
  onFailure(error: Error): void;
}

/** Longest pause after a failure, in milliseconds. */
const longestPauseMs = 5000;

/**
 * Something that others publish and change: fetched when it is first needed, looked at again from time to time, and used on
 * while its source is down. Whoever asks at the same time shares one fetch. While it is known to be down, nobody waits for it.
 */
export class Renewable<T> {
  readonly #options: RenewableOptions<T>;
  #current: { readonly content: T; readonly since: number } | undefined;
  #fetching: Promise<T> | undefined;
  #failure: { readonly error: Error; readonly count: number; readonly at: number } | undefined;
  #soughtAt = Number.NEGATIVE_INFINITY;

  constructor(options: RenewableOptions<T>) {
    this.#options = options;
  }

  /** What holds now. @throws what `fetch` does, when nothing that can be used is at hand */
  async current(): Promise<T> {
    const { freshMs, usableMs } = this.#options;
    if (!this.#current) return this.#fetch();
    const { content, since } = this.#current;
    const age = Date.now() - since;
    if (age < freshMs / 2) return content;
    if (age >= usableMs) return this.#fetch();
    const renewed = this.#fetch().catch(() => content);
    return age < freshMs || this.#failure ? content : renewed;
  }

  /**
   * What holds by now, for who did not find something in what held before.
   *
   * @returns `undefined` when there is nothing newer, or it is too early to ask again.
   * @throws what `fetch` does
   */
  async renewed(before: T): Promise<T | undefined> {
    if (this.#current && this.#current.content !== before) return this.#current.content;
    if (this.#fetching) return this.#fetching;
    if (Date.now() - this.#soughtAt < this.#options.cooldownMs) {
      if (this.#failure) throw this.#failure.error;
      return undefined;
    }
    this.#soughtAt = Date.now();
    return this.#fetch();
  }

  /** The first attempt after a failure comes at once, the next ones after pauses that get longer. */
  #fetch(): Promise<T> {
    if (this.#fetching) return this.#fetching;
    const failure = this.#failure;
    if (failure && Date.now() - failure.at < Math.min((failure.count - 1) * 1000, longestPauseMs)) {
      return Promise.reject(failure.error);
    }
    this.#fetching = this.#attempt().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #attempt(): Promise<T> {
    const { fetch, onFailure } = this.#options;
    try {
      const content = await fetch();
      this.#current = { content, since: Date.now() };
      this.#failure = undefined;
      return content;
    } catch (error) {
      if (!this.#failure) onFailure(error as Error);
      this.#failure = { error: error as Error, count: (this.#failure?.count ?? 0) + 1, at: Date.now() };
      throw error;
    }
  }
}
