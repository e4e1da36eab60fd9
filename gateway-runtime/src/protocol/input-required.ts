import { isObject, type JsonObject } from '../contracts/json-rpc.js';

/** A request that a server wants answered before it goes on. */
export interface InputRequest {
  readonly method: string;
  readonly params?: JsonObject;
}

/** A result that says what is missing; the client is to send its request again with the answers. */
export interface InputRequired {
  /** By names that the server chose. */
  readonly inputRequests: { readonly [name: string]: InputRequest };
  /** What the server wants to get back unchanged. */
  readonly requestState?: string;
}

/** Methods whose answer may ask for input. https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr#supported-requests */
export const inputMethods: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);

/** What a result asks for; `undefined` when it is complete. */
export function inputRequiredOf(result: unknown): InputRequired | undefined {
  if (!isObject(result) || result.resultType !== 'input_required') return undefined;
  const { inputRequests, requestState } = result;
  const requests = Object.entries(isObject(inputRequests) ? inputRequests : {}).filter(
    (entry): entry is [string, JsonObject & InputRequest] => isObject(entry[1]) && typeof entry[1].method === 'string',
  );
  return {
    inputRequests: Object.fromEntries(
      requests.map(([name, { method, params }]) => [name, { method, ...(isObject(params) && { params }) }]),
    ),
    ...(typeof requestState === 'string' && { requestState }),
  };
}
