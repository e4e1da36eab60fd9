import { type Authenticator, anonymous } from '../../config/identity.js';
import type { GatewayConfig } from '../../config/index.js';
import { UnauthorizedError } from '../../errors.js';
import { jwtVerifier } from './jwt.js';
import { staticTokens } from './static-tokens.js';

/**
 * Tells callers apart as the configuration says. With auth enabled but nothing that could verify a token, everybody is
 * anonymous: the configuration check allows that on a loopback address only.
 *
 * @throws {ConfigError} when a key cannot be used
 */
export function createAuthenticator(auth: GatewayConfig['auth']): Authenticator {
  const verifyJwt = jwtVerifier(auth);
  if (!asksForTokens(auth)) return { authenticate: async () => anonymous };
  const findStatic = staticTokens(auth.static_tokens);
  return {
    authenticate: async ({ authorization }) => {
      const token = bearerOf(authorization);
      const identity = findStatic(token);
      if (identity) return identity;
      if (!verifyJwt) throw new UnauthorizedError('the token is not known');
      return verifyJwt(token);
    },
  };
}

/** Whether callers are told apart: auth is on, and something verifies tokens. */
export function asksForTokens({
  enabled,
  jwt_jwks_uri,
  jwt_public_key,
  static_tokens,
}: GatewayConfig['auth']): boolean {
  return enabled && (jwt_jwks_uri ?? jwt_public_key ?? Object.keys(static_tokens)[0]) !== undefined;
}

function bearerOf(authorization: string | undefined): string {
  if (authorization === undefined) {
    throw new UnauthorizedError('a token is needed: Authorization: Bearer <token>', false);
  }
  const token = /^bearer +([\x21-\x7e]+) *$/i.exec(authorization)?.[1];
  if (token === undefined) throw new UnauthorizedError('the Authorization header holds no bearer token');
  return token;
}
