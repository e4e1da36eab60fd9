import type { IntrospectionConfig } from '../../config/introspection.js';
import { normalIssuer } from '../../config/issuer.js';
import type { Identity } from '../../contracts/identity.js';
import { isObject, type JsonObject } from '../../contracts/json-rpc.js';
import { UnauthorizedError, UnavailableError, UpstreamError } from '../../errors.js';
import { hasAccepted } from '../claims.js';
import { basicAuthorization } from '../client-authentication.js';
import { exchange } from '../exchange.js';
import { Credential } from '../outbound/credential.js';
import { checkClaims, identityOf, notAccepted } from './claims.js';
import type { InboundDependencies } from './dependencies.js';
import { TokenCache } from './token-cache.js';

/** Questions that are open at once: made-up tokens cannot make the gateway ask more. */
const mostAtOnce = 100;

/** Longest time in seconds for which a token counts as unknown without asking again. */
const longestRefusal = 10;

/** What introspection needs. */
export interface IntrospectionOptions {
  readonly config: IntrospectionConfig;
  /** Seconds by which clocks may differ. */
  readonly clockSkew: number;
  readonly dependencies: InboundDependencies;
}

/** Asks the authorization server what a token means. https://www.rfc-editor.org/rfc/rfc7662 */
export class Introspection {
  readonly #options: IntrospectionOptions;
  readonly #secret: Credential;
  readonly #accepted = new TokenCache<Identity>();
  /** Apart from those that are accepted, so that made-up tokens do not push these out. */
  readonly #refused = new TokenCache<UnauthorizedError>();
  readonly #asking = new Map<string, Promise<Identity>>();
  #isDown = false;

  constructor(options: IntrospectionOptions) {
    this.#options = options;
    this.#secret = new Credential(options.config, 'client_secret', options.dependencies);
  }

  /** @throws {UnauthorizedError} @throws {UnavailableError} when the server does not answer */
  async identify(token: string): Promise<Identity> {
    const refusal = this.#refused.get(token);
    if (refusal) throw refusal;
    return this.#accepted.get(token) ?? this.#askOnce(token);
  }

  /** Once for everybody who comes with the same token meanwhile. */
  #askOnce(token: string): Promise<Identity> {
    const asked = this.#asking.get(token);
    if (asked) return asked;
    if (this.#asking.size >= mostAtOnce) {
      return Promise.reject(new UnavailableError('too many tokens are looked up at the moment'));
    }
    const asking = this.#lookUp(token).finally(() => this.#asking.delete(token));
    this.#asking.set(token, asking);
    return asking;
  }

  async #lookUp(token: string): Promise<Identity> {
    const { cache_seconds } = this.#options.config;
    const answer = await this.#ask(token);
    try {
      const identity = this.#check(answer, token);
      const end = typeof answer.exp === 'number' ? answer.exp * 1000 : Number.POSITIVE_INFINITY;
      this.#accepted.set(token, identity, Math.min(Date.now() + cache_seconds * 1000, end));
      return identity;
    } catch (error) {
      const seconds = Math.min(cache_seconds, longestRefusal);
      this.#refused.set(token, error as UnauthorizedError, Date.now() + seconds * 1000);
      throw error;
    }
  }

  async #ask(token: string): Promise<JsonObject> {
    const { config, dependencies } = this.#options;
    try {
      let answer = await this.#post(token);
      if (answer.status === 401 && (await this.#secret.refresh())) answer = await this.#post(token);
      const { status, document } = answer;
      if (status !== 200) throw new UpstreamError(`${new URL(config.url).host} answered HTTP ${status}`);
      if (!isObject(document) || typeof document.active !== 'boolean') {
        throw new UpstreamError(`${new URL(config.url).host} does not say whether a token is active`);
      }
      this.#isDown = false;
      return document;
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      if (!this.#isDown) dependencies.logger.warn({ error: error.message }, 'tokens cannot be looked up');
      this.#isDown = true;
      throw new UnavailableError('tokens cannot be looked up at the moment');
    }
  }

  async #post(token: string) {
    const { url, client_id } = this.#options.config;
    return exchange({
      method: 'POST',
      url: new URL(url),
      headers: {
        authorization: basicAuthorization(client_id, await this.#secret.read()),
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
    });
  }

  /** @throws {UnauthorizedError} */
  #check(answer: JsonObject, token: string): Identity {
    const { config, clockSkew } = this.#options;
    if (answer.active !== true) throw new UnauthorizedError('the token is not active');
    const now = Date.now() / 1000;
    const { exp = Number.POSITIVE_INFINITY } = answer;
    if (typeof exp !== 'number') throw notAccepted('exp');
    if (now >= exp + clockSkew) throw new UnauthorizedError('the token has expired');
    for (const claim of ['nbf', 'iat']) {
      const time = answer[claim];
      if (time !== undefined && (typeof time !== 'number' || time > now + clockSkew)) throw notAccepted(claim);
    }
    if (!hasAccepted(answer, 'aud', config.audience)) throw notAccepted('aud');
    const issuer = answer.iss ?? config.issuer;
    if (config.issuer && (typeof issuer !== 'string' || normalIssuer(issuer) !== normalIssuer(config.issuer))) {
      throw notAccepted('iss');
    }
    checkClaims(answer, config.claims ?? {});
    return identityOf({ ...answer, iss: issuer }, { kind: 'introspected', token, scopeClaim: config.scope_claim });
  }
}
