/** Characters that all streams together keep for clients that lose their connection. */
const mostKept = 64 * 1024 * 1024;

/** What the streams of all clients may keep. Where it is spent, streams keep less and lost ones cannot be resumed. */
export class ReplayBudget {
  readonly #most: number;
  #kept = 0;

  /** @param most Characters. */
  constructor(most = mostKept) {
    this.#most = most;
  }

  get isSpent(): boolean {
    return this.#kept > this.#most;
  }

  take(characters: number): void {
    this.#kept += characters;
  }

  give(characters: number): void {
    this.#kept -= characters;
  }
}
