import type { HttpBackend } from '../../config/backend.js';
import type { OutboundAuth } from '../../config/identity.js';
import { basicAuthorization } from '../client-authentication.js';
import { AccessToken } from './access-token.js';
import { Credential } from './credential.js';
import type { OutboundDependencies } from './dependencies.js';

/**
 * A token for the gateway as an OAuth 2.0 client, which names itself in the Authorization header.
 * https://www.rfc-editor.org/rfc/rfc6749#section-4.4
 */
export function oauthClientCredentials(backend: HttpBackend, dependencies: OutboundDependencies): OutboundAuth {
  const { token_url = '', client_id = '', scope } = backend;
  return new AccessToken({
    secret: new Credential(backend, 'client_secret', dependencies),
    make: (secret) => {
      return {
        url: new URL(token_url),
        headers: {
          authorization: basicAuthorization(client_id, secret),
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope && { scope }) }).toString(),
      };
    },
  });
}
