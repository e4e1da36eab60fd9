/** What was made of tools. Lists of them are made anew for each caller, and the tools in them are not. */
export class Memo<T> {
  readonly #made = new WeakMap<object, T>();

  /** What was made of a tool before, or is made now. */
  of(tool: object, make: () => T): T {
    const before = this.#made.get(tool);
    if (before !== undefined) return before;
    const made = make();
    this.#made.set(tool, made);
    return made;
  }
}
