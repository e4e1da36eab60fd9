import type { Backend } from '../config/backend.js';
import type { ToolOverride } from '../config/exposed-tools.js';
import { matchesName } from '../config/name-pattern.js';
import type { JsonObject } from '../contracts/json-rpc.js';
import type { BackendConnection } from './backend-connection.js';
import type { CatalogEntry } from './entries.js';
import type { GivenName, Wish } from './given-names.js';
import { type ListKind, type Lists, shapeOf } from './lists.js';
import { wishFor } from './names.js';
import { uriWish } from './qualified-uri.js';

/** What a backend offers to clients of one kind. */
export interface Offer {
  readonly backend: BackendConnection;
  readonly lists: Lists;
}

/** Something that a backend offers and that has no name for clients yet. */
export interface Candidate {
  readonly backend: BackendConnection;
  readonly item: JsonObject;
  /** Member of the item that names it. */
  readonly key: string;
  readonly wish: Wish;
  readonly override?: ToolOverride;
}

/** What backends offer of one kind, but for what their configuration leaves out. */
export function candidatesOf(kind: ListKind, offers: readonly Offer[]): Candidate[] {
  return offers.flatMap(({ backend, lists }) => {
    const { items } = lists[kind];
    const exposed = kind === 'tools' ? items.filter(({ name }) => isExposed(backend.config, String(name))) : items;
    return exposed.map((item) => candidateOf(kind, backend, item));
  });
}

function candidateOf(kind: ListKind, backend: BackendConnection, item: JsonObject): Candidate {
  const { config } = backend;
  const { key } = shapeOf(kind);
  const original = String(item[key]);
  if (key !== 'name') return { backend, item, key, wish: uriWish(config.name, original) };
  const override = kind === 'tools' && Object.hasOwn(config.tools, original) ? config.tools[original] : undefined;
  return { backend, item, key, wish: wishFor(config, original, override?.name), override };
}

/** What was made of an item before: a catalog is made anew whenever any backend offers something else. */
const made = new WeakMap<JsonObject, CatalogEntry>();

/** What clients get of it, under the name that was given to it. */
export function entryOf(candidate: Candidate, name: GivenName): CatalogEntry {
  const before = made.get(candidate.item);
  if (before?.names[0] === name.listed && before.backend === candidate.backend) return before;
  const entry = newEntry(candidate, name);
  made.set(candidate.item, entry);
  return entry;
}

function newEntry({ backend, item, key, wish, override }: Candidate, { listed, certain }: GivenName): CatalogEntry {
  const { title, description, tags = [] } = override ?? {};
  const isUnchanged = listed === item[key] && !override;
  return {
    backend,
    original: wish.original,
    item: isUnchanged ? item : { ...item, [key]: listed, ...(title && { title }), ...(description && { description }) },
    names: [...new Set([listed, certain])],
    ruledAs: [...new Set([listed, certain, wish.better ?? certain])],
    tags: [...backend.config.tags, ...tags],
  };
}

function isExposed({ allowed_tools, denied_tools }: Backend, name: string): boolean {
  const isAmong = (patterns: readonly string[]) => patterns.some((pattern) => matchesName(pattern, name));
  return (allowed_tools === undefined || isAmong(allowed_tools)) && !isAmong(denied_tools);
}
