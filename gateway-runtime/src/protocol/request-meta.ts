import { modernVersions } from '../config/versions.js';
import type { ClientProfile } from '../contracts/client.js';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import { RpcError, rpcCodes } from '../errors.js';
import { capabilitiesOf } from './capabilities.js';
import { metaKeys, metaOf } from './meta.js';
import { listenMethod } from './results.js';

/** Methods that the modern era has no more; its notifications need no answer. */
const legacyMethods: ReadonlySet<string> = new Set([
  'initialize',
  'ping',
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
]);

/** Methods that the legacy era does not have. */
const modernMethods: ReadonlySet<string> = new Set(['server/discover', listenMethod]);

/**
 * Whether a request is of the modern era: it names its version itself, or it asks for what exists only there.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning#backward-compatibility-with-initialization-based-versions
 */
export function isModern(method: string, params: JsonObject): boolean {
  return metaKeys.protocolVersion in metaOf(params) || modernMethods.has(method);
}

/**
 * Who makes a request of the modern era, as the request says.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic#meta
 * @throws {RpcError} when it does not say that, says it in a version that is not spoken here, or asks for what is no more
 */
export function clientOf(method: string, params: JsonObject): ClientProfile {
  const meta = metaOf(params);
  const version = meta[metaKeys.protocolVersion];
  const capabilities = meta[metaKeys.clientCapabilities];
  if (typeof version !== 'string') throw missing(metaKeys.protocolVersion, 'a string');
  if (!modernVersions.includes(version)) throw unsupportedVersion(version);
  if (!isObject(capabilities)) throw missing(metaKeys.clientCapabilities, 'an object');
  if (legacyMethods.has(method)) throw new RpcError(rpcCodes.methodNotFound, `${method} does not exist in ${version}`);
  return { era: 'modern', version, capabilities: capabilitiesOf(capabilities) };
}

/** What a client is told that speaks a version nobody here does: as in `server/discover`, those it can say in a request. */
export function unsupportedVersion(requested: string): RpcError {
  const data = { supported: modernVersions, requested };
  return new RpcError(rpcCodes.unsupportedVersion, 'unsupported protocol version', data);
}

function missing(key: string, form: string): RpcError {
  return new RpcError(rpcCodes.invalidParams, `_meta must say ${key}, which is ${form}`);
}
