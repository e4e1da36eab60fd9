import { createLocalJWKSet, errors, type JSONWebKeySet, type JWSHeaderParameters, type LocalJWKSet } from 'jose';
import type { Logger } from '../../contracts/host.js';
import { UnavailableError, UpstreamError } from '../../errors.js';
import { exchange } from '../exchange.js';
import type { KeySource, VerificationKey } from './keys.js';
import { Renewable } from './renewable.js';

const minute = 60_000;

/** Milliseconds for which keys are used without asking whether they still hold: what takes a key back takes as long. */
const freshMs = 10 * minute;

/** Milliseconds for which keys verify while the issuer does not answer. */
const usableMs = 24 * 60 * minute;

/** Milliseconds between two requests for keys that are not in the set: made-up key ids cannot make the gateway ask more often. */
const cooldownMs = 10_000;

/** Keys of one set; whoever has more publishes something else. */
const mostKeys = 100;

/** The key set that an issuer publishes. https://www.rfc-editor.org/rfc/rfc7517#section-5 */
export class RemoteKeySet implements KeySource {
  readonly #sets: Renewable<LocalJWKSet>;

  constructor(uri: string, logger: Logger) {
    const url = new URL(uri);
    this.#sets = new Renewable({
      fetch: () => fetchSet(url),
      freshMs,
      usableMs,
      cooldownMs,
      onFailure: ({ message }) => logger.warn({ error: message }, 'the keys that verify tokens cannot be fetched'),
    });
  }

  async keysFor(header: JWSHeaderParameters): Promise<readonly VerificationKey[]> {
    try {
      const set = await this.#sets.current();
      const keys = await keysIn(set, header);
      if (keys.length > 0) return keys;
      const newer = await this.#sets.renewed(set);
      return newer ? await keysIn(newer, header) : [];
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      throw new UnavailableError('the keys that verify tokens cannot be fetched at the moment');
    }
  }
}

async function fetchSet(url: URL): Promise<LocalJWKSet> {
  const { status, document } = await exchange({ method: 'GET', url, headers: {} });
  if (status !== 200) throw new UpstreamError(`${url.host} answered HTTP ${status}`);
  try {
    const set = createLocalJWKSet(document as JSONWebKeySet);
    if (set.jwks().keys.length <= mostKeys) return set;
  } catch {}
  throw new UpstreamError(`${url.host} answered with something else than a key set`);
}

/**
 * The keys of a set that a header may mean: usually one, more when neither set nor header names keys, and none when what is
 * meant is no public key that can be read.
 */
async function keysIn(set: LocalJWKSet, header: JWSHeaderParameters): Promise<VerificationKey[]> {
  try {
    return [await set(header)];
  } catch (error) {
    const keys: VerificationKey[] = [];
    if (error instanceof errors.JWKSMultipleMatchingKeys) for await (const key of error) keys.push(key);
    return keys;
  }
}
