import type { AuthConfig } from './auth.js';
import type { GatewayConfig } from './schema.js';

/**
 * The one form of the endpoint's public URL, or of a view's: without slash at the end, query and fragment, and with scheme and
 * host in lower case. https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#canonical-server-uri
 *
 * @example
 * resourceOf('HTTPS://Gateway.example/mcp/', 'logs'); // 'https://gateway.example/mcp/logs'
 */
export function resourceOf(resourceUrl: string, view?: string): string {
  const { origin, pathname } = new URL(resourceUrl);
  const endpoint = origin + pathname.replace(/\/$/, '');
  return view === undefined ? endpoint : `${endpoint}/${view}`;
}

/**
 * What `auth` says, with the URLs of all views among the audiences wherever the URL of the endpoint is one: clients ask for a token
 * for the URL that they were given.
 */
export function withViewAudiences({ auth, views }: Pick<GatewayConfig, 'auth' | 'views'>): AuthConfig {
  const { resource_url, jwt_audience, issuers, introspection } = auth;
  if (!resource_url) return auth;
  const all = Object.keys(views).map((view) => resourceOf(resource_url, view));
  const widened = (audience: string[]) =>
    audience.some((one) => one.replace(/\/$/, '') === resourceOf(resource_url)) ? [...audience, ...all] : audience;
  return {
    ...auth,
    jwt_audience: jwt_audience && widened(jwt_audience),
    issuers: issuers.map((issuer) => ({ ...issuer, audience: widened(issuer.audience) })),
    introspection: introspection && { ...introspection, audience: widened(introspection.audience) },
  };
}
