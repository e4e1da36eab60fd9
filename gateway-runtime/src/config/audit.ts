/** Every way in which a tools/call ends. */
export const outcomes = ['ok', 'error', 'unavailable', 'cancelled', 'denied'] as const;

/** What is remembered of one tools/call: who, what and how it ended, never its arguments or its result. */
export interface AuditRecord {
  readonly client: string;
  /** The name the client used. */
  readonly tool: string;
  /** Absent for a tool of the gateway itself. */
  readonly backend?: string;
  /** `ok`, `error` (the tool or the backend said so), `unavailable`, `cancelled`, or `denied` for lack of a scope. */
  readonly outcome: (typeof outcomes)[number];
  /** Duration in milliseconds. */
  readonly ms: number;
}
