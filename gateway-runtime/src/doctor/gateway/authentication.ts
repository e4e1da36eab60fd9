import { isLoopback } from '../../config/loopback.js';
import type { Answer } from '../http.js';
import { ok, problem, type Verdict } from '../verdict.js';

/** Whether the gateway asks callers who they are. */
export function asksForToken({ hostname }: URL, { status }: Answer): Verdict {
  if (status === 401) return ok('asks for a token');
  if (isLoopback(hostname.replace(/^\[|\]$/g, ''))) return ok('answers without a token, on a loopback address');
  return problem('answers without a token', {
    cause: '"auth": { "enabled": false } or --no-auth, or a proxy in front adds a token of its own to every request',
    solution:
      'set auth.jwt_jwks_uri and auth.jwt_audience, or auth.static_tokens_file, and remove "enabled": false; whoever reaches this address may call every tool',
  });
}
