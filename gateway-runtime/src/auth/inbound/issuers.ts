import { decodeJwt } from 'jose';
import type { AuthConfig } from '../../config/auth.js';
import { normalIssuer } from '../../config/issuer.js';
import type { Logger } from '../../contracts/host.js';
import type { Identity } from '../../contracts/identity.js';
import { ConfigError, UnauthorizedError } from '../../errors.js';
import { notAccepted } from './claims.js';
import { JwtVerifier } from './jwt.js';
import { RemoteKeySet } from './key-set.js';
import type { KeySource } from './keys.js';
import { pemKeys } from './pem-keys.js';
import { TokenCache } from './token-cache.js';

/** Where the keys of one issuer are. */
interface KeyPlace {
  readonly uri?: string;
  readonly pem?: readonly string[];
  /** The field of the PEM text. */
  readonly field: string;
}

/**
 * All issuers whose JSON Web Tokens are accepted. The issuer that a token names chooses the one way in which it is verified, so
 * that the keys of one issuer never vouch for another.
 */
export class Issuers {
  readonly #byName = new Map<string, JwtVerifier>();
  /** For tokens of whatever other issuer, where the configuration names a key and no issuer. */
  readonly #others: JwtVerifier | undefined;
  readonly #verified = new TokenCache<Identity>();

  /** @throws {ConfigError} when a key cannot be used */
  constructor(auth: AuthConfig, logger: Logger) {
    const { jwt_clock_skew: clockSkew } = auth;
    const verified = this.#verified;
    for (const [index, issuer] of auth.issuers.entries()) {
      const { audience, algorithms, claims = {}, scope_claim: scopeClaim, jwks_uri: uri, public_key: pem } = issuer;
      const keys = keysAt({ uri, pem, field: `auth.issuers[${index}].public_key` }, logger);
      const verifier = new JwtVerifier({ keys, audience, algorithms, clockSkew, claims, scopeClaim, verified });
      this.#byName.set(normalIssuer(issuer.issuer), verifier);
    }
    const { jwt_jwks_uri: uri, jwt_public_key: pem, jwt_issuer: names } = auth;
    if (!uri && !pem) return;
    const verifier = new JwtVerifier({
      keys: keysAt({ uri, pem: pem ? [pem] : undefined, field: 'auth.jwt_public_key' }, logger),
      audience: auth.jwt_audience ?? [],
      algorithms: auth.jwt_algorithms,
      clockSkew,
      claims: auth.jwt_claims ?? {},
      verified,
    });
    for (const name of names ?? []) this.#byName.set(normalIssuer(name), verifier);
    if (!names) this.#others = verifier;
  }

  /** Whose token it is that was verified a short while ago. @param connection Over which it came. @default - that is not known */
  remembered(token: string, connection?: object): Identity | undefined {
    return this.#verified.get(token, connection);
  }

  /** Whether this is, by what it says of itself, a token of one of the issuers. */
  know(token: string): boolean {
    try {
      return this.#verifierFor(token) !== undefined;
    } catch {
      return false;
    }
  }

  /** @throws {UnauthorizedError} @throws {UnavailableError} when the keys cannot be told now */
  async verify(token: string): Promise<Identity> {
    if (this.#byName.size === 0 && !this.#others) throw new UnauthorizedError('the token is not known');
    const verifier = this.#verifierFor(token);
    if (!verifier) throw notAccepted('iss');
    return verifier.verify(token);
  }

  #verifierFor(token: string): JwtVerifier | undefined {
    const issuer = issuerIn(token);
    return (typeof issuer === 'string' ? this.#byName.get(normalIssuer(issuer)) : undefined) ?? this.#others;
  }
}

/** What a token says of its issuer, which is not verified yet. @throws {UnauthorizedError} when it is no signed JWT */
function issuerIn(token: string): unknown {
  try {
    return decodeJwt(token).iss;
  } catch {
    throw new UnauthorizedError('the token is not a valid JWT');
  }
}

function keysAt({ uri, pem, field }: KeyPlace, logger: Logger): KeySource {
  if (uri) return new RemoteKeySet(uri, logger);
  if (pem) return pemKeys(pem, field);
  throw new ConfigError([{ path: field, message: 'no key verifies the tokens of this issuer' }]);
}
