import type { OutboundAuth } from '../../contracts/identity.js';

/** Sends no credential. */
export function none(): OutboundAuth {
  return { headers: () => ({}), refresh: async () => false };
}
