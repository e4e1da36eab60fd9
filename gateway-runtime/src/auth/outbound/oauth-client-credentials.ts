import type { HttpBackend } from '../../config/backend.js';
import type { OutboundAuth } from '../../config/identity.js';
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
      const basic = Buffer.from(`${formEncoded(client_id)}:${formEncoded(secret)}`).toString('base64');
      return {
        url: new URL(token_url),
        headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope && { scope }) }).toString(),
      };
    },
  });
}

/** Id and secret are encoded before they are joined. https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1 */
function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}
