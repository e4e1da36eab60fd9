import { createPublicKey, type KeyObject } from 'node:crypto';
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Identity } from '../../config/identity.js';
import type { GatewayConfig } from '../../config/index.js';
import { ConfigError, UnauthorizedError, UnavailableError } from '../../errors.js';
import { hasAccepted } from '../claims.js';

/** Milliseconds until a request for the key set is given up. */
const jwksTimeoutMs = 5000;

type Keys = ReturnType<typeof createRemoteJWKSet> | KeyObject;

/**
 * Verifies JSON Web Tokens: signature, algorithm, issuer, audience, time and the claims asked for.
 *
 * @returns `undefined` when the configuration names no key.
 * @throws {ConfigError} when the key cannot be used
 */
export function jwtVerifier(auth: GatewayConfig['auth']): ((token: string) => Promise<Identity>) | undefined {
  const keys = keysOf(auth);
  if (!keys) return undefined;
  const options = {
    issuer: auth.jwt_issuer,
    audience: auth.jwt_audience,
    algorithms: auth.jwt_algorithms,
    clockTolerance: auth.jwt_clock_skew,
    requiredClaims: ['exp'],
  };
  const claims = Object.entries(auth.jwt_claims ?? {});
  return async (token) => {
    try {
      // The two calls differ only for the type checker, which wants to know the kind of key.
      const { payload } = await (typeof keys === 'function'
        ? jwtVerify(token, keys, options)
        : jwtVerify(token, keys, options));
      if (isFromTheFuture(payload, auth.jwt_clock_skew)) {
        throw new UnauthorizedError('the claim "iat" of the token is not accepted');
      }
      for (const [claim, accepted] of claims) {
        if (hasAccepted(payload, claim, accepted)) continue;
        throw new UnauthorizedError(`the claim "${claim}" of the token is not accepted`);
      }
      return toIdentity(payload, token);
    } catch (error) {
      throw toRefusal(error);
    }
  };
}

function keysOf({ jwt_jwks_uri, jwt_public_key }: GatewayConfig['auth']): Keys | undefined {
  if (jwt_jwks_uri) return createRemoteJWKSet(new URL(jwt_jwks_uri), { timeoutDuration: jwksTimeoutMs });
  if (!jwt_public_key) return undefined;
  if (jwt_public_key.includes('PRIVATE KEY')) {
    throw new ConfigError([
      { path: 'auth.jwt_public_key', message: 'is a private key; only the public key belongs here' },
    ]);
  }
  try {
    return createPublicKey(jwt_public_key);
  } catch {
    const message = 'is not a PEM public key or certificate that can be read';
    throw new ConfigError([{ path: 'auth.jwt_public_key', message }]);
  }
}

function toIdentity(payload: JWTPayload, token: string): Identity {
  const subject = text(payload.sub) ?? text(payload.client_id) ?? text(payload.azp);
  if (subject === undefined) throw new UnauthorizedError('the token names neither a subject nor a client');
  return {
    key: `jwt ${JSON.stringify([payload.iss, subject, payload.client_id])}`,
    clientId: text(payload.client_id) ?? text(payload.azp) ?? subject,
    scopes: new Set([...words(payload.scope), ...words(payload.scp)]),
    issuer: payload.iss,
    subject: text(payload.sub),
    claims: payload,
    token,
  };
}

/** The library looks at the time of issue only where tokens have a greatest age. */
function isFromTheFuture({ iat }: JWTPayload, skew: number): boolean {
  return iat !== undefined && iat > Math.floor(Date.now() / 1000) + skew;
}

/** Scopes come as one string (RFC 8693) or, from some issuers, as a list. */
function words(claim: unknown): string[] {
  if (Array.isArray(claim)) return claim.filter((word) => typeof word === 'string');
  return typeof claim === 'string' ? claim.split(' ').filter(Boolean) : [];
}

function text(claim: unknown): string | undefined {
  return typeof claim === 'string' && claim !== '' ? claim : undefined;
}

function toRefusal(error: unknown): Error {
  if (error instanceof UnauthorizedError) return error;
  if (error instanceof errors.JWTExpired) return new UnauthorizedError('the token has expired');
  if (error instanceof errors.JWTClaimValidationFailed) {
    return new UnauthorizedError(`the claim "${error.claim}" of the token is not accepted`);
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return new UnauthorizedError('the signature algorithm of the token is not accepted');
  }
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey) {
    return new UnauthorizedError('the signature of the token is not valid');
  }
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) {
    return new UnauthorizedError('the token is not a valid JWT');
  }
  if (error instanceof errors.JWKSMultipleMatchingKeys || error instanceof errors.JOSENotSupported) {
    return new UnauthorizedError('the signature of the token cannot be verified');
  }
  if (error instanceof TypeError && !/fetch/i.test(error.message)) {
    return new UnauthorizedError('the key does not fit the signature algorithm of the token');
  }
  return new UnavailableError('the keys that verify tokens cannot be fetched at the moment');
}
