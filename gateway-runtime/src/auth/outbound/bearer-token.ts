import type { HttpBackend } from '../../config/backend.js';
import type { OutboundAuth } from '../../contracts/identity.js';
import { Credential } from './credential.js';
import type { OutboundDependencies } from './dependencies.js';

/** Sends `Authorization: Bearer …`. https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
export function bearerToken(backend: HttpBackend, dependencies: OutboundDependencies): OutboundAuth {
  const token = new Credential(backend, 'bearer_token', dependencies);
  const headers = async () => ({ authorization: `Bearer ${await token.readWord()}` });
  return {
    headers,
    refresh: async ({ authorization }) => authorization !== (await headers()).authorization || token.refresh(),
  };
}
