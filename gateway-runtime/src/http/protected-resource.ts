import { resourceOf } from '../config/resource-url.js';

/** What the metadata is made of. */
export interface ProtectedResourceOptions {
  /** The endpoint's public URL. */
  readonly resourceUrl?: string;
  /** Where clients get tokens. */
  readonly authorizationServers?: readonly string[];
  /** Scopes to ask for first. */
  readonly scopes: readonly string[];
  /** What clients put in front of a scope when they ask for it. @default - nothing */
  readonly scopePrefix?: string;
  readonly name: string;
}

/** Characters of a description. It may name a tool, and edges take 8 KB of headers, clients no more than 16. */
const longestDescription = 300;

const wellKnown = '/.well-known/oauth-protected-resource';

/**
 * Tells OAuth clients who issues tokens for this endpoint, and what to do about a refusal. A view is told of under its own URL, since
 * many clients believe a document only that names the very URL they were given. https://www.rfc-editor.org/rfc/rfc9728#section-3.3
 */
export class ProtectedResource {
  readonly #options: ProtectedResourceOptions;

  constructor(options: ProtectedResourceOptions) {
    this.#options = options;
  }

  /** Where clients get tokens. */
  get authorizationServers(): readonly string[] {
    return this.#options.authorizationServers ?? [];
  }

  /** Scopes as clients ask for them: those to ask for first, and others that a place needs. */
  scopesToAskFor(others: readonly string[] = []): readonly string[] {
    return [...new Set(this.#askedFor([...this.#options.scopes, ...others]))];
  }

  /**
   * The metadata that is served at a path: at the root, and below it at the path of the endpoint and of its views.
   *
   * @param endpointPath Path of the endpoint, without slash at the end.
   * @returns `undefined` where there is none, or when the public URL or the issuers are not known.
   */
  documentAt(path: string, endpointPath: string): string | undefined {
    const endpoint = wellKnown + (endpointPath === '/' ? '' : endpointPath);
    if (path === wellKnown || path === endpoint) return this.#document();
    const view = path.startsWith(`${endpoint}/`) ? path.slice(endpoint.length + 1) : '';
    return /^[\w.~-]+$/.test(view) ? this.#document(view) : undefined;
  }

  /** Value of WWW-Authenticate. https://www.rfc-editor.org/rfc/rfc6750#section-3 */
  challenge(
    error?: { code: 'invalid_request' | 'invalid_token' | 'insufficient_scope'; text: string },
    scopes: readonly string[] = [],
    view?: string,
  ): string {
    const resource = this.#resourceOf(view);
    const metadata = resource && new URL(resource);
    const asked = this.#askedFor(scopes);
    const parameters = [
      error && `error="${error.code}"`,
      error && `error_description="${error.text.slice(0, longestDescription).replace(/[^\x20-\x7e]|["\\]/g, "'")}"`,
      asked.length > 0 && `scope="${asked.join(' ')}"`,
      metadata && `resource_metadata="${metadata.origin}${wellKnown}${metadata.pathname.replace(/\/$/, '')}"`,
    ].filter(Boolean);
    return parameters.length > 0 ? `Bearer ${parameters.join(', ')}` : 'Bearer';
  }

  #document(view?: string): string | undefined {
    const { authorizationServers, scopes, name } = this.#options;
    const resource = this.#resourceOf(view);
    const supported = this.#askedFor(scopes);
    return (
      resource &&
      JSON.stringify({
        resource,
        authorization_servers: authorizationServers,
        ...(supported.length > 0 && { scopes_supported: supported }),
        bearer_methods_supported: ['header'],
        resource_name: name,
      })
    );
  }

  #resourceOf(view?: string): string | undefined {
    const { resourceUrl, authorizationServers = [] } = this.#options;
    return resourceUrl && authorizationServers.length > 0 ? resourceOf(resourceUrl, view) : undefined;
  }

  /** A refresh token is the client's own affair, and no resource needs one. https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#refresh-tokens */
  #askedFor(scopes: readonly string[]): string[] {
    return scopes
      .filter((scope) => scope !== 'offline_access')
      .map((scope) => (this.#options.scopePrefix ?? '') + scope);
  }
}
