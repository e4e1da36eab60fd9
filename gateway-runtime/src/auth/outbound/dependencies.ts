import type { SigningMethod } from '../../config/backend.js';
import { type RequestSigner, RequestSigners, VaultSecrets } from '../oci/index.js';

/** What the methods draw on. */
export interface OutboundDependencies {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signers: RequestSigners;
  readonly vault: VaultSecrets;
}

/**
 * What the methods of one process draw on.
 *
 * @param method The identity of the process itself, with which it reads secrets.
 */
export function outboundDependencies(
  method: SigningMethod,
  environment: OutboundDependencies['environment'],
): OutboundDependencies & { readonly signer: RequestSigner } {
  const signers = new RequestSigners(environment);
  const signer = signers.signerFor({ method });
  return { environment, signers, signer, vault: new VaultSecrets(signer, environment) };
}
