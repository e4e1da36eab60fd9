import type { AuthConfig } from '../../config/auth.js';
import type { JsonObject } from '../../contracts/json-rpc.js';
import type { AuthorizationServer } from './authorization-servers.js';

/** How callers prove themselves, as a document says it. */
export interface Security {
  readonly schemes: JsonObject;
  /** Any one of them will do; none where nobody is asked. */
  readonly required: readonly { readonly [scheme: string]: readonly string[] }[];
}

/**
 * How callers prove themselves.
 *
 * @param places Where clients get tokens.
 * @param servers Those of them that said where their endpoints are.
 * @param scopes Scopes to ask for.
 */
export function securityOf(
  auth: AuthConfig,
  places: readonly string[],
  servers: readonly AuthorizationServer[],
  scopes: readonly string[],
): Security {
  if (!auth.enabled) return { schemes: {}, required: [] };
  const flows = servers.map((server) => [server, flowsOf(server, scopes)] as const);
  const usable = flows.filter(([, flows]) => Object.keys(flows).length > 0);
  const oauth = usable.map(([{ url }, flows], index) => {
    const name = index === 0 ? 'oauth' : `oauth_${index + 1}`;
    return [name, { type: 'oauth2', description: `Tokens of ${url}`, flows }] as const;
  });
  const hasOthers = usable.length < places.length || hasFixedTokens(auth) || usable.length === 0;
  const bearer = hasOthers ? [['bearer', bearerOf(places)] as const] : [];
  return {
    schemes: Object.fromEntries([...oauth, ...bearer]),
    required: [...oauth.map(([name]) => ({ [name]: scopes })), ...bearer.map(([name]) => ({ [name]: [] }))],
  };
}

function flowsOf({ tokenUrl, authorizationUrl, grants }: AuthorizationServer, scopes: readonly string[]): JsonObject {
  const asked = Object.fromEntries(scopes.map((scope) => [scope, '']));
  const refreshUrl = grants.includes('refresh_token') ? { refreshUrl: tokenUrl } : {};
  const logsIn = authorizationUrl !== undefined && grants.includes('authorization_code');
  return {
    ...(logsIn && { authorizationCode: { authorizationUrl, tokenUrl, ...refreshUrl, scopes: asked } }),
    ...(grants.includes('client_credentials') && { clientCredentials: { tokenUrl, scopes: asked } }),
  };
}

function hasFixedTokens({ static_tokens, static_clients }: AuthConfig): boolean {
  return static_clients.length > 0 || Object.keys(static_tokens).length > 0;
}

function bearerOf(places: readonly string[]): JsonObject {
  const description = places.length > 0 ? { description: `A token of ${places.join(' or ')}` } : {};
  return { type: 'http', scheme: 'bearer', ...description };
}
