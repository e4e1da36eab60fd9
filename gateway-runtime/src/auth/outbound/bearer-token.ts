import type { HttpBackend } from '../../config/backend.js';
import type { OutboundAuth } from '../../config/identity.js';
import { Credential } from './credential.js';
import type { OutboundDependencies } from './dependencies.js';

/** Sends `Authorization: Bearer …`. https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
export function bearerToken(backend: HttpBackend, { environment }: OutboundDependencies): OutboundAuth {
  const { bearer_token: value, bearer_token_env: variable, bearer_token_file: file } = backend;
  const token = new Credential({ value, variable, file }, environment);
  return {
    headers: async () => ({ authorization: `Bearer ${await token.read()}` }),
    refresh: () => token.refresh(),
  };
}
