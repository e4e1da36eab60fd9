import type { Era } from '../config/versions.js';
import type { Abortable } from '../contracts/abortable.js';
import type { JsonRpcId, JsonRpcMessage } from '../contracts/json-rpc.js';
import type { UpstreamRequestOptions } from '../contracts/upstream.js';

/**
 * Sends one message; `signal` is aborted when it took too long or its answer is not wanted any more. `options` are those of
 * the request, for what a transport says beside the message.
 */
export type Send = (
  message: JsonRpcMessage,
  signal?: Abortable,
  options?: Pick<UpstreamRequestOptions, 'caller' | 'trace' | 'inputSchema'>,
) => Promise<void>;

/** What a transport tells whoever uses it. */
export interface TransportEvents {
  /** @param related Id of the request on whose stream it came, where there is one stream per request. */
  onMessage(message: unknown, related?: JsonRpcId): void;
  /** Is the answer to this request still awaited? */
  isPending(id: JsonRpcId): boolean;
  /** Something failed in a way that makes it doubtful whether the backend is still there, and still the same. */
  onDoubt(): void;
  /** Nothing can be sent any more. `reason` holds no secret. */
  onGone(reason: string): void;
  /** The backend forgot the session: makes a new one. @throws {UpstreamError} */
  renew(): Promise<void>;
}

/** Carries messages to and from one backend. */
export interface Transport {
  /** The eras in which it exists. */
  readonly eras: readonly Era[];
  /** Whether the backend reads arguments of tools in headers, too. */
  readonly hasHeaders: boolean;
  /** Whether it can tell of anything but the answer to a request: progress, log messages, changes. */
  readonly hasStreams: boolean;
  /** Gets ready to send. @throws {UpstreamError} */
  open(): Promise<void>;
  /** Says how messages are written from now on; without a version, as in a handshake that has not agreed on one. */
  speak(version?: string): void;
  readonly send: Send;
  /** Frees everything; never throws. */
  close(): Promise<void>;
}
