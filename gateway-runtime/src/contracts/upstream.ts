import type { Backend } from '../config/backend.js';
import type { Era } from '../config/versions.js';
import type { Abortable } from './abortable.js';
import type { ClientProfile } from './client.js';
import type { Identity } from './identity.js';
import type { JsonObject } from './json-rpc.js';
import type { TraceContext } from './trace.js';

/** What a backend said about itself in its answer to `initialize` or `server/discover`. */
export interface ServerDescription {
  /** How the connection speaks; a backend that speaks both eras may have connections of both. */
  readonly era: Era;
  /** The version of MCP agreed on. */
  readonly version: string;
  readonly capabilities: JsonObject;
  readonly instructions?: string;
}

/**
 * Answers what a backend asks a client: `sampling/createMessage`, `elicitation/create`, `roots/list` or anything else.
 * @returns the result as the client gave it. @throws {RpcError} as the client answered, or when it cannot be asked
 */
export type AnswerRequest = (method: string, params: JsonObject, signal: AbortSignal) => Promise<unknown>;

/** How one request to a backend is accompanied. */
export interface UpstreamRequestOptions {
  /** For whom it is: some backends over HTTP are given a token of each caller. @default - for the gateway itself */
  readonly caller?: Identity;
  /** Aborted when nobody waits for the answer any more; the backend is told. */
  readonly signal?: Abortable;
  /** The trace that the request belongs to; told in headers where there are any. */
  readonly trace?: TraceContext;
  /** Capabilities that a modern backend is told with the request. @default - none */
  readonly capabilities?: JsonObject;
  /** Least severe log messages that a modern backend is asked for. @default - none are asked for */
  readonly logLevel?: string;
  /** Schema of the tool that is called: says which arguments a modern backend over HTTP wants in headers, too. */
  readonly inputSchema?: JsonObject;
  /** Asks the backend for progress and receives it, without its token. */
  readonly onProgress?: (progress: JsonObject) => void;
  /** Receives log messages and other notifications that belong to this request. */
  readonly onNotification?: (method: string, params: JsonObject) => void;
  /** Answers requests of a legacy backend that belong to this one; the time they take does not count. */
  readonly onRequest?: AnswerRequest;
}

/** What a connection to a backend reports unasked. */
export interface UpstreamEvents {
  /** A notification that belongs to no request: lists or resources that changed, or one that only its receiver knows. */
  onNotification(method: string, params: JsonObject): void;
  /** A request that belongs to none of the gateway's. */
  readonly onRequest: AnswerRequest;
  /** The backend forgot its session and was initialized again without a caller noticing. */
  onReinitialized(description: ServerDescription): void;
  /** The connection is gone. `reason` holds no secret. Not called after `close()`. */
  onDisconnected(reason: string): void;
}

/**
 * One connection to one backend, whatever its transport and era. Params and results are raw JSON. Methods are those of
 * 2025-11-25, also towards a modern backend: `ping`, `resources/subscribe`, `resources/unsubscribe` and `logging/setLevel` are
 * translated or need nothing there. Results are the backend's: a modern one may answer that input is required.
 */
export interface Upstream {
  /** Connects and agrees on a version; called once, and ended by `close()`. @throws {UnspokenEraError | UpstreamError} */
  connect(): Promise<ServerDescription>;
  /** @returns the result as it came. @throws {RpcError} as it came @throws {UpstreamError} */
  request(method: string, params: JsonObject | undefined, options?: UpstreamRequestOptions): Promise<unknown>;
  /** Sends a notification of a client, such as `notifications/roots/list_changed`; never throws. */
  notify(method: string, params?: JsonObject): void;
  /** Ends the session and frees everything, child processes included; never throws. */
  close(): Promise<void>;
}

/** What a connection is for. */
export interface UpstreamPurpose {
  /** The only era that will do. @default - whichever the backend speaks, the modern one first */
  readonly era?: Era;
  /** What a legacy backend is told in the handshake that its client can do: `{}` for a connection that several clients share. */
  readonly capabilities: ClientProfile['capabilities'];
  /** The only one whose requests go over it, so that everything else it sends is for him, too. @default - several */
  readonly caller?: Identity;
}

/** Makes a connection object; opens nothing yet. */
export type UpstreamFactory<B extends Backend = Backend> = (
  backend: B,
  purpose: UpstreamPurpose,
  events: UpstreamEvents,
) => Upstream;
