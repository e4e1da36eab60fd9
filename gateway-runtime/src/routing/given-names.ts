/** Names that are remembered of one backend: twice what it can offer at once, for those that come and go. */
const mostRemembered = 20_000;

/** Backends whose names are remembered, with those that are gone: a reload can bring others each time. */
const mostBackends = 1000;

/** What something that a backend offers is to be called for clients. */
export interface Wish {
  readonly backend: string;
  /** The backend's own name for it. */
  readonly original: string;
  /** The name by which it can always be asked for. */
  readonly certain: string;
  /** The name under which it is listed unless another backend has it. @default - the certain one */
  readonly better?: string;
}

/** The name that something has for clients. */
export interface GivenName {
  readonly listed: string;
  /** The name by which it can be asked for, too; the listed one where there is no other. */
  readonly certain: string;
}

/** A name that could not be given: somebody else has it. */
export interface TakenName {
  readonly taken: string;
  /** The backend that has it; `undefined` when the gateway itself does. */
  readonly by: string | undefined;
}

/**
 * The names that clients use for what backends offer, one to one. A name that was given stays with what it was given to as
 * long as the process runs, whichever backend comes, goes or offers the same later.
 */
export class GivenNames {
  readonly #given = new Map<string, Map<string, GivenName>>();
  /** Backends by the names that are theirs. */
  readonly #owners = new Map<string, string | undefined>();

  /** @param reserved Names that no backend gets. */
  constructor(reserved: Iterable<string> = []) {
    this.reserve(reserved);
  }

  /** Says anew which names no backend gets: one that a backend has is taken from it. */
  reserve(reserved: Iterable<string>): void {
    for (const [name, owner] of this.#owners) if (owner === undefined) this.#owners.delete(name);
    for (const name of reserved) {
      this.#takeBack(name);
      this.#owners.set(name, undefined);
    }
  }

  /** Forgets the names of a backend, which is to have others. */
  forget(backend: string): void {
    this.#given.delete(backend);
    for (const [name, owner] of this.#owners) if (owner === backend) this.#owners.delete(name);
  }

  /** Gives everything a name that has none yet. Of what is asked for together, the first comes first. */
  give(wishes: readonly Wish[]): (GivenName | TakenName)[] {
    const unnamed = wishes.filter((wish) => this.#take(wish, wish.certain));
    // Only now, since a tool that can have one name alone goes before one that can have another.
    for (const wish of unnamed) {
      if (wish.better !== undefined) this.#take(wish, wish.better);
    }
    this.#forget(wishes);
    return wishes.map((wish) => this.#nameOf(wish) ?? { taken: wish.certain, by: this.#owners.get(wish.certain) });
  }

  #nameOf({ backend, original }: Wish): GivenName | undefined {
    return this.#given.get(backend)?.get(original);
  }

  /** Lists something under a name that nobody has. @returns whether it could */
  #take({ backend, original, certain }: Wish, listed: string): boolean {
    if (this.#owners.has(listed)) return false;
    this.#owners.set(listed, backend);
    const ofBackend = this.#given.get(backend) ?? new Map<string, GivenName>();
    this.#given.set(backend, ofBackend.set(original, { listed, certain }));
    return true;
  }

  #takeBack(name: string): void {
    const names = this.#given.get(this.#owners.get(name) ?? '');
    for (const [original, given] of names ?? []) {
      if (given.listed !== name && given.certain !== name) continue;
      names?.delete(original);
      this.#owners.delete(given.listed);
      this.#owners.delete(given.certain);
    }
  }

  /** Bounds what is remembered of backends that offer something else each time, or are other ones. */
  #forget(wishes: readonly Wish[]): void {
    for (const backend of this.#given.keys()) {
      if (this.#given.size <= mostBackends) break;
      if (!wishes.some((wish) => wish.backend === backend)) this.forget(backend);
    }
    for (const [backend, names] of this.#given) {
      if (names.size <= mostRemembered) continue;
      const offered = new Set(wishes.filter((wish) => wish.backend === backend).map(({ original }) => original));
      for (const [original, { listed, certain }] of names) {
        if (names.size <= mostRemembered) break;
        if (offered.has(original)) continue;
        names.delete(original);
        this.#owners.delete(listed);
        this.#owners.delete(certain);
      }
    }
  }
}
