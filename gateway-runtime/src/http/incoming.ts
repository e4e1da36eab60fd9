import type { JsonObject, JsonRpcMessage } from '../contracts/json-rpc.js';
import { rpcCodes } from '../errors.js';
import { type ClientRequest, faultOfBatch, sortMessage } from '../protocol/incoming.js';
import { Refusal } from './refusal.js';

/** What one POST brings. */
export interface Incoming {
  readonly requests: readonly ClientRequest[];
  readonly notifications: readonly { readonly method: string; readonly params: JsonObject }[];
  /** Answers to what the gateway asked. */
  readonly responses: readonly JsonRpcMessage[];
  readonly isBatch: boolean;
}

/** Sorts the messages of a body. @throws {Refusal} 400 when one of them is not JSON-RPC. */
export function sortMessages(body: unknown): Incoming {
  const isBatch = Array.isArray(body);
  const requests: ClientRequest[] = [];
  const notifications: { method: string; params: JsonObject }[] = [];
  const responses: JsonRpcMessage[] = [];
  const fault = isBatch ? faultOfBatch(body) : undefined;
  if (fault !== undefined) throw new Refusal(400, fault, {}, rpcCodes.invalidRequest);
  for (const message of isBatch ? body : [body]) {
    const sorted = sortMessage(message);
    if (sorted.kind === 'request') requests.push(sorted);
    else if (sorted.kind === 'notification') notifications.push(sorted);
    else if (sorted.kind === 'response') responses.push(sorted.response);
    else throw new Refusal(400, sorted.error.message, {}, sorted.error.code, sorted.id);
  }
  return { requests, notifications, responses, isBatch };
}
