import type { JsonObject } from '../contracts/json-rpc.js';
import { RpcError, rpcCodes } from '../errors.js';

/** A member of params that has to be a text. @throws {RpcError} */
export function textOf(params: JsonObject, member: string): string {
  const value = params[member];
  if (typeof value === 'string') return value;
  throw new RpcError(rpcCodes.invalidParams, `${member} must be a string`);
}

/** A name as messages quote it. */
export function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 200));
}
