/** How much may be written, so that a small document does not become an endless list of tools. */
export class Budget {
  #left: number;
  readonly #whole: Budget | undefined;

  /** @param characters How many, about. @param whole Of which this is a part. */
  constructor(characters: number, whole?: Budget) {
    this.#left = characters;
    this.#whole = whole;
  }

  /** @returns false when that is too much; nothing is spent then */
  spend(characters: number): boolean {
    if (characters > this.#left || this.#whole?.spend(characters) === false) return false;
    this.#left -= characters;
    return true;
  }
}
