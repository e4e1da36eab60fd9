import type { JsonObject } from '../contracts/json-rpc.js';
import type { BackendConnection } from './backend-connection.js';

/** Something a backend offers, under the names clients know. */
export interface CatalogEntry {
  readonly backend: BackendConnection;
  /** The backend's own name for it, or its URI. */
  readonly original: string;
  /** As the backend describes it, with the name clients see, and with what the configuration says in its place. */
  readonly item: JsonObject;
  /** Every name by which clients can ask for it, beginning with the one it is listed under. */
  readonly names: readonly string[];
  /** The same, and the name it would have had if another backend did not have it: rules count for it whichever it was given. */
  readonly ruledAs: readonly string[];
  /** Labels of the backend, and of the tool itself. */
  readonly tags: readonly string[];
}

/** What backends offer of one kind. */
export class Entries {
  readonly #byName = new Map<string, CatalogEntry>();
  readonly #all = new Set<CatalogEntry>();

  constructor(entries: Iterable<CatalogEntry> = []) {
    for (const entry of entries) this.add(entry);
  }

  add(entry: CatalogEntry): void {
    this.#all.add(entry);
    for (const name of entry.names) this.#byName.set(name, entry);
  }

  /** What a client means by a name. */
  get(name: string): CatalogEntry | undefined {
    return this.#byName.get(name);
  }

  /** Everything, in the order of the configuration and of the backends' own lists. */
  [Symbol.iterator](): Iterator<CatalogEntry> {
    return this.#all.values();
  }

  filter(shown: (entry: CatalogEntry) => boolean): Entries {
    return new Entries([...this.#all].filter(shown));
  }
}

/** The items that can be used now: those of connected backends. */
export function available(entries: Iterable<CatalogEntry>): JsonObject[] {
  const items: JsonObject[] = [];
  for (const { backend, item } of entries) if (backend.health.isUp) items.push(item);
  return items;
}
