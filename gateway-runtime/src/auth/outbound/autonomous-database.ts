import type { HttpBackend } from '../../config/backend.js';
import type { OutboundAuth } from '../../contracts/identity.js';
import { AccessToken } from './access-token.js';
import { Credential } from './credential.js';
import type { OutboundDependencies } from './dependencies.js';

/** Seconds that tokens of a database last, which its answer need not say. */
const tokenLifetime = 3600;

/**
 * A token that an Autonomous Database gives one of its users.
 * https://docs.oracle.com/en/cloud/paas/autonomous-database/serverless/adbsb/use-mcp-server.html
 */
export function autonomousDatabase(backend: HttpBackend, dependencies: OutboundDependencies): OutboundAuth {
  const { token_url = '', username } = backend;
  return new AccessToken({
    secret: new Credential(backend, 'password', dependencies),
    usualLifetime: tokenLifetime,
    make: (password) => ({
      url: new URL(token_url),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ grant_type: 'password', username, password }),
    }),
  });
}
