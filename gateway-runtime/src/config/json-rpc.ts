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

/** MCP versions with a handshake that the gateway speaks on both sides, newest first. */
export const protocolVersions: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];

/** The version offered to whoever asks for one the gateway does not speak. */
export const latestProtocolVersion = '2025-11-25';

/** True for a JSON object, false for `null`, lists and everything else. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
