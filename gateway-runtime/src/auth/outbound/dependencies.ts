import type { RequestSigners, VaultSecrets } from '../oci/index.js';

/** What the methods draw on. */
export interface OutboundDependencies {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signers: RequestSigners;
  readonly vault: VaultSecrets;
  /** Seconds until a secret in a file or in Vault is read again. @default 300 */
  readonly secretTtl?: number;
}
