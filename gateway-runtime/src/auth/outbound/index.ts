import type { HttpBackend } from '../../config/backend.js';
import type { OutboundAuth } from '../../config/identity.js';
import { apiKey } from './api-key.js';
import { autonomousDatabase } from './autonomous-database.js';
import { bearerToken } from './bearer-token.js';
import type { OutboundDependencies } from './dependencies.js';
import { none } from './none.js';
import { oauthClientCredentials } from './oauth-client-credentials.js';
import { ociSignature } from './oci-signature.js';

/** One line per method. */
const methods: Record<
  HttpBackend['auth_method'],
  (backend: HttpBackend, dependencies: OutboundDependencies) => OutboundAuth
> = {
  none,
  bearer_token: bearerToken,
  api_key: apiKey,
  oauth_client_credentials: oauthClientCredentials,
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
