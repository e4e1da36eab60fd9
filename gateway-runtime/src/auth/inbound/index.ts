import { type AuthConfig, canVerify } from '../../config/auth.js';
import { andThen } from '../../contracts/eventual.js';
import { type Authenticator, anonymous, type Identity } from '../../contracts/identity.js';
import { UnauthorizedError } from '../../errors.js';
import { certificateClients, checkBinding } from './certificates.js';
import type { InboundDependencies } from './dependencies.js';
import { Introspection } from './introspection.js';
import { Issuers } from './issuers.js';
import { StaticClients } from './static-clients.js';

/**
 * Tells callers apart as the configuration says. With auth enabled but nothing that could verify a token, everybody is
 * anonymous: the configuration check allows that on a loopback address only.
 *
 * @throws {ConfigError} when a key cannot be used
 */
export function createAuthenticator(auth: AuthConfig, dependencies: InboundDependencies): Authenticator {
  const issuers = new Issuers(auth, dependencies.logger);
  if (!auth.enabled || !canVerify(auth)) return { authenticate: () => anonymous };
  const clients = new StaticClients(auth, dependencies);
  const findByCertificate = certificateClients(auth.client_certificates);
  const { introspection: config, jwt_clock_skew: clockSkew } = auth;
  const introspection = config && new Introspection({ config, clockSkew, dependencies });
  const lookUp = async (token: string): Promise<Identity> => {
    if (issuers.know(token)) return issuers.verify(token);
    return (await clients.findKept(token)) ?? introspection?.identify(token) ?? issuers.verify(token);
  };
  return {
    authenticate: ({ authorization, certificate, connection }) => {
      const byCertificate = authorization === undefined && certificate && findByCertificate(certificate);
      if (byCertificate) return byCertificate;
      const token = bearerOf(authorization);
      return andThen(issuers.remembered(token, connection) ?? clients.find(token) ?? lookUp(token), (identity) => {
        checkBinding(identity, certificate);
        return identity;
      });
    },
  };
}

function bearerOf(authorization: string | undefined): string {
  if (authorization === undefined) {
    throw new UnauthorizedError('a token is needed: Authorization: Bearer <token>', false);
  }
  const token = /^bearer +([\x21-\x7e]+) *$/i.exec(authorization)?.[1];
  if (token === undefined) throw new UnauthorizedError('the Authorization header holds no bearer token');
  return token;
}
