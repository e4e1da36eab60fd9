import { createHash, timingSafeEqual } from 'node:crypto';
import type { Identity } from '../../config/identity.js';
import type { GatewayConfig } from '../../config/index.js';

/** Finds the caller a token stands for; takes as long for a wrong token as for a right one. */
export function staticTokens(tokens: GatewayConfig['auth']['static_tokens']): (token: string) => Identity | undefined {
  const known = Object.entries(tokens).map(([token, { client_id, scopes }]) => {
    const digest = sha256(token);
    const identity: Identity = {
      key: staticKeyOf(token),
      clientId: client_id,
      scopes: new Set(scopes),
    };
    return { digest, identity };
  });
  return (token) => {
    const digest = sha256(token);
    let found: Identity | undefined;
    for (const candidate of known) {
      if (timingSafeEqual(candidate.digest, digest)) found = candidate.identity;
    }
    return found;
  };
}

/** Key of the caller that a static token stands for. */
export function staticKeyOf(token: string): string {
  return `static ${sha256(token).toString('base64url')}`;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
