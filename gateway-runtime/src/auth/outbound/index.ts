import type { HttpBackend } from '../../config/backend.js';
import type { OutboundAuth } from '../../contracts/identity.js';
import { apiKey } from './api-key.js';
import { autonomousDatabase } from './autonomous-database.js';
import { basic } from './basic.js';
import { bearerToken } from './bearer-token.js';
import type { OutboundDependencies } from './dependencies.js';
import { none } from './none.js';
import { oauthClientCredentials } from './oauth-client-credentials.js';
import { ociSignature } from './oci-signature.js';
import { tokenExchange } from './token-exchange.js';

/** One line per method. */
const methods: Record<
  HttpBackend['auth_method'],
  (backend: HttpBackend, dependencies: OutboundDependencies) => OutboundAuth
> = {
  none,
  bearer_token: bearerToken,
  api_key: apiKey,
  basic,
  oauth_client_credentials: oauthClientCredentials,
  token_exchange: tokenExchange,
  autonomous_database: autonomousDatabase,
  resource_principal: ociSignature,
  instance_principal: ociSignature,
  oke_workload_identity: ociSignature,
  oci_config: ociSignature,
  session_token: ociSignature,
};

/** How the gateway proves itself to this backend. */
export function createOutboundAuth(backend: HttpBackend, dependencies: OutboundDependencies): OutboundAuth {
  return methods[backend.auth_method](backend, dependencies);
}

/** The same for every connection to a backend: secrets and tokens are had once, however many clients have connections. */
export function outboundAuths(dependencies: OutboundDependencies): (backend: HttpBackend) => OutboundAuth {
  const known = new WeakMap<HttpBackend, OutboundAuth>();
  return (backend) => {
    const auth = known.get(backend) ?? createOutboundAuth(backend, dependencies);
    known.set(backend, auth);
    return auth;
  };
}
