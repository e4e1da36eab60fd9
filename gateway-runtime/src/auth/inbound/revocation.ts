import { anonymous, type Identity } from '../../config/identity.js';
import type { GatewayConfig } from '../../config/index.js';
import { asksForTokens } from './index.js';
import { staticKeyOf } from './static-tokens.js';

/**
 * Whether callers who were let in before may still be by this configuration: not with a static token that was taken out, nor
 * with one of an issuer that is no longer trusted, nor without any where tokens are asked for.
 */
export function acceptedBy(auth: GatewayConfig['auth']): (identity: Identity) => boolean {
  if (!asksForTokens(auth)) return ({ key }) => key === anonymous.key;
  const { jwt_issuer } = auth;
  const known = new Set(Object.keys(auth.static_tokens).map(staticKeyOf));
  return ({ key, issuer }) => {
    if (key === anonymous.key) return false;
    if (issuer !== undefined && jwt_issuer) return jwt_issuer.includes(issuer);
    return known.has(key) || !key.startsWith('static ');
  };
}
