import { createPublicKey } from 'node:crypto';
import { withoutCredentials } from '../../config/faults.js';
import { isObject, type JsonObject } from '../../contracts/json-rpc.js';
import { ask } from '../http.js';
import { ok, problem, type Verdict } from '../verdict.js';

/** The members of the configuration that speak of the tokens of one issuer. */
export interface KeyFields {
  /** Such as `auth.jwt_jwks_uri`. */
  readonly uri: string;
  /** Such as `auth.jwt_algorithms`. */
  readonly algorithms: string;
}

/** Whether the key set of an issuer can be fetched and holds a key for one of these algorithms. */
export async function holdsKeys(
  uri: string,
  algorithms: readonly string[],
  fields: KeyFields,
  signal: AbortSignal,
): Promise<Verdict> {
  const { status, json } = await ask(uri, { headers: { accept: 'application/json' }, signal });
  const place = withoutCredentials(uri);
  if (status !== 200 || !Array.isArray(json.keys)) {
    return problem(`no key set at ${place} (HTTP ${status})`, {
      cause: `${fields.uri} is not the address of the keys, or the keys are not public: identity domains show theirs only when "Configure client access" is on in the domain settings`,
      solution: `set ${fields.uri} to the jwks_uri of the issuer's discovery document; make the signing certificate of the domain public`,
    });
  }
  const keys = json.keys.filter(isObject);
  const usable = keys.filter((key) => algorithms.some((algorithm) => isFor(key, algorithm)));
  if (usable.length > 0)
    return ok(`${place} holds ${usable.length} key${usable.length === 1 ? '' : 's'} for ${algorithms.join(', ')}`);
  const found = [...new Set(keys.map(({ kty, alg }) => String(alg ?? kty).slice(0, 20)))].join(', ') || 'no key at all';
  return problem(`${place} holds no key for ${algorithms.join(', ')}, but ${found}`, {
    cause: `the issuer signs with another algorithm than ${fields.algorithms} says`,
    solution: `name the algorithm of the issuer in ${fields.algorithms}`,
  });
}

/** Whether a PEM key fits one of these algorithms; the configuration check has read it already. */
export function fitsAlgorithms(pem: string, algorithms: readonly string[], fields: KeyFields): Verdict {
  const { asymmetricKeyType = 'unknown' } = createPublicKey(pem);
  const kty = { rsa: 'RSA', 'rsa-pss': 'RSA', ec: 'EC', ed25519: 'OKP' }[asymmetricKeyType as 'rsa'];
  if (algorithms.some((algorithm) => ktyOf(algorithm) === kty))
    return ok(`a key of type ${asymmetricKeyType} for ${algorithms.join(', ')}`);
  return problem(`a key of type ${asymmetricKeyType} verifies none of ${algorithms.join(', ')}`, {
    cause: `${fields.algorithms} was left at RS256, or the key is that of another issuer`,
    solution: `name the algorithm of the issuer in ${fields.algorithms}: ES256 for most EC keys, EdDSA for Ed25519`,
  });
}

function isFor({ kty, use, alg }: JsonObject, algorithm: string): boolean {
  return kty === ktyOf(algorithm) && use !== 'enc' && (alg === undefined || alg === algorithm);
}

function ktyOf(algorithm: string): string {
  if (algorithm.startsWith('Ed')) return 'OKP';
  return algorithm.startsWith('ES') ? 'EC' : 'RSA';
}
