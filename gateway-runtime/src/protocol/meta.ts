import { isObject, type JsonObject } from '../contracts/json-rpc.js';

/** Members of `_meta` that the protocol itself defines. https://modelcontextprotocol.io/specification/2026-07-28/basic#meta */
export const metaKeys = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  logLevel: 'io.modelcontextprotocol/logLevel',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
} as const;

/** The `_meta` of params or of a result; empty when there is none. */
export function metaOf(holder: JsonObject | undefined): JsonObject {
  return isObject(holder?._meta) ? holder._meta : {};
}

/** The same with more members of `_meta`; those that are `undefined` are taken away. */
export function withMeta(holder: JsonObject | undefined, members: JsonObject): JsonObject {
  const meta: JsonObject = { ...metaOf(holder), ...members };
  for (const key in members) if (members[key] === undefined) delete meta[key];
  const { _meta, ...rest } = holder ?? {};
  // Every request comes by here, and after what is spread, to add a member takes ten times as long.
  return Object.keys(meta).length > 0 ? { _meta: meta, ...rest } : rest;
}
