import type { AuditRecord } from '../config/audit.js';
import type { Decision } from '../config/identity.js';
import { isObject, type JsonObject } from '../config/json-rpc.js';
import type { RequestContext } from '../config/session.js';
import { type TraceContext, traceIdOf } from '../config/trace.js';
import { LimitedError, RpcError, rpcCodes, UpstreamError } from '../errors.js';
import { type Access, refused } from './access.js';
import type { CallLimits } from './call-limits.js';
import { parentOf } from './call-trace.js';
import type { Calls } from './calls.js';
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
  readonly calls: Calls;
  readonly access: Access;
  readonly limits: CallLimits;
  /** Whether clients that ask no view get a search in place of a list. */
  readonly toolSearch: boolean;
  /** Those of the gateway itself. */
  readonly own: readonly OwnTool[];
  audit(record: AuditRecord): void;
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
      throw new RpcError(rpcCodes.invalidParams, `unknown tool ${quoted(name)}`);
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
    const decision = access.decideOwn(name, context);
    if (decision.allowed) return this.#callOwn(own, params, context, decision);
    this.#recorder(name, context, decision, parentOf(params, context.trace))('denied');
    throw refused(`tool "${name}"`, decision);
  }

  async #callEntry(name: string, entry: CatalogEntry, params: JsonObject, context: RequestContext): Promise<unknown> {
    const { calls, access, limits } = this.#options;
    const { backend, original, item, ruledAs } = entry;
    const decision = access.decide('tool', entry, context);
    const traced = calls.traced({ backend, method: 'tools/call', received: params }, context);
    const record = this.#recorder(name, context, decision, traced.trace, backend.name);
    if (!decision.allowed) {
      record('denied');
      traced.span?.end({ outcome: 'denied' });
      throw refused(`tool "${name}"`, decision);
    }
    const forwarded = original === name ? params : { ...params, name: original };
    const { inputSchema } = item as { inputSchema?: JsonObject };
    try {
      const call = { backend, method: 'tools/call', params: forwarded, received: params, inputSchema };
      const limited = { identity: context.identity, tool: ruledAs, backend: backend.name };
      const result = await limits.run(limited, () => calls.forward(call, context, traced));
      record(isObject(result) && result.isError === true ? 'error' : 'ok');
      const { uris } = this.#options.catalogs.main;
      return uris.isRenamed(backend) ? withUris(result, (uri) => uris.outward(backend, uri)) : result;
    } catch (error) {
      if (error instanceof LimitedError) traced.span?.end({ outcome: 'limited' });
      if (!(error instanceof UpstreamError)) {
        recordFailure(record, error);
        throw error;
      }
      record(context.signal.aborted ? 'cancelled' : 'unavailable');
      // A model reads tool results, not protocol errors: so it learns which backend is gone and can go on without.
      return failure(error.message);
    }
  }

  async #callOwn(
    { item, call }: OwnTool,
    params: JsonObject,
    context: RequestContext,
    decision: Decision,
  ): Promise<JsonObject> {
    const record = this.#recorder(item.name, context, decision, parentOf(params, context.trace));
    const args = isObject(params.arguments) ? params.arguments : {};
    try {
      const result = await this.#options.limits.run({ identity: context.identity }, async () => resultOf(call(args)));
      record('ok');
      return result;
    } catch (error) {
      recordFailure(record, error);
      if (error instanceof WrongArgument) return failure(error.message);
      throw error;
    }
  }

  /** Takes down how a call ended that begins now. */
  #recorder(
    tool: string,
    { identity, view }: RequestContext,
    decision: Decision,
    trace: TraceContext | undefined,
    backend?: string,
  ): Recorder {
    const started = performance.now();
    const { clientId, issuer, subject } = identity;
    return (outcome, held) => {
      const ms = Math.round((performance.now() - started) * 100) / 100;
      this.#options.audit({
        client: clientId,
        ...(issuer !== undefined && { issuer }),
        ...(subject !== undefined && { subject }),
        tool,
        ...(backend !== undefined && { backend }),
        ...(view !== undefined && { view }),
        rule: held?.limit ?? decision.rule,
        ...(held && { reason: held.message }),
        ...(!decision.allowed && { reason: decision.reason }),
        ...(trace && { trace_id: traceIdOf(trace) }),
        outcome,
        ms,
      });
    };
  }

  /** The tools that a caller may use now. */
  #usable(catalog: Catalog, context: RequestContext): readonly JsonObject[] {
    const { catalogs, access } = this.#options;
    const view = catalogs.viewOf(context);
    const own = [...this.#own.values()].filter(
      ({ item: { name } }) => (!view || showsOwnTool(view, name)) && access.decideOwn(name, context).allowed,
    );
    return [...available(access.visible('tool', catalog.tools, context)), ...own.map(({ item }) => item)];
  }

  #isSearched(context: RequestContext): boolean {
    return this.#options.catalogs.viewOf(context)?.tool_search ?? this.#options.toolSearch;
  }
}

/** Takes down how a call ended. @param held Why it did not begin, where a limit held it back. */
type Recorder = (outcome: AuditRecord['outcome'], held?: LimitedError) => void;

function recordFailure(record: Recorder, error: unknown): void {
  if (error instanceof LimitedError) record('limited', error);
  else record('error');
}
