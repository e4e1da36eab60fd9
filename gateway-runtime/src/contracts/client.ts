import type { Era } from '../config/versions.js';
import type { JsonObject } from './json-rpc.js';

/** What the software of a client speaks and can do: from its handshake, or from the request itself. */
export interface ClientProfile {
  readonly era: Era;
  /** The version of MCP agreed on, or that of the request. */
  readonly version: string;
  /** Its capabilities as it declared them: `{ elicitation: {}, sampling: {} }`. */
  readonly capabilities: JsonObject;
}

/** Whether servers may ask the client for anything. One that cannot be asked needs no connection of its own to backends. */
export function canBeAsked({ capabilities }: ClientProfile): boolean {
  return Object.keys(capabilities).length > 0;
}
