import { isObject, type JsonObject, type JsonRpcId } from '../contracts/json-rpc.js';
import { metaKeys, withMeta } from './meta.js';

/** The request whose answer is a stream of notifications, for as long as client and gateway want. */
export const listenMethod = 'subscriptions/listen';

/** Name and version of a server. */
export interface ServerInfo {
  readonly name: string;
  readonly version: string;
}

/**
 * A result as clients of the modern era get it: it says what kind it is and who answered.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic#result-responses
 */
export function toModernResult(result: unknown, serverInfo: ServerInfo): unknown {
  if (!isObject(result)) return result;
  return { resultType: 'complete', ...withMeta(result, { [metaKeys.serverInfo]: serverInfo }) };
}

/** A result as clients of the legacy era get it, to whom the kind of a result means nothing. */
export function toLegacyResult(result: unknown): unknown {
  if (!isObject(result) || !('resultType' in result)) return result;
  const { resultType, ...rest } = result;
  return rest;
}

/** Says to which subscription params or a result belong. https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions#receiving-notifications */
export function withSubscription(holder: unknown, id: JsonRpcId): JsonObject {
  return withMeta(isObject(holder) ? holder : {}, { [metaKeys.subscriptionId]: id });
}
