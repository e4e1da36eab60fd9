import type { IncomingMessage } from 'node:http';
import type { AccessPolicy, Authenticator, Identity } from '../config/identity.js';
import { rpcCodes, UnauthorizedError, UnavailableError } from '../errors.js';
import { credentialsOf, misplacedToken } from './credentials.js';
import type { ProtectedResource } from './protected-resource.js';
import { Refusal } from './refusal.js';

/** What the gatekeeper asks. */
export interface GatekeeperDependencies {
  readonly authenticator: Authenticator;
  readonly policy: AccessPolicy;
  readonly protectedResource: ProtectedResource;
}

/** Who sends a request, and where to. */
export interface Caller {
  readonly identity: Identity;
  /** The last segment of `/mcp/<view>`; undefined for everything. */
  readonly view?: string;
}

/** Tells who makes a request, and tells callers what they lack. */
export class Gatekeeper {
  readonly #dependencies: GatekeeperDependencies;

  constructor(dependencies: GatekeeperDependencies) {
    this.#dependencies = dependencies;
  }

  /** Who makes this request. @throws {Refusal} 400, 401, 403 or 503 */
  async identify(request: IncomingMessage, view?: string): Promise<Identity> {
    const { authenticator, policy, protectedResource } = this.#dependencies;
    const misplaced = misplacedToken(request);
    if (misplaced) {
      const challenge = protectedResource.challenge({ code: 'invalid_request', text: misplaced }, [], view);
      throw new Refusal(400, misplaced, { 'www-authenticate': challenge }, rpcCodes.invalidRequest);
    }
    const identity = await authenticator.authenticate(credentialsOf(request)).catch((error) => {
      if (error instanceof UnavailableError) throw new Refusal(503, error.message, { 'retry-after': '5' });
      if (!(error instanceof UnauthorizedError)) throw error;
      const details = error.tokenPresent ? { code: 'invalid_token' as const, text: error.message } : undefined;
      throw new Refusal(401, error.message, {
        'www-authenticate': protectedResource.challenge(details, policy.requiredForGateway, view),
      });
    });
    const missing = policy.missingForGateway(identity);
    if (missing.length > 0)
      throw this.insufficientScope(`the token lacks ${missing.join(', ')}`, policy.requiredForGateway, view);
    return identity;
  }

  /** What a caller is told who lacks one of these scopes. */
  insufficientScope(message: string, scopes: readonly string[], view?: string): Refusal {
    const challenge = this.#dependencies.protectedResource.challenge(
      { code: 'insufficient_scope', text: message },
      scopes,
      view,
    );
    return new Refusal(403, message, { 'www-authenticate': challenge });
  }
}
