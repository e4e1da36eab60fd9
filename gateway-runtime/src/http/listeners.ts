/**
 * Streams of news that one caller has at most; the oldest ends for a new one. Each holds a socket, and without auth all clients
 * are one caller.
 */
const mostPerCaller = 1000;

/** Streams on which clients of the modern era wait for news. */
export class Listeners {
  /** What ends them, by caller, oldest first. */
  readonly #ends = new Map<string, Set<() => void>>();

  /** @param end Ends the stream. @returns what takes it out again */
  add(caller: string, end: () => void): () => void {
    const ends = this.#ends.get(caller) ?? new Set();
    this.#ends.set(caller, ends.add(end));
    const [oldest] = ends;
    if (ends.size > mostPerCaller) oldest?.();
    return () => {
      ends.delete(end);
      if (ends.size === 0 && this.#ends.get(caller) === ends) this.#ends.delete(caller);
    };
  }

  endAll(): void {
    for (const ends of [...this.#ends.values()]) for (const end of [...ends]) end();
  }
}
