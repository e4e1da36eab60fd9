import type { Era } from '../../gateway-runtime/src/config/versions.js';

/** Where a client connects to: a URL for `http` and `sse`, a program for `stdio`. */
export type PeerTarget =
  | { readonly transport: 'http' | 'sse'; readonly url: string }
  | { readonly transport: 'stdio'; readonly command: string; readonly args: readonly string[] };

/** How a request ended, as the client's SDK tells it. */
export type PeerOutcome =
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: unknown } };

/** What a client got besides results: notifications, progress of its requests and what it was asked. */
export interface Heard {
  readonly method: string;
  readonly params?: unknown;
}

/** How a request of a client is accompanied. */
export interface PeerRequestOptions {
  /** Asks for progress, which is then among what was heard. */
  readonly progress?: boolean;
  /** Cancels the request after so many milliseconds. */
  readonly cancelAfterMs?: number;
}

/** A connection of a client of some SDK, which can do all that a client of MCP can and answers as `sink.json` says. */
export interface PeerSession {
  readonly era: Era;
  /** In the order in which it came; tests take it out. */
  readonly heard: Heard[];
  request(method: string, params?: Record<string, unknown>, options?: PeerRequestOptions): Promise<PeerOutcome>;
  /** From now on hears that lists changed and that the resource did. */
  listen(uri: string): Promise<void>;
  close(): Promise<void>;
}

/** Connects a client of an SDK in an era. */
export type PeerConnect = (target: PeerTarget, era: Era) => Promise<PeerSession>;

/** The outcome of a promise of a TypeScript SDK. */
export async function outcomeOf(promise: Promise<unknown>): Promise<PeerOutcome> {
  try {
    return { result: await promise };
  } catch (error) {
    const { code, message, data } = error as { code: number; message: string; data?: unknown };
    // SDK v1 writes the code before the message, on both sides.
    return {
      error: { code, message: message.replace(/^(MCP error -?\d+: )+/, ''), ...(data !== undefined && { data }) },
    };
  }
}
