import type { HttpBackend } from '../../config/backend.js';
import type { OutboundAuth } from '../../config/identity.js';
import { UpstreamError } from '../../errors.js';
import { apiKey } from './api-key.js';
import { bearerToken } from './bearer-token.js';
import type { OutboundDependencies } from './dependencies.js';
import { none } from './none.js';
import { ociSignature } from './oci-signature.js';

export type { OutboundDependencies } from './dependencies.js';

/** One line per method. */
const methods: Partial<
  Record<HttpBackend['auth_method'], (backend: HttpBackend, dependencies: OutboundDependencies) => OutboundAuth>
> = {
  none,
  bearer_token: bearerToken,
  api_key: apiKey,
  resource_principal: ociSignature,
  instance_principal: ociSignature,
  oke_workload_identity: ociSignature,
  oci_config: ociSignature,
  session_token: ociSignature,
};

/** @throws {UpstreamError} for a method that is not built: such a backend must not be called without it. */
export function createOutboundAuth(backend: HttpBackend, dependencies: OutboundDependencies): OutboundAuth {
  const create = methods[backend.auth_method];
  if (!create) throw new UpstreamError(`"auth_method": "${backend.auth_method}" is not built yet`);
  return create(backend, dependencies);
}
