import type { OutboundAuth } from '../../config/identity.js';

/** Sends no credential. */
export function none(): OutboundAuth {
  return { headers: async () => ({}), refresh: async () => false };
}
