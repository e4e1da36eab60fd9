import { isObject, type JsonRpcMessage } from '../contracts/json-rpc.js';
import { textOfResult } from '../contracts/result-text.js';
import { rpcCodes } from '../errors.js';

/** The JSON of a message, or of a batch of them. */
export function toText(message: JsonRpcMessage | readonly JsonRpcMessage[]): string {
  return 'jsonrpc' in message ? toJson(message) : `[${message.map(toJson).join(',')}]`;
}

/** The JSON of a message. What a backend nested too deeply to be written becomes an error with the id of its request. */
export function toJson(message: JsonRpcMessage): string {
  const { jsonrpc, id, result } = message;
  const text = isObject(result) ? textOfResult(result) : undefined;
  if (text !== undefined) return `{"jsonrpc":"${jsonrpc}","id":${JSON.stringify(id)},"result":${text}}`;
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
