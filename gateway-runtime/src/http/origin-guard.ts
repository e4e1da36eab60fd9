import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopback } from '../config/loopback.js';
import { Refusal } from './refusal.js';

/** Headers of answers that pages of a browser may read. */
const exposed = 'Mcp-Session-Id, WWW-Authenticate, Retry-After, X-Request-Id, Link';

/** Headers that clients send. Those that repeat an argument of a tool are named by the tool. */
const requestHeaders = [
  'Authorization',
  'Content-Type',
  'Accept',
  'Mcp-Session-Id',
  'MCP-Protocol-Version',
  'Last-Event-ID',
  'Mcp-Method',
  'Mcp-Name',
  'X-Request-Id',
  'Traceparent',
  'Tracestate',
];

/** What the guard needs to know of the configuration. */
export interface OriginGuardOptions {
  readonly corsOrigins: readonly string[];
  /** The address the gateway listens on. */
  readonly host: string;
  /** The endpoint's public URL. */
  readonly resourceUrl?: string;
}

/**
 * Keeps web pages out that have no business here. A page can make a browser send requests to an address inside the
 * user's network, and by rebinding its own host name even read the answers: so a host name proves nothing unless it
 * is known, and every request of a page carries its origin.
 * https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#security-warning
 */
export class OriginGuard {
  readonly #allowed: ReadonlySet<string>;
  readonly #ownHost: string | undefined;
  readonly #onLoopback: boolean;
  /** The host that was asked for last, and may be. */
  #lastHost: string | undefined;

  constructor({ corsOrigins, host, resourceUrl }: OriginGuardOptions) {
    this.#allowed = new Set(corsOrigins);
    this.#ownHost = resourceUrl && URL.canParse(resourceUrl) ? new URL(resourceUrl).host : undefined;
    this.#onLoopback = isLoopback(host);
  }

  /** @throws {Refusal} 403 for a host or an origin that is not allowed. */
  check({ headers: { host: given = '', origin } }: IncomingMessage): void {
    if (given === this.#lastHost && origin === undefined) return;
    const host = given.toLowerCase();
    if (this.#onLoopback && host !== this.#ownHost && !isLoopback(hostName(host))) {
      throw new Refusal(403, 'this Host is not served');
    }
    if (origin !== undefined && !this.#isListed(origin) && !this.#isOwn(origin, host)) {
      throw new Refusal(403, 'this Origin is not allowed; list it in cors_origins');
    }
    this.#lastHost = given;
  }

  /** Lets a page of another origin read the answer. */
  addHeaders({ headers: { origin } }: IncomingMessage, response: ServerResponse): void {
    if (origin === undefined || !this.#isListed(origin)) return;
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('access-control-expose-headers', exposed);
    response.setHeader('vary', 'Origin');
  }

  /** Answers the question a browser asks before it sends a page's request. */
  answerPreflight({ headers }: IncomingMessage, response: ServerResponse): void {
    const asked = headers['access-control-request-headers']?.split(',') ?? [];
    const params = asked.map((name) => name.trim()).filter((name) => /^mcp-param-[\w!#$%&'*+.^`|~-]+$/i.test(name));
    response.writeHead(204, {
      'access-control-allow-methods': 'GET, POST, DELETE',
      'access-control-allow-headers': [...requestHeaders, ...params].join(', '),
      'access-control-max-age': '86400',
    });
    response.end();
  }

  #isListed(origin: string): boolean {
    return this.#allowed.has('*') || this.#allowed.has(origin);
  }

  #isOwn(origin: string, host: string): boolean {
    const originHost = URL.canParse(origin) ? new URL(origin).host : undefined;
    if (originHost === undefined) return false;
    return originHost === this.#ownHost || (originHost === host && isAddress(hostName(host)));
  }
}

function hostName(host: string): string {
  return host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

/** A name that nobody can point elsewhere: an IP address or localhost. */
function isAddress(name: string): boolean {
  return isLoopback(name) || /^[\d.]+$/.test(name) || name.includes(':');
}
