import { createHash } from 'node:crypto';
import type { HttpBackend } from '../../config/backend.js';
import type { Identity, OutboundAuth, OutboundRequest } from '../../contracts/identity.js';
import { UpstreamError } from '../../errors.js';
import { AccessToken } from './access-token.js';
import type { OutboundDependencies } from './dependencies.js';
import { OAuthClient } from './oauth-client.js';

/** Callers whose tokens are kept for one backend; who has not called for longest makes room. */
const mostCallers = 1000;

/**
 * A token for each caller, which the authorization server gives in exchange for the caller's own; that one goes nowhere else.
 * What the gateway sends for nobody in particular, it sends with a token of its own. https://www.rfc-editor.org/rfc/rfc8693
 */
export class TokenExchange implements OutboundAuth {
  readonly #client: OAuthClient;
  readonly #own: AccessToken;
  /** By caller and token, the one used last at the end. */
  readonly #tokens = new Map<string, AccessToken>();

  constructor(backend: HttpBackend, dependencies: OutboundDependencies) {
    this.#client = new OAuthClient(backend, dependencies);
    this.#own = new AccessToken(this.#client.ownToken());
  }

  async headers({ caller }: OutboundRequest): Promise<Record<string, string>> {
    return this.#tokenOf(caller).headers();
  }

  async refresh(refused: Readonly<Record<string, string>>, caller?: Identity): Promise<boolean> {
    return this.#tokenOf(caller).refresh(refused);
  }

  /** @throws {UpstreamError} when the caller has no token: the gateway's own would let him do what the gateway may do */
  #tokenOf(caller: Identity | undefined): AccessToken {
    if (!caller) return this.#own;
    if (caller.token === undefined) {
      throw new UpstreamError('takes a token of each caller, and this caller came without one that could be exchanged');
    }
    const key = `${createHash('sha256').update(caller.token).digest('base64')} ${caller.key}`;
    const token = this.#tokens.get(key) ?? new AccessToken(this.#client.tokenFor(caller.token));
    this.#tokens.delete(key);
    this.#tokens.set(key, token);
    if (this.#tokens.size > mostCallers) this.#tokens.delete(this.#tokens.keys().next().value as string);
    return token;
  }
}

/** A token of each caller. */
export function tokenExchange(backend: HttpBackend, dependencies: OutboundDependencies): OutboundAuth {
  return new TokenExchange(backend, dependencies);
}
