import type { GatewayConfig } from '../../config/index.js';
import type { Expectations } from '../gateway/token.js';
import { isReachable } from '../reach/reach.js';
import { Subject } from '../subject.js';
import { isCalledSo } from './issuer.js';
import { fitsAlgorithms, holdsKeys } from './keys.js';

type Auth = GatewayConfig['auth'];

/** Times a check may take that asks several places. */
const patience = 2;

/** What the configuration accepts of tokens; `undefined` when it verifies none that say anything of themselves. */
export function expectationsOf(auth: Auth): Expectations | undefined {
  if (!auth.jwt_jwks_uri && !auth.jwt_public_key) return undefined;
  return {
    issuers: auth.jwt_issuer ?? [],
    audiences: auth.jwt_audience ?? [],
    algorithms: auth.jwt_algorithms,
    clockSkew: auth.jwt_clock_skew,
  };
}

/** Looks at where the keys of tokens come from. @returns nothing when no tokens are verified by key */
export async function examineAuth(auth: Auth, timeoutMs: number): Promise<Subject[]> {
  const { jwt_jwks_uri: uri, jwt_public_key: pem, jwt_algorithms: algorithms, jwt_issuer: issuers = [] } = auth;
  if (!auth.enabled || (!uri && !pem)) return [];
  const subject = new Subject('tokens of callers', timeoutMs);
  if (pem) subject.note('keys', fitsAlgorithms(pem, algorithms));
  if (uri && (await isReachable(subject, new URL(uri)))) {
    await subject.check('keys', (signal) => holdsKeys(uri, algorithms, signal));
  }
  for (const issuer of issuers) {
    await subject.check('issuer', (signal) => isCalledSo(issuer, uri, signal), timeoutMs * patience);
  }
  return [subject];
}
