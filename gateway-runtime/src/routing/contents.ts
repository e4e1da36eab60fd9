import { withoutCredentials } from '../config/faults.js';
import { anonymous, type Decision, type Identity } from '../contracts/identity.js';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import { rememberList } from '../contracts/result-json.js';
import type { RequestContext } from '../contracts/session.js';
import { RpcError, rpcCodes } from '../errors.js';
import { type CacheHint, cacheHintOf } from '../protocol/caching.js';
import { type Access, promptNamed, resourceNamed } from './access.js';
import type { AuditedCalls } from './audited-calls.js';
import type { BackendConnection } from './backend-connection.js';
import type { CallLimits } from './call-limits.js';
import type { Calls } from './calls.js';
import type { Catalog } from './catalog.js';
import type { Catalogs } from './catalogs.js';
import { available, type CatalogEntry } from './entries.js';
import { type ListKind, shapeOf } from './lists.js';
import { pageOf } from './pages.js';
import { quoted, textOf } from './params.js';
import { withUris } from './result-uris.js';
import type { Tools } from './tools.js';
import type { Resource } from './uris.js';

/** What the contents need from the rest of the gateway. */
export interface ContentsOptions {
  readonly catalogs: Catalogs;
  readonly tools: Tools;
  readonly calls: Calls;
  readonly audited: AuditedCalls;
  readonly access: Access;
  readonly limits: CallLimits;
  /** Items in one page of a list. */
  readonly pageSize: number;
}

/** A list as one caller sees it. */
interface KnownList {
  readonly identity: Identity;
  readonly result: JsonObject;
}

/** What clients read: lists, prompts, resources and completions. */
export class Contents {
  readonly #options: ContentsOptions;
  /** The list that was asked for last, by kind and era: a catalog is another one as soon as anything in it is. */
  readonly #lists = new WeakMap<Catalog, Map<string, KnownList>>();

  constructor(options: ContentsOptions) {
    this.#options = options;
  }

  /** Answers a request for a list. */
  async list(kind: ListKind, { cursor }: JsonObject, context: RequestContext): Promise<JsonObject> {
    const catalog = await this.#options.catalogs.for(context);
    if (cursor !== undefined) return this.#list(kind, catalog, cursor, context);
    const { client, identity } = context;
    const key = `${kind} ${client.era}`;
    const lists = this.#lists.get(catalog) ?? new Map<string, KnownList>();
    this.#lists.set(catalog, lists);
    const known = lists.get(key);
    if (known?.identity === identity) return known.result;
    const result = this.#list(kind, catalog, undefined, context);
    lists.set(key, { identity, result });
    return result;
  }

  #list(kind: ListKind, catalog: Catalog, cursor: unknown, context: RequestContext): JsonObject {
    const { items, nextCursor } = pageOf(kind, this.#itemsOf(kind, catalog, context), cursor, this.#options.pageSize);
    const { field } = shapeOf(kind);
    const result = { [field]: items, ...(nextCursor && { nextCursor }), ...this.hint(catalog, kind, context) };
    if (Object.keys(result).length === 1) rememberList(result, field, items);
    return result;
  }

  /** How long a list holds, for clients that want to know. */
  hint(catalog: Catalog, kind: ListKind, { client, identity }: RequestContext): JsonObject {
    return client.era === 'legacy' ? {} : { ...ownTo(identity, catalog.hintOf(kind)) };
  }

  async getPrompt(params: JsonObject, context: RequestContext): Promise<unknown> {
    const catalog = await this.#options.catalogs.for(context);
    const prompt = promptOf(catalog, params);
    const { access, audited } = this.#options;
    const { backend, original } = prompt;
    const name = textOf(params, 'name');
    const forwarded = original === name ? params : { ...params, name: original };
    const call = { backend, method: 'prompts/get', params: forwarded, received: params };
    const target = { method: 'prompts/get', prompt: name } as const;
    const decision = access.decide('prompt', prompt, context);
    const result = await audited.send({ call, named: promptNamed(prompt), target, decision }, context);
    const { uris } = catalog;
    return uris.isRenamed(backend) ? withUris(result, (uri) => uris.outward(backend, uri)) : result;
  }

