import { withoutCredentials } from '../../config/faults.js';
import { type Answer, ask } from '../http.js';
import { ok, problem, type Verdict, warning } from '../verdict.js';
import { challengeIn } from './challenge.js';

/** What clients learn about where to get a token. */
export interface ResourceMetadata {
  readonly resource: string;
  readonly authorizationServers: readonly string[];
  readonly scopes: readonly string[];
}

const wellKnown = '/.well-known/oauth-protected-resource';

/**
 * Whether clients find out where to get a token. https://www.rfc-editor.org/rfc/rfc9728
 *
 * @param publicUrl The URL by which clients call, which may be another one than that which is asked here.
 */
export async function describesItself(
  url: URL,
  publicUrl: URL,
  refusal: Answer,
  signal: AbortSignal,
): Promise<Verdict<ResourceMetadata>> {
  const named = challengeIn(refusal)?.metadataUrl;
  const metadata = await find(url, named, signal);
  if (!metadata) {
    const seen = named ? `nothing that can be read at ${withoutCredentials(named)}` : 'no protected-resource metadata';
    return warning(seen, {
      cause: named
        ? 'a proxy in front does not pass /.well-known on, or auth.resource_url is not the address by which clients reach the gateway'
        : 'auth.resource_url or the issuer is not configured: clients with a token can call, but none finds out where to get one',
      solution: named
        ? `route ${wellKnown} to the gateway without authentication`
        : `set "auth": { "resource_url": "${withoutCredentials(url.href)}", "jwt_issuer": "<issuer>" }; static tokens need neither`,
    });
  }
  if (!isSame(metadata.resource, publicUrl)) {
    return problem(
      `calls itself ${withoutCredentials(metadata.resource)}, which is not ${withoutCredentials(publicUrl.href)}`,
      {
        cause:
          'auth.resource_url is not the address by which clients reach the gateway; they refuse to ask for a token then',
        solution: `set "auth": { "resource_url": "${withoutCredentials(publicUrl.href)}" }, or call it by the URL it says`,
      },
      metadata,
    );
  }
  const servers = metadata.authorizationServers.map(withoutCredentials).join(', ');
  return ok(`tokens for it come from ${servers}`, metadata);
}

/** At the place that the challenge names, at that of the endpoint, or at the root. */
async function find(url: URL, named: string | undefined, signal: AbortSignal): Promise<ResourceMetadata | undefined> {
  const path = url.pathname.replace(/\/$/, '');
  const places = [
    ...(named && URL.canParse(named) ? [named] : []),
    ...[path, ''].map((end) => `${url.origin}${wellKnown}${end}`),
  ];
  for (const place of new Set(places)) {
    const { resource, authorization_servers: servers, scopes_supported } = await documentAt(place, signal);
    if (typeof resource === 'string') {
      return { resource, authorizationServers: words(servers), scopes: words(scopes_supported) };
    }
  }
  return undefined;
}

async function documentAt(place: string, signal: AbortSignal): Promise<Answer['json']> {
  const answer = await ask(place, { signal }).catch(() => undefined);
  return answer?.status === 200 ? answer.json : {};
}

function isSame(resource: string, url: URL): boolean {
  if (!URL.canParse(resource)) return false;
  const plain = ({ origin, pathname }: URL) => origin + pathname.replace(/\/$/, '');
  // A client takes what stands for all of a server, too.
  return plain(url) === plain(new URL(resource)) || plain(url).startsWith(`${plain(new URL(resource))}/`);
}

function words(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((word) => typeof word === 'string').slice(0, 50) : [];
}
