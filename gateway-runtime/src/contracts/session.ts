import type { Abortable } from './abortable.js';
import type { ClientProfile } from './client.js';
import type { Identity } from './identity.js';
import type { JsonObject, JsonRpcMessage } from './json-rpc.js';
import type { TraceContext } from './trace.js';
import type { AnswerRequest } from './upstream.js';

/** What a client chose in the course of its session. */
export interface SessionChoices {
  /** Least severe log messages it wants; undefined until it says so. */
  readonly logLevel?: string;
  /** URIs of the resources it subscribed to. */
  readonly subscriptions: ReadonlySet<string>;
}

/** One choice that a client made or took back. */
export type SessionChange =
  | { readonly logLevel: string }
  | { readonly subscribed: string }
  | { readonly unsubscribed: string };

/** A client of the legacy era, which is connected over several requests. */
export interface ClientSession {
  readonly id: string;
  readonly identity: Identity;
  readonly client: ClientProfile;
  /** The view it opened: the last segment of `/mcp/<view>`; undefined for everything. */
  readonly view?: string;
  /** Asks the client something that belongs to none of its requests: where it listens, or on any open stream of its. */
  ask(...question: Parameters<AnswerRequest>): Promise<unknown>;
  /**
   * Sends a notification that belongs to no request, now or when the client listens again.
   * @param onlyHere True when no other replica can know of it: then it goes to the one where the client listens.
   */
  notify(method: string, params?: JsonObject, onlyHere?: boolean): void;
  /** Keeps what the client chose with the session. */
  remember(change: SessionChange): void;
}

/** Where sessions are kept. `T` is what the front keeps per session. */
export interface SessionStore<T extends { readonly id: string }> {
  /** The session with this id, which counts as used from now on; `undefined` when unknown or expired. */
  get(id: string): T | undefined;
  /** The same, and looking does not count as use. */
  peek(id: string): T | undefined;
  add(session: T): void;
  delete(id: string): void;
  values(): Iterable<T>;
  /** Sessions that have not expired, with the time in milliseconds at which each was last used. */
  entries(): Iterable<{ readonly session: T; readonly usedAt: number }>;
  /** Drops every session. */
  close(): void;
}

/** What every replica has to know of a session to carry it on. */
export interface SessionRecord extends SessionChoices {
  /** Key of the caller it belongs to. */
  readonly owner: string;
  readonly client: ClientProfile;
  readonly view?: string;
}

/** A session that a replica holds. */
export interface HeldSession {
  readonly id: string;
  readonly record: SessionRecord;
  /** Whether the client used it lately, or waits or listens now. */
  readonly inUse: boolean;
}

/** What one replica holds, as the others need it. */
export interface SessionHolder {
  /** Every session here. @param since Time in milliseconds from which on use counts. */
  held(since: number): Iterable<HeldSession>;
  /** Another replica ended a session. */
  ended(id: string): void;
  /** The client chose something at another replica. */
  changed(id: string, choices: SessionChoices): void;
  /** A notification that only another replica could know of. */
  notified(id: string, method: string, params?: JsonObject): void;
  /** The client answered another replica what this one may have asked. */
  answered(id: string, response: JsonRpcMessage): void;
}

/** What replicas of one gateway know of sessions together. */
export interface SharedSessions {
  start(holder: SessionHolder): void;
  /** The id of a session that is about to begin. */
  nameOf(record: SessionRecord): Promise<string>;
  /**
   * The record of a session that `owner` opened at any replica; `undefined` for any other id.
   * @throws {UnavailableError}
   */
  find(id: string, owner: string): Promise<SessionRecord | undefined>;
  /** Tells of a new session, now or as soon as that is possible. */
  open(id: string, record: SessionRecord): Promise<void>;
  /** Tells of a choice, now or as soon as that is possible. */
  change(id: string, change: SessionChange): void;
  /** Ends a session at every replica. @throws {UnavailableError} */
  end(id: string): Promise<void>;
  /** A session had to make room at the replica where it began. */
  evicted(id: string): void;
  /** Hands a notification to the replica where the client listens. */
  notify(id: string, method: string, params?: JsonObject): void;
  /** Hands an answer of the client to the replica that asked. */
  answer(id: string, response: JsonRpcMessage): void;
  close(): void;
}

/** One request of a client. */
export interface RequestContext {
  readonly identity: Identity;
  readonly client: ClientProfile;
  /** Absent in the modern era, and when the gateway keeps no sessions. */
  readonly session?: ClientSession;
  /** The view that is asked: the last segment of `/mcp/<view>`; undefined for everything. */
  readonly view?: string;
  /** What the HTTP request says of the trace it belongs to. */
  readonly trace?: TraceContext;
  /** The id of the HTTP request, as its client is told in `X-Request-Id`. Absent over stdio. */
  readonly requestId?: string;
  /** Aborted when the client cancels the request or goes away. */
  readonly signal: Abortable;
  /** Sends a notification that belongs to this request, before its answer. */
  notify(method: string, params: JsonObject): void;
  /** Takes the name of the backend that answers, for the ids of events. Absent where events have none. */
  answeredBy?(backend: string): void;
  /** Told that a backend wanted to ask the client what it cannot answer. @default - only the backend is told */
  onUnasked?(method: string): void;
  /** Asks the client something that belongs to this request. Absent in the modern era, and where nothing reaches the client. */
  readonly ask?: AnswerRequest;
}

/** Answers the requests of clients. */
export interface Dispatcher {
  /**
   * Methods are those of the client's era; so is the result, but for what every result of the modern era has: the front adds
   * `resultType` and who answered. `subscriptions/listen` is answered when it ends, and its notifications go to `notify`.
   * @returns the result. @throws {RpcError | InsufficientScopeError}
   */
  dispatch(method: string, params: JsonObject, context: RequestContext): Promise<unknown>;
  /** Takes in a notification of a client with a session, such as `notifications/roots/list_changed`. */
  notified(method: string, params: JsonObject, session: ClientSession): void;
  /** Schema of a tool as this caller sees it: says which arguments headers repeat. `undefined` for an unknown tool. */
  inputSchemaOf(tool: string, context: Pick<RequestContext, 'identity' | 'view'>): JsonObject | undefined;
  /** Whether there is a view of this name. */
  hasView(view: string): boolean;
  /** A session began or ended: from and to whom notifications go. */
  sessionOpened(session: ClientSession): void;
  sessionClosed(session: ClientSession): void;
  /** The client of a session chose this at another replica. */
  sessionRestored(session: ClientSession, choices: SessionChoices): void;
}
