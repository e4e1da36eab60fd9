/** Reaches the other workers of the same gateway. */
export interface Relay {
  /** Hands a message to each of them. */
  send(message: string): void;
  /** Calls back for the messages of each of them. */
  listen(onMessage: (message: string) => void): void;
}

/** One of several processes that serve one port together. */
export interface WorkerPlace {
  /** 1, 2 and so on; the successor of one that failed has its number. */
  readonly number: number;
  /** Key that they have in common, for what they seal where the configuration names no key. */
  readonly key: string;
  readonly relay: Relay;
}
