import type { JsonObject } from '../config/json-rpc.js';
import { type CacheHint, narrower } from '../protocol/caching.js';
import type { BackendConnection } from './backend-connection.js';
import type { ListKind, Lists } from './lists.js';
import { exposedName } from './names.js';
import { matchesTemplate } from './uri-template.js';

/** What a backend offers to clients of one kind. */
export interface Offer {
  readonly backend: BackendConnection;
  readonly lists: Lists;
}

/** Something a backend offers, under the name clients see. */
export interface CatalogEntry {
  readonly backend: BackendConnection;
  /** The backend's own name for it. */
  readonly original: string;
  /** As the backend describes it, with the name clients see. */
  readonly item: JsonObject;
}

/** A name or URI that two backends offer. */
export interface Collision {
  readonly kind: 'tool' | 'prompt' | 'resource' | 'resource template';
  readonly name: string;
  /** The backend that keeps it: the first in the configuration. */
  readonly kept: string;
  /** The backend whose one is not offered. */
  readonly hidden: string;
}

/** What holds of a list at most: clients that do not listen for changes should look again now and then. */
const longest: CacheHint = { ttlMs: 5 * 60_000, cacheScope: 'public' };

/** Everything the backends offer, merged. Where two offer the same name, the first in the configuration keeps it. */
export class Catalog {
  readonly tools = new Map<string, CatalogEntry>();
  readonly prompts = new Map<string, CatalogEntry>();
  readonly resources = new Map<string, CatalogEntry>();
  readonly templates = new Map<string, CatalogEntry>();
  readonly collisions: Collision[] = [];
  readonly #offers: readonly Offer[];

  /** @param offers In the order of the configuration; backends that are down still keep the names they had. */
  constructor(offers: readonly Offer[]) {
    this.#offers = offers;
    for (const { backend, lists } of offers) {
      const { config } = backend;
      const allowed = config.allowed_tools && new Set(config.allowed_tools);
      for (const tool of lists.tools.items) {
        if (allowed && !allowed.has(tool.name as string)) continue;
        this.#addNamed(this.tools, 'tool', backend, tool);
      }
      for (const prompt of lists.prompts.items) this.#addNamed(this.prompts, 'prompt', backend, prompt);
      for (const resource of lists.resources.items) {
        this.#add(this.resources, 'resource', resource.uri as string, { backend, original: '', item: resource });
      }
      for (const template of lists.templates.items) {
        const entry = { backend, original: '', item: template };
        this.#add(this.templates, 'resource template', template.uriTemplate as string, entry);
      }
    }
  }

  /** How long one of the lists holds, and for whom: no longer than until a backend that is down is back. */
  hintOf(kind: ListKind): CacheHint {
    const isComplete = this.#offers.every(({ backend }) => backend.state === 'connected');
    const merged = this.#offers.map(({ lists }) => lists[kind].hint).reduce(narrower, longest);
    return isComplete ? merged : { ...merged, ttlMs: 0 };
  }

  /** The backend that serves a resource: by its URI, else by a template, else the only one that has resources. */
  backendOfResource(uri: string): BackendConnection | undefined {
    const listed = this.resources.get(uri);
    if (listed) return listed.backend;
    for (const [template, { backend }] of this.templates) {
      if (matchesTemplate(template, uri)) return backend;
    }
    const serving = this.#offers.filter(({ backend }) => backend.description.capabilities.resources);
    return serving.length === 1 ? serving[0]?.backend : undefined;
  }

  #addNamed(
    entries: Map<string, CatalogEntry>,
    kind: 'tool' | 'prompt',
    backend: BackendConnection,
    item: JsonObject,
  ): void {
    const original = item.name as string;
    const name = exposedName(backend.config, original);
    this.#add(entries, kind, name, { backend, original, item: name === original ? item : { ...item, name } });
  }

  #add(entries: Map<string, CatalogEntry>, kind: Collision['kind'], name: string, entry: CatalogEntry): void {
    const first = entries.get(name);
    if (!first) entries.set(name, entry);
    else this.collisions.push({ kind, name, kept: first.backend.name, hidden: entry.backend.name });
  }
}

/** The items that can be used now: those of connected backends. */
export function available(entries: ReadonlyMap<string, CatalogEntry>): JsonObject[] {
  return [...entries.values()].filter(({ backend }) => backend.state === 'connected').map(({ item }) => item);
}
