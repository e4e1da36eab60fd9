import { isObject, type JsonRpcMessage } from '../contracts/json-rpc.js';
import { jsonOfResult } from '../contracts/result-json.js';
import { rpcCodes } from '../errors.js';

/** The JSON of a message, or of a batch of them. */
export function toText(message: JsonRpcMessage | readonly JsonRpcMessage[]): string {
  return 'jsonrpc' in message ? toJson(message) : `[${message.map(toJson).join(',')}]`;
}

/** The JSON of a message. What a backend nested too deeply to be written becomes an error with the id of its request. */
export function toJson(message: JsonRpcMessage): string {
  const parts = toParts(message);
  return typeof parts === 'string' ? parts : parts.join('');
}

/** The same in several parts, where one of them is there in bytes already. */
export function toParts(message: JsonRpcMessage): string | readonly (string | Buffer)[] {
  const { jsonrpc, id, result } = message;
  const json = isObject(result) ? jsonOfResult(result) : undefined;
  if (json !== undefined) {
    const head = `{"jsonrpc":"${jsonrpc}","id":${JSON.stringify(id)},"result":`;
    return typeof json === 'string' ? `${head}${json}}` : [head, json, '}'];
  }
  try {
    return JSON.stringify(message);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const reason = {
      code: rpcCodes.backendUnavailable,
      message: 'the backend sent an answer that is nested too deeply',
    };
    return JSON.stringify({ jsonrpc, id, error: reason });
  }
}
