import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import { RpcError, rpcCodes } from '../errors.js';

/**
 * Characters of JSON that the capabilities of a client may have: they are kept with its session, told to backends, and compared
 * with those of others. Even clients with many extensions need far less.
 */
const mostCharacters = 16 * 1024;

/** What most clients can do: one for all of their sessions. */
const none: JsonObject = Object.freeze({});

/** What a client says it can do; nothing where it says that in no way the protocol knows. @throws {RpcError} when that is too much */
export function capabilitiesOf(said: unknown): JsonObject {
  if (!isObject(said) || Object.keys(said).length === 0) return none;
  if (lengthOf(said) <= mostCharacters) return said;
  throw new RpcError(rpcCodes.invalidParams, `the capabilities of a client have at most ${mostCharacters} characters`);
}

/** What is nested too deeply to be written has no length. */
function lengthOf(value: JsonObject): number {
  try {
    return JSON.stringify(value).length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
