import type { View } from '../config/views.js';
import { type CacheHint, narrower } from '../protocol/caching.js';
import type { BackendConnection } from './backend-connection.js';
import { candidatesOf, entryOf, type Offer } from './candidates.js';
import { type Collision, collisionOf } from './collisions.js';
import { Entries } from './entries.js';
import { GivenNames } from './given-names.js';
import { type ListKind, listKinds } from './lists.js';
import { Uris } from './uris.js';
import { showsBackend, showsTool } from './views.js';

/** The names that clients use for all that backends offer. */
export type CatalogNames = Readonly<Record<ListKind, GivenNames>>;

/** Names for one gateway. @param reserved Names of tools that no backend gets. */
export function catalogNames(reserved: Iterable<string> = []): CatalogNames {
  return {
    tools: new GivenNames(reserved),
    prompts: new GivenNames(),
    resources: new GivenNames(),
    templates: new GivenNames(),
  };
}

/** What holds of a list at most: clients that do not listen for changes should look again now and then. */
const longest: CacheHint = { ttlMs: 5 * 60_000, cacheScope: 'public' };

/** Everything that backends offer to clients of one kind, merged, or what a view shows of it. */
export class Catalog {
  readonly tools: Entries;
  readonly prompts: Entries;
  readonly uris: Uris;
  /** What is not offered for want of a name. */
  readonly collisions: readonly Collision[];
  readonly #offers: readonly Offer[];
  readonly #views = new Map<View, Catalog>();

  private constructor(
    offers: readonly Offer[],
    { tools, prompts, uris, collisions }: Pick<Catalog, 'tools' | 'prompts' | 'uris' | 'collisions'>,
  ) {
    this.#offers = offers;
    this.tools = tools;
    this.prompts = prompts;
    this.uris = uris;
    this.collisions = collisions;
  }

  /** @param offers In the order of the configuration; backends that are down still keep the names they had. */
  static of(offers: readonly Offer[], names: CatalogNames): Catalog {
    const merged = listKinds.map((kind) => [kind, merge(kind, offers, names[kind])] as const);
    const { tools, prompts, resources, templates } = Object.fromEntries(merged) as Record<ListKind, Merged>;
    const backends = offers.map(({ backend }) => backend);
    return new Catalog(offers, {
      tools: tools.entries,
      prompts: prompts.entries,
      uris: new Uris(backends, resources.entries, templates.entries),
      collisions: merged.flatMap(([, { collisions }]) => collisions),
    });
  }

  /** What a view shows; everything when there is none. */
  in(view: View | undefined): Catalog {
    if (!view) return this;
    const catalog = this.#views.get(view) ?? this.#shownIn(view);
    this.#views.set(view, catalog);
    return catalog;
  }

  /** Whether anything of a backend is here. */
  shows(backend: BackendConnection): boolean {
    return this.#offers.some((offer) => offer.backend === backend);
  }

  /** How long one of the lists holds, and for whom: no longer than until a backend that is down is back. */
  hintOf(kind: ListKind): CacheHint {
    const isComplete = this.#offers.every(({ backend }) => backend.health.isUp);
    const merged = this.#offers.map(({ lists }) => lists[kind].hint).reduce(narrower, longest);
    return isComplete ? merged : { ...merged, ttlMs: 0 };
  }

  #shownIn(view: View): Catalog {
    const shows = (backend: BackendConnection) => showsBackend(view, backend.config);
    const tools = this.tools.filter((entry) => showsTool(view, entry));
    const shown = new Set([...tools].map(({ backend }) => backend));
    const offers = this.#offers.filter(({ backend }) => shows(backend) || shown.has(backend));
    return new Catalog(offers, {
      tools,
      prompts: this.prompts.filter(({ backend }) => shows(backend)),
      uris: this.uris.filter(shows),
      collisions: this.collisions,
    });
  }
}

interface Merged {
  readonly entries: Entries;
  readonly collisions: readonly Collision[];
}

function merge(kind: ListKind, offers: readonly Offer[], names: GivenNames): Merged {
  const candidates = candidatesOf(kind, offers);
  const given = names.give(candidates.map(({ wish }) => wish));
  const entries = new Entries();
  const collisions: Collision[] = [];
  for (const [index, candidate] of candidates.entries()) {
    const name = given[index];
    if (!name) continue;
    if ('taken' in name) collisions.push(collisionOf(kind, name, candidate.backend.config));
    // Some backends list the same thing twice.
    else if (!entries.get(name.listed)) entries.add(entryOf(candidate, name));
  }
  return { entries, collisions };
}
