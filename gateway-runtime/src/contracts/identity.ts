import type { Eventual } from './eventual.js';
import type { JsonObject } from './json-rpc.js';

/** Who makes a call. */
export interface Identity {
  /** Unique among all callers: sessions are bound to it. */
  readonly key: string;
  /** The name in the audit log. */
  readonly clientId: string;
  /** Scopes granted; `*` stands for every scope. */
  readonly scopes: ReadonlySet<string>;
  /** Who issued the token; absent for static tokens and where nobody is asked. */
  readonly issuer?: string;
  /** Whom the token is about; absent where it does not say. */
  readonly subject?: string;
  /** What the token says of the caller, as far as rules may ask for it. */
  readonly claims?: JsonObject;
  /** The token itself: only ever exchanged at an authorization server, never sent to a backend, never logged. */
  readonly token?: string;
}

/** What a request brings along to say who makes it. */
export interface Credentials {
  /** Value of the Authorization header. */
  readonly authorization?: string;
  /** The client's certificate, when it has been verified. */
  readonly certificate?: ClientCertificate;
  /** The connection that it came over. */
  readonly connection?: object;
}

/** What a verified certificate of a client says. */
export interface ClientCertificate {
  /** SHA-256 of the whole certificate, in base64url. */
  readonly thumbprint: string;
  /** URI and DNS names of the subject, then its common name. */
  readonly names: readonly string[];
}

/** Everybody, when auth is off. */
export const anonymous: Identity = { key: 'anonymous', clientId: 'anonymous', scopes: new Set(['*']) };

/** The user who started the gateway, as the client of its own streams. */
export const localUser: Identity = { key: 'local', clientId: 'local', scopes: new Set(['*']) };

/** Tells who makes a call. */
export interface Authenticator {
  /**
   * Who is known already is told at once.
   * @throws {UnauthorizedError} without valid credentials @throws {UnavailableError} when they cannot be checked now; both at
   * once or in the promise
   */
  authenticate(credentials: Credentials): Eventual<Identity>;
}

/** Where a caller wants to get at something: the gateway at all, a view of it, one of its backends. */
export interface Place {
  /** The view through which it is asked. */
  readonly view?: string;
  /** Name of the backend that offers it; absent for the gateway's own tools. */
  readonly backend?: string;
}

/** What a caller wants to see or use. */
export interface Target extends Place {
  readonly kind: 'tool' | 'prompt' | 'resource';
  /** Every name that clients can use for it, beginning with the one it is listed under; for a resource, its URI. */
  readonly names: readonly string[];
  /** Whether its backend says that it changes nothing. @default false */
  readonly isReadOnly?: boolean;
}

/** What a caller may do: the same decision filters lists and guards calls. */
export interface AccessPolicy {
  /** Every scope that callers need to get at anything in some place, whatever it is. */
  requiredIn(place: Place): readonly string[];
  /** Those of them that the caller lacks; empty when allowed. */
  missingIn(place: Place, identity: Identity): readonly string[];
  /** Whether the caller may see and use something, and why. */
  decide(identity: Identity, target: Target): Decision;
  /** Whether anybody may use it. */
  isReleased(target: Target): boolean;
}

/** What was decided, and by which rules of the configuration: `tool_scopes.logs_*, required_scopes`. */
export type Decision = { readonly allowed: true; readonly rule: string } | Refusal;

/** Why a caller may not use something. */
export interface Refusal {
  readonly allowed: false;
  readonly rule: string;
  /** In lower case, to follow the name: `needs write:logs`. */
  readonly reason: string;
  /** Scopes that together suffice; `undefined` when no scope would. */
  readonly scopes?: readonly string[];
}

/** Methods with which backends are asked. */
export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A request as it is about to be sent. */
export interface OutboundRequest {
  readonly method: HttpMethod;
  /** Scheme, host, path and query exactly as they go out. */
  readonly url: URL;
  /** Headers so far; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** For whom it is sent. @default - for the gateway itself: handshakes, lists and pings of what clients share */
  readonly caller?: Identity;
}

/** What proves to a backend who sends a request; names in lower case. */
export type OutboundHeaders = Readonly<Record<string, string>>;

/** How the gateway proves itself to one HTTP backend. */
export interface OutboundAuth {
  /**
   * Headers to add to this request; names in lower case. A promise where they have to be had or made first.
   *
   * @throws {UpstreamError} when there is no credential
   */
  headers(request: OutboundRequest): Promise<OutboundHeaders> | OutboundHeaders;
  /**
   * Called after a 401.
   *
   * @param refused What `headers` gave for the request that was refused; another call may have had it renewed meanwhile.
   * @param caller For whom it was sent.
   * @returns whether another attempt with new headers makes sense.
   */
  refresh(refused: OutboundHeaders, caller?: Identity): Promise<boolean>;
}
