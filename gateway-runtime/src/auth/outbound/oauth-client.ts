import type { HttpBackend } from '../../config/backend.js';
import { basicAuthorization } from '../client-authentication.js';
import { Credential } from './credential.js';
import type { OutboundDependencies } from './dependencies.js';
import type { TokenRequest } from './token-request.js';

/** Members of a request to a token endpoint; what is undefined is not sent. */
type Members = Readonly<Record<string, string | undefined>>;

/** The gateway as an OAuth 2.0 client of an authorization server. */
export class OAuthClient {
  readonly #backend: HttpBackend;
  readonly #secret: Credential;

  constructor(backend: HttpBackend, dependencies: OutboundDependencies) {
    this.#backend = backend;
    this.#secret = new Credential(backend, 'client_secret', dependencies);
  }

  /** Asks for a token of the gateway's own. https://www.rfc-editor.org/rfc/rfc6749#section-4.4 */
  ownToken(): TokenRequest {
    return this.#request({ grant_type: 'client_credentials' });
  }

  /** Asks for a token in exchange for a caller's. https://www.rfc-editor.org/rfc/rfc8693#section-2.1 */
  tokenFor(subjectToken: string): TokenRequest {
    const { subject_token_type = accessToken, requested_token_type } = this.#backend;
    return this.#request({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: subjectToken,
      subject_token_type,
      requested_token_type,
    });
  }

  #request(members: Members): TokenRequest {
    const { token_url = '', client_id = '', client_auth, scope, audience, resource } = this.#backend;
    return {
      secret: this.#secret,
      make: (secret) => {
        const isPosted = client_auth === 'post';
        const named = isPosted ? { client_id, client_secret: secret } : {};
        return {
          url: new URL(token_url),
          headers: {
            ...(!isPosted && { authorization: basicAuthorization(client_id, secret) }),
            'content-type': 'application/x-www-form-urlencoded',
          },
          body: formOf({ ...members, scope, audience, resource, ...named }),
        };
      },
    };
  }
}

const accessToken = 'urn:ietf:params:oauth:token-type:access_token';

function formOf(members: Members): string {
  const sent = Object.entries(members).filter((member): member is [string, string] => member[1] !== undefined);
  return new URLSearchParams(sent).toString();
}
