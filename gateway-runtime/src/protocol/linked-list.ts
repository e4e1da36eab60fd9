/** The place of an item in a list. The list itself has one, too, between its last item and its first. */
class Link<T> {
  before: Link<T> = this;
  after: Link<T> = this;
  item: T | undefined;

  /** Takes the item out; once more changes nothing. */
  remove(): void {
    this.before.after = this.after;
    this.after.before = this.before;
    this.before = this;
    this.after = this;
    this.item = undefined;
  }
}

/**
 * What is going on at the moment: items that come and go with each request. A Set or a Map does the same and costs every request
 * several microseconds: the tables that it outgrew keep what was in them alive until the next full garbage collection.
 */
export class LinkedList<T> {
  readonly #ends = new Link<T>();

  get isEmpty(): boolean {
    return this.#ends.after === this.#ends;
  }

  /** Puts an item at the end. @returns what takes it out again */
  add(item: T): Pick<Link<T>, 'remove'> {
    const link = new Link<T>();
    link.item = item;
    link.before = this.#ends.before;
    link.after = this.#ends;
    link.before.after = link;
    this.#ends.before = link;
    return link;
  }

  /** The items of now, in the order in which they came. */
  items(): T[] {
    const items: T[] = [];
    for (let link = this.#ends.after; link !== this.#ends; link = link.after) items.push(link.item as T);
    return items;
  }
}
