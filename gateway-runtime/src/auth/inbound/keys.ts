import type { KeyObject } from 'node:crypto';
import type { CryptoKey, JWSHeaderParameters } from 'jose';

/** A key that verifies signatures. */
export type VerificationKey = KeyObject | CryptoKey;

/** The keys of one issuer. */
export interface KeySource {
  /**
   * Keys that may have made a signature, by what its header says.
   *
   * @throws {UnavailableError} when they cannot be told now
   */
  keysFor(header: JWSHeaderParameters): Promise<readonly VerificationKey[]>;
}