  async readResource(params: JsonObject, context: RequestContext): Promise<unknown> {
    const catalog = await this.#options.catalogs.for(context);
    const resource = resourceOf(catalog, params);
    const decision = this.#options.access.decideRead(resource, context);
    const result = await this.#read(resource, decision, catalog, params, context);
    if (context.client.era === 'legacy' || !isObject(result) || result.resultType === 'input_required') return result;
    return { ...result, ...ownTo(context.identity, cacheHintOf(result)) };
  }

  async complete(params: JsonObject, context: RequestContext): Promise<unknown> {
    const catalog = await this.#options.catalogs.for(context);
    const { access } = this.#options;
    const ref = isObject(params.ref) ? params.ref : {};
    const send = ({ backend }: Resource, named: JsonObject) =>
      this.#forward('completion/complete', backend, { ...params, ref: { ...ref, ...named } }, params, context);
    if (ref.type === 'ref/prompt') {
      const entry = promptOf(catalog, ref);
      access.checkPrompt(entry, context);
      return send(entry, { name: entry.original });
    }
    if (ref.type === 'ref/resource') {
      const found = catalog.uris.templates.get(textOf(ref, 'uri')) ?? resourceOf(catalog, ref);
      access.checkRead(found, context);
      return send(found, { uri: found.original });
    }
    throw new RpcError(rpcCodes.invalidParams, 'ref must be of type "ref/prompt" or "ref/resource"');
  }

  #itemsOf(kind: ListKind, catalog: Catalog, context: RequestContext): readonly JsonObject[] {
    const { tools, access } = this.#options;
    if (kind === 'tools') return tools.listed(catalog, context);
    if (kind === 'prompts') return available(access.visible('prompt', catalog.prompts, context));
    return available(access.visible('resource', catalog.uris[kind], context));
  }

  async #read(
    resource: Resource,
    decision: Decision,
    { uris }: Catalog,
    params: JsonObject,
    context: RequestContext,
  ): Promise<unknown> {
    const { backend, original } = resource;
    const uri = textOf(params, 'uri');
    const forwarded = original === uri ? params : { ...params, uri: original };
    const call = { backend, method: 'resources/read', params: forwarded, received: params };
    const target = { method: 'resources/read', resource: withoutCredentials(uri) } as const;
    const named = resourceNamed(resource);
    const result = await this.#options.audited.send({ call, named, target, decision }, context);
    if (original === uri && !uris.isRenamed(backend)) return result;
    // A client finds what it asked for under the URI it asked for.
    return withUris(result, (inner) => (inner === original ? uri : uris.outward(backend, inner)));
  }

  #forward(
    method: string,
    backend: BackendConnection,
    params: JsonObject,
    received: JsonObject,
    context: RequestContext,
  ): Promise<unknown> {
    const { calls, limits } = this.#options;
    const limited = { identity: context.identity, backend: backend.name };
    return limits.run(limited, () => calls.forward({ backend, method, params, received }, context));
  }
}

/** The resource that params name. @throws {RpcError} when no backend has it */
export function resourceOf(catalog: Catalog, params: JsonObject): Resource {
  const uri = textOf(params, 'uri');
  const resource = catalog.uris.find(uri);
  if (!resource) throw new RpcError(rpcCodes.resourceNotFound, 'no backend has this resource', { uri });
  return resource;
}

function promptOf(catalog: Catalog, params: JsonObject): CatalogEntry {
  const name = textOf(params, 'name');
  const entry = catalog.prompts.get(name);
  if (!entry) throw new RpcError(rpcCodes.invalidParams, `unknown prompt ${quoted(name)}`);
  return entry;
}

/** What one caller sees another may not, as soon as callers have names. */
function ownTo(identity: Identity, { ttlMs, cacheScope }: CacheHint): CacheHint {
  return { ttlMs, cacheScope: identity === anonymous ? cacheScope : 'private' };
}
