/** Who makes a call. */
export interface Identity {
  /** Unique among all callers: sessions are bound to it. */
  readonly key: string;
  /** The name in the audit log. */
  readonly clientId: string;
  /** Scopes granted; `*` stands for every scope. */
  readonly scopes: ReadonlySet<string>;
}

/** Everybody, when auth is off. */
export const anonymous: Identity = { key: 'anonymous', clientId: 'anonymous', scopes: new Set(['*']) };

/** The user who started the gateway, as the client of its own streams. */
export const localUser: Identity = { key: 'local', clientId: 'local', scopes: new Set(['*']) };

/** Tells who makes a call. */
export interface Authenticator {
  /**
   * @param authorization Value of the Authorization header.
   * @throws {UnauthorizedError} without a valid token
   */
  authenticate(authorization: string | undefined): Promise<Identity>;
}

/** What a caller may do: the same answer filters lists and guards calls. */
export interface AccessPolicy {
  /** Every scope that callers need to use the gateway at all. */
  readonly requiredForGateway: readonly string[];
  /** Scopes the caller lacks to use the gateway at all; empty when allowed. */
  missingForGateway(identity: Identity): readonly string[];
  /** Why the caller may not use a tool, by all names that clients can use for it; `undefined` when allowed. */
  refusalOfTool(identity: Identity, names: readonly string[]): ToolRefusal | undefined;
  /** Whether anybody may use a tool, by the same names. */
  isReleased(names: readonly string[]): boolean;
}

/** Why a caller may not use a tool. */
export interface ToolRefusal {
  /** In lower case, to follow the tool's name: `needs write:logs`. */
  readonly reason: string;
  /** Scopes that together suffice; `undefined` when the tool is released to nobody, whatever the scopes. */
  readonly scopes?: readonly string[];
}

/** A request as it is about to be sent. */
export interface OutboundRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Scheme, host, path and query exactly as they go out. */
  readonly url: URL;
  /** Headers so far; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** How the gateway proves itself to one HTTP backend. */
export interface OutboundAuth {
  /**
   * Headers to add to this request; names in lower case.
   *
   * @throws {UpstreamError} when there is no credential
   */
  headers(request: OutboundRequest): Promise<Record<string, string>>;
  /**
   * Called after a 401.
   *
   * @param refused What `headers` gave for the request that was refused; another call may have had it renewed meanwhile.
   * @returns whether another attempt with new headers makes sense.
   */
  refresh(refused: Readonly<Record<string, string>>): Promise<boolean>;
}
