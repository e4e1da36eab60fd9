import type { IncomingHttpHeaders } from 'node:http';
import { supportedVersions } from '../config/versions.js';
import type { JsonObject } from '../contracts/json-rpc.js';
import { RpcError, rpcCodes } from '../errors.js';
import { decodeHeader } from '../protocol/header-value.js';
import type { ClientRequest } from '../protocol/incoming.js';
import { mcpNameOf } from '../protocol/mcp-name.js';
import { metaKeys, metaOf } from '../protocol/meta.js';
import { mismatchedHeader } from '../protocol/param-headers.js';
import { unsupportedVersion } from '../protocol/request-meta.js';

/**
 * The version of a request stands in a header and in the body, and both say the same.
 * @throws {RpcError}
 */
export function checkVersionHeader(headers: IncomingHttpHeaders, params: JsonObject): void {
  const version = metaOf(params)[metaKeys.protocolVersion];
  const said = headers['mcp-protocol-version'];
  if (typeof version === 'string' && said !== version) throw mismatch('MCP-Protocol-Version');
  // A client of another version may say it elsewhere in the body.
  if (version === undefined && typeof said === 'string' && !supportedVersions.includes(said)) {
    throw unsupportedVersion(said);
  }
}

/**
 * What is in front of the gateway goes by headers, the gateway by the body: both say the same, or a request could pass as another.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#server-validation
 *
 * @param schemaOf Finds the input schema of a tool.
 * @throws {RpcError}
 */
export function checkRequestHeaders(
  headers: IncomingHttpHeaders,
  { method, params }: ClientRequest,
  schemaOf: (tool: string) => JsonObject | undefined,
): void {
  if (headers['mcp-method'] !== method) throw mismatch('Mcp-Method');
  const name = mcpNameOf(method, params);
  if (name === undefined) return;
  const said = headers['mcp-name'];
  if (typeof said !== 'string' || decodeHeader(said) !== name) throw mismatch('Mcp-Name');
  if (method !== 'tools/call') return;
  const wrong = mismatchedHeader(schemaOf(name), params.arguments, headers);
  if (wrong) throw mismatch(wrong);
}

function mismatch(header: string): RpcError {
  return new RpcError(rpcCodes.headerMismatch, `the header ${header} is missing or does not say what the body says`);
}
