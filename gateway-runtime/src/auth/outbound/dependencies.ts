import type { GatewayConfig } from '../../config/index.js';
import { type RequestSigner, RequestSigners, VaultSecrets } from '../oci/index.js';

/** What the methods draw on. */
export interface OutboundDependencies {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signers: RequestSigners;
  readonly vault: VaultSecrets;
  /** Seconds until a secret in a file or in Vault is read again. @default 300 */
  readonly secretTtl?: number;
}

/** What the methods of one process draw on, and the identity of the process itself. */
export function outboundDependencies(
  { oci_auth_method: method, secret_ttl: secretTtl }: Pick<GatewayConfig, 'oci_auth_method' | 'secret_ttl'>,
  environment: OutboundDependencies['environment'],
): OutboundDependencies & { readonly signer: RequestSigner } {
  const signers = new RequestSigners(environment);
  const signer = signers.signerFor({ method });
  return { environment, signers, signer, vault: new VaultSecrets(signer, environment), secretTtl };
}
