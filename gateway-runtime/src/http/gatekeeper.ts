import type { IncomingMessage } from 'node:http';
import { andThen, type Eventual } from '../contracts/eventual.js';
import type { Identity } from '../contracts/identity.js';
import { InsufficientScopeError, LimitedError, rpcCodes, UnauthorizedError, UnavailableError } from '../errors.js';
import type { Admitting } from './admission.js';
import { credentialsOf, misplacedToken } from './credentials.js';
import type { ProtectedResource } from './protected-resource.js';
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

  /**
   * Who makes this request: at once, where that is known already.
   * @param view The view that is asked.
   * @throws {Refusal} 400, 401, 403 or 503, at once or in the promise
   */
  identify(request: IncomingMessage, view?: string): Eventual<Identity> {
    const misplaced = misplacedToken(request);
    if (misplaced) throw this.#misplaced(misplaced, view);
    return andThen(this.#authenticated(request, view), (identity) => {
      const missing = this.#current.admission.policy.missingIn({ view }, identity);
      if (missing.length > 0) throw this.#lacking(missing, identity, view);
      return identity;
    });
  }

  #authenticated(request: IncomingMessage, view: string | undefined): Eventual<Identity> {
    const fail = (error: unknown): never => {
      throw this.#unknown(error, view);
    };
    try {
      const identity = this.#current.admission.authenticator.authenticate(credentialsOf(request));
      return identity instanceof Promise ? identity.catch(fail) : identity;
    } catch (error) {
      return fail(error);
    }
  }

  #misplaced(text: string, view: string | undefined): Refusal {
    const challenge = this.#challenge({ code: 'invalid_request', text }, [], view);
    const refusal = new Refusal(400, text, { 'www-authenticate': challenge }, rpcCodes.invalidRequest);
    return notLetIn({ failure: 'invalid_request', view }, refusal);
  }

  /** Why nobody could tell who it is. */
  #unknown(error: unknown, view: string | undefined): unknown {
    if (error instanceof UnavailableError) {
      return notLetIn({ failure: 'unavailable', view }, new Refusal(503, error.message, { 'retry-after': '5' }));
    }
    if (!(error instanceof UnauthorizedError)) return error;
    const details = error.tokenPresent ? { code: 'invalid_token' as const, text: error.message } : undefined;
    const challenge = this.#challenge(details, this.#current.admission.policy.requiredIn({ view }), view);
    const refusal = new Refusal(401, error.message, { 'www-authenticate': challenge });
    return notLetIn({ failure: details?.code ?? 'missing_token', view }, refusal);
  }

  #lacking(missing: readonly string[], identity: Identity, view: string | undefined): Refusal {
    const message = `the token lacks ${missing.join(', ')}`;
    const refusal = this.#insufficientScope(message, this.#current.admission.policy.requiredIn({ view }), view);
    return notLetIn({ failure: 'insufficient_scope', identity, view }, refusal);
  }

  /**
   * The HTTP error that says the same as what a single request failed with; `undefined` where there is none.
   * @param view The view that was asked.
   */
  refusalOf(error: unknown, view: string | undefined): Refusal | undefined {
    if (error instanceof InsufficientScopeError) return this.#insufficientScope(error.message, error.scopes, view);
    if (!(error instanceof LimitedError)) return undefined;
    return new Refusal(429, error.message, { 'retry-after': String(error.retryAfterSeconds) }, error.code);
  }

  /** What a caller is told who lacks one of these scopes. */
  #insufficientScope(message: string, scopes: readonly string[], view: string | undefined): Refusal {
    const challenge = this.#challenge({ code: 'insufficient_scope', text: message }, scopes, view);
    return new Refusal(403, message, { 'www-authenticate': challenge });
  }

  #challenge(...details: Parameters<ProtectedResource['challenge']>): string {
    return this.#current.admission.protectedResource.challenge(...details);
  }
}

/** Says for metrics and records who was not let in, and why. */
function notLetIn(refusedCaller: Refusal['refusedCaller'], refusal: Refusal): Refusal {
  return Object.assign(refusal, { refusedCaller });
}
