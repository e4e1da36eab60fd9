import type { Backend } from './backend.js';
import type { JsonObject } from './json-rpc.js';
import type { TraceContext } from './trace.js';

/** What a backend said about itself in its answer to `initialize`. */
export interface ServerDescription {
  readonly capabilities: JsonObject;
  readonly instructions?: string;
}

/** How one request to a backend is accompanied. */
export interface UpstreamRequestOptions {
  /** Aborted when nobody waits for the answer any more; the backend is told. */
  readonly signal?: AbortSignal;
  /** The trace that the request belongs to; told in headers where there are any. */
  readonly trace?: TraceContext;
  /** Asks the backend for progress and receives it, without its token. */
  readonly onProgress?: (progress: JsonObject) => void;
  /** Receives log messages that belong to this request. */
  readonly onNotification?: (method: string, params: JsonObject) => void;
}

/** What a connection to a backend reports unasked. */
export interface UpstreamEvents {
  /** A notification that belongs to no request: lists or resources that changed. */
  onNotification(method: string, params: JsonObject): void;
  /** The backend forgot its session and was initialized again without a caller noticing. */
  onReinitialized(description: ServerDescription): void;
  /** The connection is gone. `reason` holds no secret. Not called after `close()`. */
  onDisconnected(reason: string): void;
}

/** One connection to one backend, whatever its transport. Params and results are raw JSON. */
export interface Upstream {
  /** Connects and initializes; called once, and ended by `close()`. @throws {UpstreamError} */
  connect(): Promise<ServerDescription>;
  /** @returns the result as it came. @throws {RpcError} as it came @throws {UpstreamError} */
  request(method: string, params: JsonObject | undefined, options?: UpstreamRequestOptions): Promise<unknown>;
  /** Ends the session and frees everything, child processes included; never throws. */
  close(): Promise<void>;
}

/** Makes a connection object; opens nothing yet. */
export type UpstreamFactory = (backend: Backend, events: UpstreamEvents) => Upstream;
