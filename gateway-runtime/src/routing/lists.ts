import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import { RpcError, rpcCodes } from '../errors.js';
import { type CacheHint, cacheHintOf, narrower } from '../protocol/caching.js';
import { usableItems } from './items.js';

/** What a backend offers a list of; `field` is where its answer holds it, `key` what names an item. */
const kinds = {
  tools: { method: 'tools/list', capability: 'tools', field: 'tools', key: 'name' },
  prompts: { method: 'prompts/list', capability: 'prompts', field: 'prompts', key: 'name' },
  resources: { method: 'resources/list', capability: 'resources', field: 'resources', key: 'uri' },
  templates: {
    method: 'resources/templates/list',
    capability: 'resources',
    field: 'resourceTemplates',
    key: 'uriTemplate',
  },
} as const;

/** One of the lists a backend offers. */
export type ListKind = keyof typeof kinds;

/** Every list a backend can offer. */
export const listKinds = Object.keys(kinds) as ListKind[];

/** Where the result of a list holds it, and which member names its items. */
export function shapeOf(kind: ListKind): { readonly field: string; readonly key: string } {
  return kinds[kind];
}

/** A list of a backend: everything on it, whatever the number of its pages. */
export interface List {
  readonly items: readonly JsonObject[];
  /** How long, and for whom, the backend says that it holds. */
  readonly hint: CacheHint;
}

/** All lists of a backend, as clients of one kind see it. */
export type Lists = Readonly<Record<ListKind, List>>;

/** Nothing, for ever: what a backend offers that has no list of the kind. */
const nothing: List = { items: [], hint: { ttlMs: Number.MAX_SAFE_INTEGER, cacheScope: 'public' } };

/** What a backend offers before anything is known of it. */
export const noLists: Lists = { tools: nothing, prompts: nothing, resources: nothing, templates: nothing };

const changed: ReadonlyMap<string, readonly ListKind[]> = new Map([
  ['notifications/tools/list_changed', ['tools']],
  ['notifications/prompts/list_changed', ['prompts']],
  ['notifications/resources/list_changed', ['resources', 'templates']],
]);

/** The lists that a notification says have changed. */
export function listsChangedBy(method: string): readonly ListKind[] {
  return changed.get(method) ?? [];
}

/** More pages than this are taken for a backend that never ends its list. */
const maxPages = 100;

/** Sends a request to the backend. */
type Request = (method: string, params: JsonObject | undefined) => Promise<unknown>;

/** Reads every list that a backend with these capabilities offers. */
export async function fetchLists(capabilities: JsonObject, request: Request): Promise<Lists> {
  const lists = await Promise.all(listKinds.map((kind) => fetchList(kind, capabilities, request)));
  return Object.fromEntries(listKinds.map((kind, index) => [kind, lists[index]])) as unknown as Lists;
}

/** Reads one list, page after page. */
export async function fetchList(kind: ListKind, capabilities: JsonObject, request: Request): Promise<List> {
  const { method, capability, field, key } = kinds[kind];
  if (!isObject(capabilities[capability])) return nothing;
  const items: JsonObject[] = [];
  let hint: CacheHint | undefined;
  let cursor: unknown;
  for (let page = 0; page < maxPages; page++) {
    const result = await fetchPage(method, cursor, request);
    if (!isObject(result)) break;
    items.push(...usableItems(result[field], key, items.length));
    hint = narrower(hint, cacheHintOf(result));
    cursor = result.nextCursor;
    if (typeof cursor !== 'string' || cursor === '') break;
  }
  return { items, hint: hint ?? nothing.hint };
}

async function fetchPage(method: string, cursor: unknown, request: Request): Promise<unknown> {
  try {
    return await request(method, cursor === undefined ? undefined : { cursor });
  } catch (error) {
    // Many servers announce resources but know no templates.
    if (error instanceof RpcError && error.code === rpcCodes.methodNotFound) return {};
    throw error;
  }
}
