import type { Environment, PrincipalChoice } from './principal.js';
import { RequestSigner } from './request-signer.js';

export { Ingestion, logIngestion, metricIngestion } from './ingestion.js';
export { RequestSigner } from './request-signer.js';
export { VaultSecrets } from './vault.js';

/** One signer for each identity, however many backends use it. */
export class RequestSigners {
  readonly #environment: Environment;
  readonly #signers = new Map<string, RequestSigner>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  signerFor({ method, profile, configFile }: PrincipalChoice): RequestSigner {
    const inFile = method === 'oci_config' || method === 'session_token';
    const choice = inFile ? { method, profile, configFile } : { method };
    const key = JSON.stringify(choice);
    const signer = this.#signers.get(key) ?? new RequestSigner(choice, this.#environment);
    this.#signers.set(key, signer);
    return signer;
  }
}
