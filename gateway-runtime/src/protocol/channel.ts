import type { JsonObject, JsonRpcMessage } from '../contracts/json-rpc.js';

/** The way to one client, for everything it is to hear. */
export interface Channel {
  /** Sends what somebody waits for: an answer, answers to a batch, or a question. @returns whether that is possible */
  send(message: JsonRpcMessage | readonly JsonRpcMessage[]): boolean;
  /**
   * Sends what nobody waits for.
   * @param keep Whether a client that does not read gets it later, and not twice. False for what belongs before an answer.
   */
  notify(method: string, params: JsonObject | undefined, keep: boolean): void;
}
