import { type ClientProfile, canBeAsked } from '../config/client.js';
import type { ClientSession, RequestContext } from '../config/session.js';

/** For whom a connection to a backend is. */
export interface Caller {
  /** What nobody else has: the session, or the identity together with what its software can do. */
  readonly key: string;
  /** What all clients have that can do the same; empty for those that cannot be asked anything. */
  readonly kind: string;
  readonly client: ClientProfile;
  /** Absent in the modern era, and when the gateway keeps no sessions. */
  readonly session?: ClientSession;
}

/** Who makes a request. */
export function callerOf({
  identity,
  client,
  session,
}: Pick<RequestContext, 'identity' | 'client' | 'session'>): Caller {
  const kind = canBeAsked(client) ? `${client.era} ${JSON.stringify(client.capabilities)}` : '';
  const key = session ? `session ${session.id}` : `identity ${identity.key} ${kind}`;
  return { key, kind, client, session };
}
