import type { JsonObject } from './json-rpc.js';

/** Every way in which an audited request ends. */
export const outcomes = ['ok', 'error', 'unavailable', 'cancelled', 'denied', 'limited'] as const;

/** What a request was for, by its method. */
export type AuditedTarget =
  /** The name the client used. */
  | { readonly method: 'tools/call'; readonly tool: string }
  | { readonly method: 'prompts/get'; readonly prompt: string }
  /** Without what a URI may hold of credentials: user, password, query and fragment. */
  | { readonly method: 'resources/read'; readonly resource: string };

/** What is remembered of one request: who, what, why and how it ended, never its result. */
export type AuditRecord = AuditedTarget & {
  /** When it ended, in UTC: `2026-11-23T07:35:00.123Z`. */
  readonly time: string;
  readonly client: string;
  /** Who issued the caller's token, and whom it is about; absent where no token says so. */
  readonly issuer?: string;
  readonly subject?: string;
  /** Absent for a tool of the gateway itself. */
  readonly backend?: string;
  /** The view through which it was called. */
  readonly view?: string;
  /** SHA-256 of the arguments in hexadecimal digits: the same arguments have the same one, in whatever order they come. */
  readonly arguments_sha256?: string;
  /** The arguments without secrets, and not all of them when they are long. */
  readonly arguments?: JsonObject;
  /** The rules of the configuration that allowed or denied it, or the limit that held it back. */
  readonly rule: string;
  /** Why it was denied or held back. */
  readonly reason?: string;
  /** Id of the HTTP request, as its client was told in `X-Request-Id`. */
  readonly request_id?: string;
  /** Id of the trace that the request belongs to. */
  readonly trace_id?: string;
  /** `ok`, `error` (the tool or the backend said so), `unavailable`, `cancelled`, `denied` for lack of a scope, or `limited`. */
  readonly outcome: (typeof outcomes)[number];
  /** Duration in milliseconds. */
  readonly ms: number;
};

/** The record of a tools/call. */
export type ToolCallRecord = Extract<AuditRecord, { method: 'tools/call' }>;

/** Keeps records. Who has to wait gets a promise, who has not gets nothing: most gateways keep records where nobody waits. */
export interface AuditTrail {
  /** Whether a request may begin. @returns a promise while records cannot be kept @throws {AuditUnavailableError} in the promise */
  ready(): Promise<void> | undefined;
  /** Keeps a record. @returns until it is safe @throws {AuditUnavailableError} in the promise */
  record(record: AuditRecord): Promise<void> | undefined;
}
