import type { JsonObject } from '../contracts/json-rpc.js';

/**
 * Where a request says what it is about, for the header `Mcp-Name`.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#standard-request-headers
 * https://modelcontextprotocol.io/seps/2663-tasks-extension
 */
const sources: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

/** What `Mcp-Name` says of a request; `undefined` where it has none. */
export function mcpNameOf(method: string, params: JsonObject | undefined): string | undefined {
  const source = sources.get(method);
  const name = source === undefined ? undefined : params?.[source];
  return typeof name === 'string' ? name : undefined;
}
