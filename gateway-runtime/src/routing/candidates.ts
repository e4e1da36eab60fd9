import type { Backend } from '../config/backend.js';
import type { ToolOverride } from '../config/exposed-tools.js';
import type { JsonObject } from '../config/json-rpc.js';
import { matchesTool } from '../config/tool-scopes.js';
import type { BackendConnection } from './backend-connection.js';
import type { CatalogEntry } from './entries.js';
import type { GivenName, Wish } from './given-names.js';
import type { ListKind, Lists } from './lists.js';
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
    const { config } = backend;
    const items = lists[kind].items;
    if (kind === 'tools')
      return items.filter(({ name }) => isExposed(config, name as string)).map((item) => tool(backend, item));
    const key = { prompts: 'name', resources: 'uri', templates: 'uriTemplate' }[kind];
    return items.map((item) => {
      const original = item[key] as string;
      return {
        backend,
        item,
        key,
        wish: kind === 'prompts' ? wishFor(config, original) : uriWish(config.name, original),
      };
    });
  });
}

/** What clients get of it, under the name that was given to it. */
export function entryOf(
  { backend, item, key, wish, override }: Candidate,
  { listed, certain }: GivenName,
): CatalogEntry {
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
  const isAmong = (patterns: readonly string[]) => patterns.some((pattern) => matchesTool(pattern, name));
  return (allowed_tools === undefined || isAmong(allowed_tools)) && !isAmong(denied_tools);
}

function tool(backend: BackendConnection, item: JsonObject): Candidate {
  const { config } = backend;
  const name = item.name as string;
  const override = Object.hasOwn(config.tools, name) ? config.tools[name] : undefined;
  return { backend, item, key: 'name', wish: wishFor(config, name, override?.name), override };
}
