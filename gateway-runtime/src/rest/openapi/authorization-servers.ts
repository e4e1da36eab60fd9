import { normalIssuer } from '../../config/issuer.js';
import { isObject, type JsonObject } from '../../contracts/json-rpc.js';

/** What an authorization server says of itself, as far as clients of a document need it. */
export interface AuthorizationServer {
  /** The URL by which it is configured. */
  readonly url: string;
  /** What it calls itself. */
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

  /**
   * Those of these servers that can be read; asks none twice within a minute.
   *
   * @param issuers Whose tokens are accepted. A server may call itself one of them: all identity domains have one name.
   */
  async find(servers: readonly string[], issuers: readonly string[]): Promise<readonly AuthorizationServer[]> {
    for (const url of this.#known.keys()) if (!servers.includes(url)) this.#known.delete(url);
    const found = await Promise.all(servers.map((url) => this.#of(url)));
    // Whoever speaks for another could have clients go elsewhere. https://www.rfc-editor.org/rfc/rfc8414#section-3.3
    return found.filter(
      (server) =>
        server !== undefined &&
        [server.url, ...issuers].some((name) => normalIssuer(name) === normalIssuer(server.issuer)),
    ) as AuthorizationServer[];
  }

  #of(url: string): Promise<AuthorizationServer | undefined> {
    const known = this.#known.get(url);
    if (known && Date.now() < known.until) return known.found;
    const found = this.#look(url);
    const entry = { found, until: Number.POSITIVE_INFINITY };
    this.#known.set(url, entry);
    void found.then((server) => {
      entry.until = Date.now() + (server ? keptMs.known : keptMs.unknown);
    });
    return found;
  }

  async #look(url: string): Promise<AuthorizationServer | undefined> {
    // All at once: a server that does not answer is waited for only once.
    const documents = await Promise.all(
      placesOf(new URL(url)).map((place) => this.#fetch(new URL(place)).catch(() => undefined)),
    );
    return documents.map((document) => serverIn(document, url)).find((server) => server !== undefined);
  }
}

/**
 * Where an authorization server describes itself.
 * https://www.rfc-editor.org/rfc/rfc8414#section-3 https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
 */
function placesOf({ origin, pathname }: URL): readonly string[] {
  const path = pathname.replace(/\/$/, '');
  return [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
}

function serverIn(document: unknown, url: string): AuthorizationServer | undefined {
  if (!isObject(document) || typeof document.issuer !== 'string') return undefined;
  const tokenUrl = urlIn(document, 'token_endpoint');
  if (tokenUrl === undefined) return undefined;
  const { issuer, grant_types_supported: named } = document;
  const grants = Array.isArray(named) ? named.filter((grant) => typeof grant === 'string') : usualGrants;
  return { url, issuer, tokenUrl, authorizationUrl: urlIn(document, 'authorization_endpoint'), grants };
}

function urlIn(document: JsonObject, member: string): string | undefined {
  const url = document[member];
  return typeof url === 'string' && /^https?:\/\//i.test(url) && URL.canParse(url) ? url : undefined;
}
