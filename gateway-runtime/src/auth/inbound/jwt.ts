import {
  decodeProtectedHeader,
  errors,
  type JWSHeaderParameters,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import type { Identity } from '../../contracts/identity.js';
import { UnauthorizedError } from '../../errors.js';
import { checkClaims, identityOf, type NeededClaims, notAccepted } from './claims.js';
import type { KeySource } from './keys.js';
import type { TokenCache } from './token-cache.js';

/** Milliseconds for which a token is not verified again. */
const cachedMs = 60_000;

/** What the tokens of one issuer have to be. */
export interface JwtOptions {
  readonly keys: KeySource;
  readonly audience: string[];
  readonly algorithms: string[];
  /** Seconds by which clocks may differ. */
  readonly clockSkew: number;
  readonly claims: NeededClaims;
  readonly scopeClaim?: string;
  /** Where tokens are remembered that were verified. */
  readonly verified: TokenCache<Identity>;
}

/** Verifies the JSON Web Tokens of one issuer: signature, algorithm, audience, times and the claims asked for. */
export class JwtVerifier {
  readonly #options: JwtOptions;

  constructor(options: JwtOptions) {
    this.#options = options;
  }

  /** @throws {UnauthorizedError} @throws {UnavailableError} when the keys cannot be told now */
  async verify(token: string): Promise<Identity> {
    const { clockSkew, claims, scopeClaim, verified } = this.#options;
    const payload = await this.#payloadOf(token).catch((error) => {
      throw toRefusal(error);
    });
    if (isFromTheFuture(payload, clockSkew)) throw notAccepted('iat');
    checkClaims(payload, claims);
    const identity = identityOf(payload, { kind: 'jwt', token, scopeClaim });
    verified.set(token, identity, Math.min(Date.now() + cachedMs, (payload.exp ?? 0) * 1000));
    return identity;
  }

  async #payloadOf(token: string): Promise<JWTPayload> {
    const { keys, audience, algorithms, clockSkew } = this.#options;
    const header = decodeProtectedHeader(token) as JWSHeaderParameters;
    // Looked at before keys are fetched; the library looks again.
    if (!algorithms.includes(header.alg ?? '')) throw new errors.JOSEAlgNotAllowed();
    if (isOfAnotherKind(header.typ)) throw new UnauthorizedError('the token is not an access token');
    const options: JWTVerifyOptions = { audience, algorithms, clockTolerance: clockSkew, requiredClaims: ['exp'] };
    for (const key of await keys.keysFor(header)) {
      const payload = await jwtVerify(token, key, options).then(
        (verified) => verified.payload,
        (error) => {
          if (!isOfAnotherKey(error)) throw error;
        },
      );
      if (payload) return payload;
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

/** A type that says what a token is for, and does not say that it gives access. https://www.rfc-editor.org/rfc/rfc8725#section-3.11 */
function isOfAnotherKind(type: unknown): boolean {
  return typeof type === 'string' && /\+jwt$/i.test(type) && !/(^|[/-])at\+jwt$/i.test(type);
}

/** What is wrong with a token whichever key made it. */
const faultsOfToken = [
  errors.JWTExpired,
  errors.JWTClaimValidationFailed,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JOSEAlgNotAllowed,
];

/** Whether another key of the issuer may still verify the token: one that does not fit its algorithm fails in many ways. */
function isOfAnotherKey(error: unknown): boolean {
  return !faultsOfToken.some((fault) => error instanceof fault);
}

/** The library looks at the time of issue only where tokens have a greatest age. */
function isFromTheFuture({ iat }: JWTPayload, skew: number): boolean {
  return iat !== undefined && iat > Math.floor(Date.now() / 1000) + skew;
}

function toRefusal(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return new UnauthorizedError('the token has expired');
  if (error instanceof errors.JWTClaimValidationFailed) return notAccepted(error.claim);
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return new UnauthorizedError('the signature algorithm of the token is not accepted');
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return new UnauthorizedError('the signature of the token is not valid');
  }
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid || error instanceof TypeError) {
    return new UnauthorizedError('the token is not a valid JWT');
  }
  if (error instanceof errors.JOSEError) return new UnauthorizedError('the signature of the token cannot be verified');
  return error;
}
