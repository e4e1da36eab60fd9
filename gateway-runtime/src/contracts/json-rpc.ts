/** A JSON object whose members the gateway does not look at. */
export type JsonObject = Record<string, unknown>;

/** The id of a request. */
export type JsonRpcId = string | number;

/** Any JSON-RPC 2.0 message. */
export interface JsonRpcMessage {
  readonly jsonrpc: '2.0';
  readonly id?: JsonRpcId | null;
  readonly method?: string;
  readonly params?: JsonObject;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** True for a JSON object, false for `null`, lists and everything else. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
