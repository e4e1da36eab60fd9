import { Pool } from 'undici';
import type { HttpBackend } from '../config/backend.js';
import type { Abortable } from '../contracts/abortable.js';
import type { HttpMethod, Identity, OutboundAuth, OutboundHeaders } from '../contracts/identity.js';
import { UpstreamError } from '../errors.js';
import { BusyPolling } from './busy-polling.js';
import { CrashError } from './failures.js';
import { type HttpAnswer, requested } from './http-answer.js';

/** What goes with a request. */
export interface SendOptions {
  readonly body?: string | Buffer;
  readonly signal?: Abortable;
  /** On the host of the backend. @default - that of the backend */
  readonly url?: URL;
  /** For whom it is sent. @default - for whoever the connection belongs to */
  readonly caller?: Identity;
  /** Told with what the request is proved, before it is sent. */
  readonly onProof?: (proof: OutboundHeaders) => void;
}

/** Sends HTTP requests to one backend over kept-alive connections, with the backend's credentials. */
export class HttpClient {
  readonly url: URL;
  readonly #path: string;
  readonly #pool: Pool;
  readonly #headers: Record<string, string>;
  readonly #auth: OutboundAuth;
  readonly #polling = new BusyPolling();
  /** Whose connection it is, with the newest token he has come with. */
  #owner: Identity | undefined;

  /** @param owner The only one for whom anything is sent. @default - several, and the gateway itself */
  constructor(backend: HttpBackend, auth: OutboundAuth, owner?: Identity) {
    this.#owner = owner;
    this.url = parseUrl(backend.url);
    this.#path = this.url.pathname + this.url.search;
    this.#auth = auth;
    this.#headers = { ...basicAuth(this.url), ...lowerCase(backend.headers) };
    // Answers may take as long as request_timeout and progress allow, so the timeouts are kept by the correlator.
    this.#pool = new Pool(this.url.origin, {
      connect: { timeout: backend.connect_timeout * 1000 },
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** @throws {UpstreamError} when no answer came. */
  async send(method: HttpMethod, headers: Record<string, string>, options: SendOptions = {}): Promise<HttpAnswer> {
    const { url = this.url, body, signal } = options;
    if (this.#owner && options.caller) this.#owner = options.caller;
    const caller = options.caller ?? this.#owner;
    const path = url === this.url ? this.#path : url.pathname + url.search;
    const own = { ...this.#headers, ...headers };
    try {
      for (let attempt = 1; ; attempt++) {
        // Comes last: a signature covers what is sent, and nothing may change it afterwards.
        const proving = this.#auth.headers({ method, url, headers: own, body, caller });
        const proof = proving instanceof Promise ? await proving : proving;
        options.onProof?.(proof);
        const sentAt = this.#polling.sent();
        const answer = await requested(this.#pool, { method, path, headers: { ...own, ...proof }, body }, signal);
        this.#polling.answered(sentAt);
        if (answer.status !== 401 || attempt > 1 || !(await this.#auth.refresh(proof, caller))) return answer;
      }
    } catch (error) {
      throw toUpstreamError(error);
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

function parseUrl(url: string): URL {
  try {
    return new URL(url);
  } catch {
    throw new UpstreamError('has a url that is not valid');
  }
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function basicAuth(url: URL): Record<string, string> {
  if (url.username === '' && url.password === '') return {};
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}

/** Any failure of a request as an error without addresses and secrets. */
export function toUpstreamError(error: unknown): UpstreamError {
  if (error instanceof UpstreamError) return error;
  const { code, name } = error as { code?: string; name?: string };
  if (name === 'AbortError') return new UpstreamError('cancelled');
  if (name === 'TimeoutError') return new UpstreamError('did not take a message in time');
  const reason = (code && reasons[code]) || `connection failed (${code ?? name ?? 'unknown'})`;
  return code && broken.includes(code) ? new CrashError(reason) : new UpstreamError(reason, true);
}

/** What becomes of a connection that was there. */
const broken = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'];

const reasons: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'host name not found',
  EAI_AGAIN: 'host name cannot be looked up',
  UND_ERR_CONNECT_TIMEOUT: 'no connection within connect_timeout',
  UND_ERR_SOCKET: 'connection closed before the answer',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate not trusted (self-signed)',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate not trusted (self-signed in its chain)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate not trusted (incomplete chain)',
  CERT_HAS_EXPIRED: 'certificate expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate is for another host name',
};
