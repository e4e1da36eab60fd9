import type { HttpBackend } from '../../config/backend.js';
import type { OutboundAuth } from '../../contracts/identity.js';
import { UpstreamError } from '../../errors.js';
import { Credential } from './credential.js';
import type { OutboundDependencies } from './dependencies.js';

/** Sends `Authorization: Basic …`, in UTF-8. https://www.rfc-editor.org/rfc/rfc7617#section-2 */
export function basic(backend: HttpBackend, dependencies: OutboundDependencies): OutboundAuth {
  const password = new Credential(backend, 'password', dependencies);
  const headers = async () => {
    const secret = await password.read();
    if (/\p{Cc}/u.test(secret))
      throw new UpstreamError('has no usable credential: the password has control characters');
    return { authorization: `Basic ${Buffer.from(`${backend.username}:${secret}`).toString('base64')}` };
  };
  return {
    headers,
    refresh: async ({ authorization }) => authorization !== (await headers()).authorization || password.refresh(),
  };
}
