import type { Identity } from './identity.js';
import type { JsonObject } from './json-rpc.js';

/** A client that is connected over several requests. */
export interface ClientSession {
  readonly id: string;
  readonly identity: Identity;
  /** Sends a notification that belongs to no request, now or when the client listens again. */
  notify(method: string, params?: JsonObject): void;
}

/** Where sessions are kept. `T` is what the front keeps per session. */
export interface SessionStore<T extends { readonly id: string }> {
  /** The session with this id, which counts as used from now on; `undefined` when unknown or expired. */
  get(id: string): T | undefined;
  add(session: T): void;
  delete(id: string): void;
  values(): Iterable<T>;
}

/** One request of a client. */
export interface RequestContext {
  readonly identity: Identity;
  /** Absent when the gateway keeps no sessions. */
  readonly session?: ClientSession;
  /** Aborted when the client cancels the request or goes away. */
  readonly signal: AbortSignal;
  /** Sends a notification that belongs to this request, before its answer. */
  notify(method: string, params: JsonObject): void;
}

/** Answers the requests of clients. */
export interface Dispatcher {
  /** @returns the result. @throws {RpcError | InsufficientScopeError} */
  dispatch(method: string, params: JsonObject, context: RequestContext): Promise<unknown>;
  /** A session began or ended: from and to whom notifications go. */
  sessionOpened(session: ClientSession): void;
  sessionClosed(session: ClientSession): void;
}
