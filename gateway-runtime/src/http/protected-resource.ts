/** What the metadata is made of. */
export interface ProtectedResourceOptions {
  /** The endpoint's public URL. */
  readonly resourceUrl?: string;
  readonly issuers?: readonly string[];
  readonly scopes: readonly string[];
  readonly name: string;
}

const wellKnown = '/.well-known/oauth-protected-resource';

/**
 * Tells OAuth clients who issues tokens for this endpoint, and what to do about a refusal. https://www.rfc-editor.org/rfc/rfc9728
 */
export class ProtectedResource {
  /** The metadata document, when both the public URL and an issuer are known. */
  readonly document: string | undefined;
  readonly #metadataUrl: string | undefined;

  constructor({ resourceUrl, issuers, scopes, name }: ProtectedResourceOptions) {
    if (!resourceUrl || !issuers) return;
    const url = new URL(resourceUrl);
    const path = url.pathname.replace(/\/$/, '');
    this.#metadataUrl = url.origin + wellKnown + path;
    this.document = JSON.stringify({
      resource: url.origin + path,
      authorization_servers: issuers,
      ...(scopes.length > 0 && { scopes_supported: scopes }),
      bearer_methods_supported: ['header'],
      resource_name: name,
    });
  }

  /** Is the metadata served at this path? At the root, and below it at the path of the endpoint. */
  isServedAt(path: string, endpointPath: string): boolean {
    return path === wellKnown || path === wellKnown + endpointPath;
  }

  /** Value of WWW-Authenticate. https://www.rfc-editor.org/rfc/rfc6750#section-3 */
  challenge(
    error?: { code: 'invalid_token' | 'insufficient_scope'; text: string },
    scopes?: readonly string[],
  ): string {
    const parameters = [
      error && `error="${error.code}"`,
      error && `error_description="${error.text.replace(/[^\x20-\x7e]|["\\]/g, "'")}"`,
      scopes && scopes.length > 0 && `scope="${scopes.join(' ')}"`,
      this.#metadataUrl && `resource_metadata="${this.#metadataUrl}"`,
    ].filter(Boolean);
    return parameters.length > 0 ? `Bearer ${parameters.join(', ')}` : 'Bearer';
  }
}
