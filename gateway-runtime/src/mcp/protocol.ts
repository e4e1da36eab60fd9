import type { JsonObject } from '../contracts/json-rpc.js';
import type { ServerDescription, Upstream } from '../contracts/upstream.js';

/** What a backend is told of its client. */
export interface Caller {
  /** What the gateway calls itself. */
  readonly info: { readonly name: string; readonly version: string };
  /** What those can do for whom the gateway asks. */
  readonly capabilities: JsonObject;
}

/** How a backend is spoken to in one era. */
export interface Protocol extends Pick<Upstream, 'request' | 'notify'> {
  /**
   * Agrees on a version.
   *
   * @param timeoutMs Milliseconds that each answer may take.
   * @throws {UnspokenEraError} when the backend answers, but does not speak this era @throws {UpstreamError}
   */
  connect(timeoutMs: number): Promise<ServerDescription>;
  /** Asks for a sign of life, and of the same server as before. @throws {RpcError | UpstreamError} */
  ping(timeoutMs?: number): Promise<unknown>;
  /** Stops listening. */
  close(): void;
}
