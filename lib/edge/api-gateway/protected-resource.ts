import { Fn, Lazy } from 'cdktf';
import { jsonTemplate } from '../../core/json';
import { admittingScopesOf } from '../../mcp/api-gateway-tokens';
import type { InboundAuthConfig } from '../../mcp/inbound-auth';
import { wellKnown } from './routes';

/** What an edge tells clients that come without a token. */
export interface ProtectedResource {
  /** Public URL of the MCP endpoint. */
  readonly url: string;
  /** Name of the endpoint, shown to people. */
  readonly name: string;
  /** Asked when everything is known, because grants may still add scopes. */
  readonly config: () => InboundAuthConfig;
}

/** Where clients get tokens for an endpoint; empty when nobody says so. */
export function authorizationServersOf({
  authorization_servers,
  jwt_issuer,
  issuers = [],
}: InboundAuthConfig): string[] {
  return [authorization_servers ?? [jwt_issuer ?? [], issuers.map(({ issuer }) => issuer)]].flat(2);
}

/**
 * Value of `WWW-Authenticate`, in the words of the gateway of this library.
 * @see https://www.rfc-editor.org/rfc/rfc9728#section-5.1
 */
export function challengeOf(resource: ProtectedResource): string {
  return Lazy.stringValue({
    produce: () => {
      const scopes = askedFor(resource);
      const scope = scopes.length > 0 ? `scope="${scopes.join(' ')}", ` : '';
      return `Bearer ${scope}resource_metadata="${metadataUrlOf(resource.url)}"`;
    },
  });
}

/** The metadata, for a target that says nothing about itself. https://www.rfc-editor.org/rfc/rfc9728#section-2 */
export function metadataOf(resource: ProtectedResource): string {
  return Lazy.stringValue({
    produce: () => {
      const scopes = askedFor(resource);
      return jsonTemplate({
        resource: resource.url,
        authorization_servers: authorizationServersOf(resource.config()),
        scopes_supported: scopes.length > 0 ? scopes : undefined,
        bearer_methods_supported: ['header'],
        resource_name: resource.name,
      });
    },
  });
}

/** The URL at which RFC 9728 has clients look: the well-known path stands between the host and the endpoint's own path. */
export function metadataUrlOf(url: string): string {
  const [, origin, path = ''] = /^(https?:\/\/[^/?#]+)([^?#]*)/.exec(url) ?? [];
  if (origin !== undefined) return origin + wellKnown + path.replace(/\/$/, '');
  return Fn.replace(url, '/^(https?://[^/?#]+)([^?#]*).*$/', `$1${wellKnown}$2`);
}

function askedFor({ config }: ProtectedResource): string[] {
  const asked = config();
  return admittingScopesOf(asked).map((scope) => (asked.scope_prefix ?? '') + scope);
}
