import type { Identity } from '../contracts/identity.js';

/**
 * Streams of news that one caller has at most; the oldest ends for a new one. Each holds a socket, and without auth all clients
 * are one caller.
 */
const mostPerCaller = 1000;

/** The streams of one caller. */
interface Ends {
  readonly caller: Identity;
  /** What ends them, oldest first. */
  readonly ends: Set<() => void>;
}

/** Streams on which clients of the modern era wait for news. */
export class Listeners {
  /** By key of the caller. */
  readonly #byCaller = new Map<string, Ends>();

  /** @param end Ends the stream. @returns what takes it out again */
  add(caller: Identity, end: () => void): () => void {
    const { key } = caller;
    const own = this.#byCaller.get(key) ?? { caller, ends: new Set() };
    this.#byCaller.set(key, own);
    own.ends.add(end);
    const [oldest] = own.ends;
    if (own.ends.size > mostPerCaller) oldest?.();
    return () => {
      own.ends.delete(end);
      if (own.ends.size === 0 && this.#byCaller.get(key) === own) this.#byCaller.delete(key);
    };
  }

  /** Ends the streams of callers who are not accepted any more. */
  keepOnly(isAccepted: (caller: Identity) => boolean): void {
    for (const { caller, ends } of [...this.#byCaller.values()]) {
      if (!isAccepted(caller)) for (const end of [...ends]) end();
    }
  }

  endAll(): void {
    this.keepOnly(() => false);
  }
}
