import { isObject, type JsonObject } from '../../contracts/json-rpc.js';

/** What an authorization server says of itself, as far as clients of a document need it. */
export interface AuthorizationServer {
  readonly issuer: string;
  readonly tokenUrl: string;
  /** Absent where users do not log in. */
  readonly authorizationUrl?: string;
  readonly grants: readonly string[];
}

/** Reads a JSON document; `undefined` where there is none. */
export type FetchDocument = (url: URL) => Promise<unknown>;

/** Milliseconds until a server is asked again: one that answered, and one that did not. */
const keptMs = { known: 10 * 60_000, unknown: 60_000 };

/** Grants of a server that names none. https://www.rfc-editor.org/rfc/rfc8414#section-2 */
const usualGrants = ['authorization_code', 'implicit'];

/** Authorization servers whose endpoints are looked up where they publish them, and remembered for a while. */
export class AuthorizationServers {
  readonly #fetch: FetchDocument;
  readonly #known = new Map<string, { readonly found: Promise<AuthorizationServer | undefined>; until: number }>();

  constructor(fetch: FetchDocument) {
    this.#fetch = fetch;
  }

  /** The servers of these issuers that can be read; asks none twice within a minute. */
  async find(issuers: readonly string[]): Promise<readonly AuthorizationServer[]> {
    for (const issuer of this.#known.keys()) if (!issuers.includes(issuer)) this.#known.delete(issuer);
    const servers = await Promise.all(issuers.map((issuer) => this.#of(issuer)));
    return servers.filter((server) => server !== undefined);
  }

  #of(issuer: string): Promise<AuthorizationServer | undefined> {
    const known = this.#known.get(issuer);
    if (known && Date.now() < known.until) return known.found;
    const found = this.#look(issuer);
    const entry = { found, until: Number.POSITIVE_INFINITY };
    this.#known.set(issuer, entry);
    void found.then((server) => {
      entry.until = Date.now() + (server ? keptMs.known : keptMs.unknown);
    });
    return found;
  }

  async #look(issuer: string): Promise<AuthorizationServer | undefined> {
    const url = new URL(issuer);
    // All at once: a server that does not answer is waited for only once.
    const documents = await Promise.all(
      placesOf(url).map((place) => this.#fetch(new URL(place)).catch(() => undefined)),
    );
    return documents.map((document) => serverIn(document, issuer)).find((server) => server !== undefined);
  }
}

/**
 * Where an authorization server describes itself.
 * https://www.rfc-editor.org/rfc/rfc8414#section-3 https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
 */
function placesOf({ origin, pathname }: URL): readonly string[] {
  const path = pathname.replace(/\/$/, '');
  const places = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
  return places;
}

function serverIn(document: unknown, issuer: string): AuthorizationServer | undefined {
  if (!isObject(document)) return undefined;
  // Whoever speaks for another issuer could have tokens for it sent elsewhere. https://www.rfc-editor.org/rfc/rfc8414#section-3.3
  if (String(document.issuer).replace(/\/$/, '') !== issuer.replace(/\/$/, '')) return undefined;
  const tokenUrl = urlIn(document, 'token_endpoint');
  if (tokenUrl === undefined) return undefined;
  const { grant_types_supported: named } = document;
  const grants = Array.isArray(named) ? named.filter((grant) => typeof grant === 'string') : usualGrants;
  return { issuer, tokenUrl, authorizationUrl: urlIn(document, 'authorization_endpoint'), grants };
}

function urlIn(document: JsonObject, member: string): string | undefined {
  const url = document[member];
  return typeof url === 'string' && /^https?:\/\//i.test(url) && URL.canParse(url) ? url : undefined;
}
