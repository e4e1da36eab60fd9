import { isObject, type JsonRpcMessage } from '../contracts/json-rpc.js';
import { jsonOfResult } from '../contracts/result-json.js';
import { rpcCodes } from '../errors.js';

/** The JSON of a message, or of a batch of them. */
export function toText(message: JsonRpcMessage | readonly JsonRpcMessage[]): string {
  return 'jsonrpc' in message ? toJson(message) : `[${message.map(toJson).join(',')}]`;
}

/** The JSON of a message, in one line. What a backend nested too deeply to be written becomes an error with the id of its request. */
export function toJson(message: JsonRpcMessage): string {
  const { result } = message;
  const json = isObject(result) ? jsonOfResult(result) : undefined;
  if (json === undefined) return written(message);
  // Backends may write in several lines; in a text of JSON there is none.
  return `${headOf(message)}${typeof json === 'string' ? json : String(json).replace(/[\r\n]/g, ' ')}}`;
}

/** The same in several parts, where some of them are there in bytes already, and perhaps in several lines. */
export function toParts(message: JsonRpcMessage): string | readonly (string | Buffer)[] {
  const { result } = message;
  const json = isObject(result) ? jsonOfResult(result) : undefined;
  return json === undefined || typeof json === 'string' ? toJson(message) : [headOf(message), ...json.parts, '}'];
}

function headOf({ jsonrpc, id }: JsonRpcMessage): string {
  return `{"jsonrpc":"${jsonrpc}","id":${JSON.stringify(id)},"result":`;
}

function written(message: JsonRpcMessage): string {
  try {
    return JSON.stringify(message);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const { jsonrpc, id } = message;
    const reason = {
      code: rpcCodes.backendUnavailable,
      message: 'the backend sent an answer that is nested too deeply',
    };
    return JSON.stringify({ jsonrpc, id, error: reason });
  }
}
