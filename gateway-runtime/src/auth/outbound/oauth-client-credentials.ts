import type { HttpBackend } from '../../config/backend.js';
import type { OutboundAuth } from '../../contracts/identity.js';
import { AccessToken } from './access-token.js';
import type { OutboundDependencies } from './dependencies.js';
import { OAuthClient } from './oauth-client.js';

/** A token for the gateway as an OAuth 2.0 client. https://www.rfc-editor.org/rfc/rfc6749#section-4.4 */
export function oauthClientCredentials(backend: HttpBackend, dependencies: OutboundDependencies): OutboundAuth {
  return new AccessToken(new OAuthClient(backend, dependencies).ownToken());
}
