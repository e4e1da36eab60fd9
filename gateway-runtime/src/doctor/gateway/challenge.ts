import { type Answer, headerOf } from '../http.js';

/** What a refusal tells clients to do. https://www.rfc-editor.org/rfc/rfc6750#section-3 */
export interface Challenge {
  /** `invalid_token`, `insufficient_scope`. */
  readonly error?: string;
  readonly description?: string;
  readonly scopes: readonly string[];
  /** Where the metadata of the protected resource is. */
  readonly metadataUrl?: string;
}

/** The challenge of a refusal; `undefined` when it has none for bearer tokens. */
export function challengeIn(answer: Answer): Challenge | undefined {
  const header = headerOf(answer, 'www-authenticate')?.slice(0, 8192);
  if (!header || !/(^|, *)Bearer\b/i.test(header)) return undefined;
  const parameter = (name: string) => new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(header)?.[1];
  return {
    error: parameter('error'),
    description: parameter('error_description'),
    scopes: parameter('scope')?.split(' ').filter(Boolean) ?? [],
    metadataUrl: parameter('resource_metadata'),
  };
}
