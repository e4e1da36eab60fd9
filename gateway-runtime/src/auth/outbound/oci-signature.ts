import type { HttpBackend, SigningMethod } from '../../config/backend.js';
import type { OutboundAuth } from '../../contracts/identity.js';
import type { OutboundDependencies } from './dependencies.js';

/** Signs every request with an OCI identity. */
export function ociSignature(backend: HttpBackend, { signers }: OutboundDependencies): OutboundAuth {
  const signer = signers.signerFor({
    method: backend.auth_method as SigningMethod,
    profile: backend.oci_profile,
    configFile: backend.oci_config_file,
  });
  return { headers: (request) => signer.sign(request), refresh: (refused) => signer.refresh(refused) };
}
