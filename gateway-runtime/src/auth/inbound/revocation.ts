import { type AuthConfig, canVerify } from '../../config/auth.js';
import { normalIssuer } from '../../config/issuer.js';
import { anonymous, type Identity } from '../../contracts/identity.js';
import { certificateKeyOf } from './certificates.js';
import { fixedTokens } from './static-clients.js';

/**
 * Whether callers who were let in before may still be by this configuration: not with a static token or a certificate that was
 * taken out, nor with a token of an issuer that is no longer trusted, nor without any where tokens are asked for.
 */
export function acceptedBy(auth: AuthConfig): (identity: Identity) => boolean {
  if (!auth.enabled || !canVerify(auth)) return ({ key }) => key === anonymous.key;
  const { static_clients, client_certificates, jwt_issuer, issuers, introspection } = auth;
  const known = new Set([
    ...fixedTokens(auth).map(({ identity }) => identity.key),
    ...Object.keys(client_certificates).map(certificateKeyOf),
  ]);
  const keptElsewhere = new Set(static_clients.map(({ client_id }) => client_id));
  const trusted = new Set([...(jwt_issuer ?? []), ...issuers.map(({ issuer }) => issuer)].map(normalIssuer));
  const trustsAll = jwt_issuer === undefined && (auth.jwt_jwks_uri ?? auth.jwt_public_key) !== undefined;
  return ({ key, clientId, issuer }) => {
    if (known.has(key)) return true;
    if (key.startsWith('static ')) return keptElsewhere.has(clientId);
    if (key.startsWith('introspected ')) return introspection !== undefined;
    return key.startsWith('jwt ') && (trustsAll || (issuer !== undefined && trusted.has(normalIssuer(issuer))));
  };
}
