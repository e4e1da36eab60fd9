import type { Decision } from '../contracts/identity.js';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import type { RequestContext } from '../contracts/session.js';
import { rememberUnavailable } from '../contracts/unavailable.js';
import { UnknownToolError, UpstreamError } from '../errors.js';
import type { Access } from './access.js';
import type { AuditRecorder } from './audit-recorder.js';
import type { AuditedCalls } from './audited-calls.js';
import type { CallLimits } from './call-limits.js';
import { parentOf } from './call-trace.js';
import type { Catalog } from './catalog.js';
import type { Catalogs } from './catalogs.js';
import { available, type CatalogEntry } from './entries.js';
import { failure, type OwnTool, resultOf, WrongArgument } from './own-tool.js';
import { quoted, textOf } from './params.js';
import { withUris } from './result-uris.js';
import { callMeant, searchItems, searchNames, searchTool } from './tool-search.js';
import { showsOwnTool } from './views.js';

/** What tools need from the rest of the gateway. */
export interface ToolsOptions {
  readonly catalogs: Catalogs;
  readonly calls: AuditedCalls;
  readonly recorder: AuditRecorder;
  readonly access: Access;
  readonly limits: CallLimits;
  /** Whether clients that ask no view get a search in place of a list. */
  readonly toolSearch: boolean;
  /** Those of the gateway itself. */
  readonly own: readonly OwnTool[];
}

/** Lists and calls tools, of backends and of the gateway itself. */
export class Tools {
  readonly #options: ToolsOptions;
  readonly #own: ReadonlyMap<string, OwnTool>;

  constructor(options: ToolsOptions) {
    this.#options = options;
    this.#own = new Map(options.own.map((tool) => [tool.item.name, tool]));
  }

  /** What tools/list shows. */
  listed(catalog: Catalog, context: RequestContext): readonly JsonObject[] {
    return this.#isSearched(context) ? searchItems : this.#usable(catalog, context);
  }

  /** Schema of the arguments of a tool that the caller may use. */
  inputSchemaOf(name: string, context: Pick<RequestContext, 'identity' | 'view'>): JsonObject | undefined {
    const { catalogs, access } = this.#options;
    const entry = catalogs.main.in(catalogs.viewOf(context)).tools.get(name);
    const schema = entry?.item.inputSchema;
    if (!entry || !isObject(schema)) return undefined;
    return access.decide('tool', entry, context).allowed ? schema : undefined;
  }

  /** Answers tools/call. @throws {RpcError | InsufficientScopeError} at once, or as the call fails */
  call(params: JsonObject, context: RequestContext): Promise<unknown> {
    const name = textOf(params, 'name');
    if (this.#isSearched(context)) {
      if (name === searchNames.search) return this.#search(params, context);
      if (name === searchNames.call) return this.#callFound(params, context);
    }
    const entry = this.#known(name, context);
    if (entry) return this.#callEntry(name, entry, params, context);
    return this.#callNamed(name, params, context).then((result) => {
      if (result !== undefined) return result;
      throw new UnknownToolError(quoted(name));
    });
  }

  /** A tool that is found without looking what the client's kind is offered. */
  #known(name: string, context: RequestContext): CatalogEntry | undefined {
    const { catalogs } = this.#options;
    return catalogs.main.in(catalogs.viewOf(context)).tools.get(name);
  }

  async #search(params: JsonObject, context: RequestContext): Promise<JsonObject> {
    const catalog = await this.#options.catalogs.for(context);
    return this.#callOwn(
      searchTool(() => this.#usable(catalog, context)),
      params,
      context,
      { allowed: true, rule: 'tool_search' },
    );
  }

  async #callFound(params: JsonObject, context: RequestContext): Promise<unknown> {
    try {
      const meant = callMeant(params);
      const name = textOf(meant, 'name');
      const result = await this.#callNamed(name, meant, context);
      return result ?? failure(`unknown tool ${quoted(name)}; find the names of tools with ${searchNames.search}`);
    } catch (error) {
      if (error instanceof WrongArgument) return failure(error.message);
      throw error;
    }
  }

  /** @returns `undefined` when there is no such tool */
  async #callNamed(name: string, params: JsonObject, context: RequestContext): Promise<unknown> {
    const { catalogs, access } = this.#options;
    const view = catalogs.viewOf(context);
    const entry = this.#known(name, context) ?? (await catalogs.for(context)).tools.get(name);
    if (entry) return this.#callEntry(name, entry, params, context);
    const own = this.#own.get(name);
    if (!own || (view && !showsOwnTool(view, name))) return undefined;
    return this.#callOwn(own, params, context, access.decideOwn(own, context));
  }

  #callEntry(name: string, entry: CatalogEntry, params: JsonObject, context: RequestContext): Promise<unknown> {
    const { calls, access, catalogs } = this.#options;
    const { backend, original, item, ruledAs } = entry;
    const forwarded = original === name ? params : { ...params, name: original };
    const { inputSchema } = item as { inputSchema?: JsonObject };
    const call = { backend, method: 'tools/call', params: forwarded, received: params, inputSchema };
    const { named, target } = calling(name);
    const decision = access.decide('tool', entry, context);
    return calls.send({ call, named, target, decision, tool: ruledAs }, context).then((result) => {
      const { uris } = catalogs.main;
      return uris.isRenamed(backend) ? withUris(result, (uri) => uris.outward(backend, uri)) : result;
    }, toFailure);
  }

  async #callOwn(
    { item, call }: OwnTool,
    params: JsonObject,
    context: RequestContext,
    decision: Decision,
  ): Promise<JsonObject> {
    const { limits, recorder } = this.#options;
    const args = isObject(params.arguments) ? params.arguments : {};
    const { named, target } = calling(item.name);
    const decided = { target, arguments: args, decision, trace: parentOf(params, context.trace) };
    const { identity } = context;
    try {
      return await recorder.run(named, decided, context, () =>
        limits.run({ identity }, async () => resultOf(await call(args))),
      );
    } catch (error) {
      if (error instanceof WrongArgument) return failure(error.message);
      throw error;
    }
  }

  /** The tools that a caller may use now. */
  #usable(catalog: Catalog, context: RequestContext): readonly JsonObject[] {
    const { catalogs, access } = this.#options;
    const view = catalogs.viewOf(context);
    const own = [...this.#own.values()].filter(
      (tool) => (!view || showsOwnTool(view, tool.item.name)) && access.decideOwn(tool, context).allowed,
    );
    return [...available(access.visible('tool', catalog.tools, context)), ...own.map(({ item }) => item)];
  }

  #isSearched(context: RequestContext): boolean {
    return this.#options.catalogs.viewOf(context)?.tool_search ?? this.#options.toolSearch;
  }
}

/** How a tool is named to clients and in the audit log. */
function calling(tool: string) {
  return { named: `tool "${tool}"`, target: { method: 'tools/call', tool } } as const;
}

/** A model reads tool results, not protocol errors: so it learns which backend is gone and can go on without. */
function toFailure(error: unknown): JsonObject {
  if (error instanceof UpstreamError) return rememberUnavailable(failure(error.message));
  throw error;
}
