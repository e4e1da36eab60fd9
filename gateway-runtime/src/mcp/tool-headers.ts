import { isDeepStrictEqual } from 'node:util';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import type { UpstreamRequestOptions } from '../contracts/upstream.js';
import { RpcError, rpcCodes } from '../errors.js';
import { headersFor, paramHeadersOf } from '../protocol/param-headers.js';

/** Pages that are searched for a tool. */
const maxPages = 100;

type Ask = (method: string, params: JsonObject | undefined, options?: UpstreamRequestOptions) => Promise<unknown>;

/** What is found out about tools. */
interface ToolHeaderEvents {
  /** A tool cannot be called over HTTP. */
  onFault(tool: string, reason: string): void;
  /** A tool is not what it was. */
  onChanged(): void;
}

/**
 * Tools that want some of their arguments in headers.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#custom-headers-from-tool-parameters
 */
export class ToolHeaders {
  readonly #ask: Ask;
  readonly #events: ToolHeaderEvents;

  constructor(ask: Ask, events: ToolHeaderEvents) {
    this.#ask = ask;
    this.#events = events;
  }

  /** A page of the list of tools, without those whose annotations break the rules. */
  async list(params: JsonObject | undefined, options?: UpstreamRequestOptions): Promise<unknown> {
    const result = await this.#ask('tools/list', params, options);
    if (!isObject(result) || !Array.isArray(result.tools)) return result;
    const tools = result.tools.filter((tool) => {
      const { fault } = paramHeadersOf(isObject(tool) ? tool.inputSchema : undefined);
      if (fault !== undefined) this.#events.onFault(String(tool.name).slice(0, 200), fault);
      return fault === undefined;
    });
    return tools.length === result.tools.length ? result : { ...result, tools };
  }

  /** Calls a tool, once more when it wants other headers than it did. */
  async call(params: JsonObject | undefined, options: UpstreamRequestOptions = {}): Promise<unknown> {
    try {
      return await this.#ask('tools/call', params, options);
    } catch (error) {
      if (!(error instanceof RpcError) || error.code !== rpcCodes.headerMismatch) throw error;
      const inputSchema = await this.#inputSchemaOf(params?.name, options);
      const [before, after] = [options.inputSchema, inputSchema].map((schema) => headersFor(schema, params?.arguments));
      if (isDeepStrictEqual(before, after)) throw error;
      this.#events.onChanged();
      return this.#ask('tools/call', params, { ...options, inputSchema });
    }
  }

  async #inputSchemaOf(name: unknown, { signal, caller }: UpstreamRequestOptions): Promise<JsonObject | undefined> {
    let cursor: unknown;
    for (let page = 0; page < maxPages; page++) {
      const result = await this.#ask('tools/list', cursor === undefined ? undefined : { cursor }, { signal, caller });
      if (!isObject(result) || !Array.isArray(result.tools)) break;
      const tool = result.tools.find((candidate) => isObject(candidate) && candidate.name === name);
      if (tool) return isObject(tool.inputSchema) ? tool.inputSchema : undefined;
      cursor = result.nextCursor;
      if (typeof cursor !== 'string' || cursor === '') break;
    }
    return undefined;
  }
}
