import type { IncomingMessage } from 'node:http';
import type { Identity } from '../config/identity.js';
import { UnauthorizedError, UnavailableError } from '../errors.js';
import type { Admitting } from './admission.js';
import { Refusal } from './refusal.js';

/** Who sends a request, and where to. */
export interface Caller {
  readonly identity: Identity;
  /** The last segment of `/mcp/<view>`; undefined for everything. */
  readonly view?: string;
}

/** Tells who makes a request, and tells callers what they lack. */
export class Gatekeeper {
  readonly #current: Admitting;

  constructor(current: Admitting) {
    this.#current = current;
  }

  /** Who makes this request. @throws {Refusal} 401 or 403 */
  async identify({ headers }: IncomingMessage): Promise<Identity> {
    const { authenticator, policy, protectedResource } = this.#current.admission;
    const identity = await authenticator.authenticate({ authorization: headers.authorization }).catch((error) => {
      if (error instanceof UnavailableError) throw new Refusal(503, error.message, { 'retry-after': '5' });
      if (!(error instanceof UnauthorizedError)) throw error;
      const details = error.tokenPresent ? { code: 'invalid_token' as const, text: error.message } : undefined;
      throw new Refusal(401, error.message, {
        'www-authenticate': protectedResource.challenge(details, policy.requiredForGateway),
      });
    });
    const missing = policy.missingForGateway(identity);
    if (missing.length > 0)
      throw this.insufficientScope(`the token lacks ${missing.join(', ')}`, policy.requiredForGateway);
    return identity;
  }

  /** What a caller is told who lacks one of these scopes. */
  insufficientScope(message: string, scopes: readonly string[]): Refusal {
    const challenge = this.#current.admission.protectedResource.challenge(
      { code: 'insufficient_scope', text: message },
      scopes,
    );
    return new Refusal(403, message, { 'www-authenticate': challenge });
  }
}
