import { isObject, type JsonObject, type JsonRpcId, type JsonRpcMessage } from '../config/json-rpc.js';
import { rpcCodes } from '../errors.js';
import { Refusal } from './refusal.js';

/** A request of a client. */
export interface ClientRequest {
  readonly id: JsonRpcId;
  readonly method: string;
  readonly params: JsonObject;
}

/** A notification of a client. */
export interface ClientNotification {
  readonly method: string;
  readonly params: JsonObject;
}

/** What one POST brings. */
export interface Incoming {
  readonly requests: readonly ClientRequest[];
  readonly notifications: readonly ClientNotification[];
  /** Answers to what the gateway asked. */
  readonly responses: readonly JsonRpcMessage[];
  readonly isBatch: boolean;
}

/** Messages in one batch at most: each may cost a call to a backend, or an answer much longer than itself. */
const mostInBatch = 50;

/** Sorts the messages of a body. @throws {Refusal} 400 when one of them is not JSON-RPC. */
export function sortMessages(body: unknown): Incoming {
  const isBatch = Array.isArray(body);
  const requests: ClientRequest[] = [];
  const notifications: ClientNotification[] = [];
  const responses: JsonRpcMessage[] = [];
  if (isBatch && body.length === 0) throw invalid('the batch is empty');
  if (isBatch && body.length > mostInBatch) throw invalid(`the batch has more than ${mostInBatch} messages`);
  for (const message of isBatch ? body : [body]) {
    if (!isObject(message) || message.jsonrpc !== '2.0') throw invalid('not a JSON-RPC 2.0 message');
    const { id, method, params = {} } = message as Partial<JsonRpcMessage>;
    if (method === undefined) {
      if (!('result' in message) && !('error' in message)) throw invalid('a message needs a method');
      responses.push(message as unknown as JsonRpcMessage);
      continue;
    }
    if (id !== undefined && !isId(id)) {
      throw invalid('id must be a string or a number that a double can hold exactly');
    }
    if (typeof method !== 'string') throw invalid('method must be a string', id);
    if (!isObject(params)) throw invalid('params must be an object', id);
    if (id === undefined) notifications.push({ method, params });
    else requests.push({ id, method, params });
  }
  return { requests, notifications, responses, isBatch };
}

/** Integers beyond 2^53 would come back as other ones, and nobody would know the answer for theirs. */
function isId(id: unknown): id is JsonRpcId {
  return typeof id === 'string' || (typeof id === 'number' && Math.abs(id) <= Number.MAX_SAFE_INTEGER);
}

function invalid(message: string, id?: JsonRpcId): Refusal {
  return new Refusal(400, message, {}, rpcCodes.invalidRequest, id);
}
