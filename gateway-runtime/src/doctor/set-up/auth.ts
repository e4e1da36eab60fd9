import type { GatewayConfig } from '../../config/index.js';
import type { Expectations } from '../gateway/token.js';
import { isReachable } from '../reach/reach.js';
import { Subject } from '../subject.js';
import { isCalledSo } from './issuer.js';
import { fitsAlgorithms, holdsKeys, type KeyFields } from './keys.js';

type Auth = GatewayConfig['auth'];

/** Times a check may take that asks several places. */
const patience = 2;

/** The tokens of one issuer, or of several with the same keys. */
interface Trusted {
  readonly issuers: readonly string[];
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
  readonly uri?: string;
  readonly pems: readonly string[];
  readonly fields: KeyFields;
}

/** What the configuration accepts of tokens; `undefined` when it verifies none that say anything of themselves. */
export function expectationsOf(auth: Auth): Expectations | undefined {
  const all = trustedBy(auth);
  if (all.length === 0) return undefined;
  return {
    issuers: all.flatMap(({ issuers }) => issuers),
    audiences: all.flatMap(({ audiences }) => audiences),
    algorithms: [...new Set(all.flatMap(({ algorithms }) => algorithms))],
    clockSkew: auth.jwt_clock_skew,
  };
}

/** Looks at where the keys of tokens come from. @returns nothing when no tokens are verified by key */
export async function examineAuth(auth: Auth, timeoutMs: number): Promise<Subject[]> {
  const all = auth.enabled ? trustedBy(auth) : [];
  return Promise.all(
    all.map(async ({ issuers, uri, pems, algorithms, fields }, index) => {
      const subject = new Subject(index === 0 ? 'tokens of callers' : `tokens of ${issuers.join(', ')}`, timeoutMs);
      for (const pem of pems) subject.note('keys', fitsAlgorithms(pem, algorithms, fields));
      if (uri && (await isReachable(subject, new URL(uri)))) {
        await subject.check('keys', (signal) => holdsKeys(uri, algorithms, fields, signal));
      }
      for (const issuer of issuers) {
        await subject.check('issuer', (signal) => isCalledSo(issuer, uri, signal), timeoutMs * patience);
      }
      return subject;
    }),
  );
}

function trustedBy(auth: Auth): Trusted[] {
  const { jwt_jwks_uri: uri, jwt_public_key: pem, jwt_algorithms: algorithms } = auth;
  const first: Trusted = {
    issuers: auth.jwt_issuer ?? [],
    audiences: auth.jwt_audience ?? [],
    algorithms,
    uri,
    pems: pem ? [pem] : [],
    fields: { uri: 'auth.jwt_jwks_uri', algorithms: 'auth.jwt_algorithms' },
  };
  const others = auth.issuers.map((each, index): Trusted => {
    const place = `auth.issuers[${index}]`;
    return {
      issuers: [each.issuer],
      audiences: each.audience,
      algorithms: each.algorithms,
      uri: each.jwks_uri,
      pems: each.public_key ?? [],
      fields: { uri: `${place}.jwks_uri`, algorithms: `${place}.algorithms` },
    };
  });
  return [...(uri || pem ? [first] : []), ...others];
}
