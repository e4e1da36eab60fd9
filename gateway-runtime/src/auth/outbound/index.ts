import type { HttpBackend } from '../../config/backend.js';
import type { OutboundAuth } from '../../config/identity.js';
import { UpstreamError } from '../../errors.js';
import { apiKey } from './api-key.js';
import { bearerToken } from './bearer-token.js';
import { none } from './none.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** One line per method. */
const methods: Partial<
  Record<HttpBackend['auth_method'], (backend: HttpBackend, environment: Environment) => OutboundAuth>
> = {
  none,
  bearer_token: bearerToken,
  api_key: apiKey,
};

/** @throws {UpstreamError} for a method that is not built: such a backend must not be called without it. */
export function createOutboundAuth(backend: HttpBackend, environment: Environment): OutboundAuth {
  const create = methods[backend.auth_method];
  if (!create) throw new UpstreamError('request signing is not built yet');
  return create(backend, environment);
}
