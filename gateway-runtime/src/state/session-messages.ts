import type { JsonObject, JsonRpcMessage } from '../contracts/json-rpc.js';
import type { SessionHolder } from '../contracts/session.js';

/** What replicas tell each other of sessions. */
export type SessionMessage =
  | { readonly type: 'ended'; readonly id: string }
  | { readonly type: 'notified'; readonly id: string; readonly method: string; readonly params?: JsonObject }
  | { readonly type: 'answered'; readonly id: string; readonly response: JsonRpcMessage };

/** Takes in what another replica tells. */
export function deliver(message: SessionMessage, holder: SessionHolder | undefined): void {
  if (message.type === 'ended') holder?.ended(message.id);
  else if (message.type === 'notified') holder?.notified(message.id, message.method, message.params);
  else holder?.answered(message.id, message.response);
}
