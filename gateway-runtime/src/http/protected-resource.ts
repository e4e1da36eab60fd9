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
 * Tells OAuth clients who issues tokens for this endpoint, and what to do about a refusal. https://www.rfc-editor.org/rfc/rfc9728
 */
export class ProtectedResource {
  /** The metadata document, when both the public URL and an issuer are known. */
  readonly document: string | undefined;
  readonly #metadataUrl: string | undefined;
  readonly #scopePrefix: string;

  constructor(options: ProtectedResourceOptions) {
    const { resourceUrl, authorizationServers, scopes, scopePrefix = '', name } = options;
    this.#scopePrefix = scopePrefix;
    if (!resourceUrl || !authorizationServers?.length) return;
    const url = new URL(resourceUrl);
    const path = url.pathname.replace(/\/$/, '');
    this.#metadataUrl = url.origin + wellKnown + path;
    const supported = this.#askedFor(scopes);
    this.document = JSON.stringify({
      resource: url.origin + path,
      authorization_servers: authorizationServers,
      ...(supported.length > 0 && { scopes_supported: supported }),
      bearer_methods_supported: ['header'],
      resource_name: name,
    });
  }

  /** Is the metadata served at this path? At the root, and below it at the path of the endpoint and of its views: all are one resource. */
  isServedAt(path: string, endpointPath: string): boolean {
    const endpoint = wellKnown + endpointPath;
    return path === wellKnown || path === endpoint || path.startsWith(`${endpoint.replace(/\/$/, '')}/`);
  }

  /** Value of WWW-Authenticate. https://www.rfc-editor.org/rfc/rfc6750#section-3 */
  challenge(
    error?: { code: 'invalid_request' | 'invalid_token' | 'insufficient_scope'; text: string },
    scopes: readonly string[] = [],
  ): string {
    const asked = this.#askedFor(scopes);
    const parameters = [
      error && `error="${error.code}"`,
      error && `error_description="${error.text.slice(0, longestDescription).replace(/[^\x20-\x7e]|["\\]/g, "'")}"`,
      asked.length > 0 && `scope="${asked.join(' ')}"`,
      this.#metadataUrl && `resource_metadata="${this.#metadataUrl}"`,
    ].filter(Boolean);
    return parameters.length > 0 ? `Bearer ${parameters.join(', ')}` : 'Bearer';
  }

  /** A refresh token is the client's own affair, and no resource needs one. https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization */
  #askedFor(scopes: readonly string[]): string[] {
    return scopes.filter((scope) => scope !== 'offline_access').map((scope) => this.#scopePrefix + scope);
  }
}
