import { isObject, type JsonObject, type JsonRpcId, type JsonRpcMessage } from '../contracts/json-rpc.js';
import { rpcCodes } from '../errors.js';

/** A request of the client. */
export interface ClientRequest {
  readonly id: JsonRpcId;
  readonly method: string;
  readonly params: JsonObject;
}

/** One message of the client. */
export type Incoming =
  | ({ readonly kind: 'request' } & ClientRequest)
  | { readonly kind: 'notification'; readonly method: string; readonly params: JsonObject }
  | { readonly kind: 'response'; readonly response: JsonRpcMessage }
  | { readonly kind: 'fault'; readonly id?: JsonRpcId; readonly error: { code: number; message: string } };

/** The notification with which either side says that it does not wait any more. */
export const cancelled = 'notifications/cancelled';

/** The only version with batches. */
export const batchVersion = '2025-03-26';

/** Messages in one batch at most: each may cost a call to a backend, or an answer much longer than itself. */
const mostInBatch = 50;

/** What is wrong with the length of a batch, if anything is. */
export function faultOfBatch({ length }: readonly unknown[]): string | undefined {
  if (length === 0) return 'the batch is empty';
  return length > mostInBatch ? `the batch has more than ${mostInBatch} messages` : undefined;
}

/** What a message is. */
export function sortMessage(message: unknown): Incoming {
  if (!isObject(message) || message.jsonrpc !== '2.0') return fault('not a JSON-RPC 2.0 message', message);
  const { id, method, params = {} } = message as Partial<JsonRpcMessage>;
  if (method === undefined) {
    if ('result' in message || 'error' in message) return { kind: 'response', response: message as never };
    return fault('a message needs a method', message);
  }
  if (typeof method !== 'string') return fault('method must be a string', message);
  if (!isObject(params)) return fault('params must be an object', message);
  if (id === undefined) return { kind: 'notification', method, params };
  if (isId(id)) return { kind: 'request', id, method, params };
  return fault('id must be a string or a number that a double can hold exactly', message);
}

/** Integers beyond 2^53 would come back as other ones, and nobody would know the answer for theirs. */
function isId(id: unknown): id is JsonRpcId {
  return typeof id === 'string' || (typeof id === 'number' && Math.abs(id) <= Number.MAX_SAFE_INTEGER);
}

function fault(text: string, message: unknown): Incoming {
  const error = { code: rpcCodes.invalidRequest, message: text };
  return isObject(message) && isId(message.id) ? { kind: 'fault', id: message.id, error } : { kind: 'fault', error };
}
