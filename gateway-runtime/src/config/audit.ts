/** Every way in which a tools/call ends. */
export const outcomes = ['ok', 'error', 'unavailable', 'cancelled', 'denied', 'limited'] as const;

/** What is remembered of one tools/call: who, what, why and how it ended, never its result. */
export interface AuditRecord {
  readonly client: string;
  /** Who issued the caller's token, and whom it is about; absent where no token says so. */
  readonly issuer?: string;
  readonly subject?: string;
  /** The name the client used. */
  readonly tool: string;
  /** Absent for a tool of the gateway itself. */
  readonly backend?: string;
  /** The view through which it was called. */
  readonly view?: string;
  /** The rules of the configuration that allowed or denied it, or the limit that held it back. */
  readonly rule: string;
  /** Why it was denied or held back. */
  readonly reason?: string;
  /** Id of the trace that the call belongs to. */
  readonly trace_id?: string;
  /** `ok`, `error` (the tool or the backend said so), `unavailable`, `cancelled`, `denied` for lack of a scope, or `limited`. */
  readonly outcome: (typeof outcomes)[number];
  /** Duration in milliseconds. */
  readonly ms: number;
}
