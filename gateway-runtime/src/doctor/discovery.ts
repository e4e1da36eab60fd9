import type { JsonObject } from '../contracts/json-rpc.js';
import { ask } from './http.js';

/**
 * Where an authorization server describes itself, in the order in which MCP clients look.
 * https://www.rfc-editor.org/rfc/rfc8414#section-3 https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
 */
export function discoveryPlaces(issuer: URL): string[] {
  const path = issuer.pathname.replace(/\/$/, '');
  const places = [
    `${issuer.origin}/.well-known/oauth-authorization-server${path}`,
    `${issuer.origin}/.well-known/openid-configuration${path}`,
    `${issuer.origin}${path}/.well-known/openid-configuration`,
  ];
  return [...new Set(places)];
}

/** What an authorization server says of itself; `undefined` when it says nothing that can be read. */
export async function discover(issuer: URL, signal: AbortSignal): Promise<JsonObject | undefined> {
  for (const place of discoveryPlaces(issuer)) {
    const answer = await ask(place, { headers: { accept: 'application/json' }, signal }).catch(() => undefined);
    if (answer?.status === 200 && typeof answer.json.issuer === 'string') return answer.json;
  }
  return undefined;
}

/** Whether two issuers differ by a slash at their end and nothing else. */
export function differBySlash(one: string, other: string): boolean {
  return one !== other && one.replace(/\/$/, '') === other.replace(/\/$/, '');
}
