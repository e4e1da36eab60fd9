import { type ClientProfile, canBeAsked } from '../contracts/client.js';
import type { RequestContext } from '../contracts/session.js';

/** For whom a connection to a backend is. */
export type Caller = Pick<RequestContext, 'identity' | 'client' | 'session'>;

/** What nobody else has: the session, or the identity together with what its software can do. */
export function keyOf({ identity, client, session }: Caller): string {
  return session ? `session ${session.id}` : `identity ${identity.key} ${kindOf(client)}`;
}

/** What all clients have in common that can do the same; empty for those that cannot be asked anything. */
export function kindOf(client: ClientProfile): string {
  return canBeAsked(client) ? `${client.era} ${JSON.stringify(client.capabilities)}` : '';
}
