/** Counts by two names, one within the other. Recording looks up twice and joins nothing. */
export class Tally<T> {
  readonly #entries = new Map<string, Map<string, T>>();
  readonly #create: () => T;

  /** @param create What is kept for two names that come for the first time. */
  constructor(create: () => T) {
    this.#create = create;
  }

  at(outer: string, inner: string): T {
    let within = this.#entries.get(outer);
    if (!within) {
      within = new Map();
      this.#entries.set(outer, within);
    }
    let entry = within.get(inner);
    if (entry === undefined) {
      entry = this.#create();
      within.set(inner, entry);
    }
    return entry;
  }

  /** How many names there are within another. */
  sizeOf(outer: string): number {
    return this.#entries.get(outer)?.size ?? 0;
  }

  has(outer: string, inner: string): boolean {
    return this.#entries.get(outer)?.has(inner) === true;
  }

  *[Symbol.iterator](): Generator<readonly [outer: string, inner: string, entry: T]> {
    for (const [outer, within] of this.#entries) {
      for (const [inner, entry] of within) yield [outer, inner, entry];
    }
  }
}
