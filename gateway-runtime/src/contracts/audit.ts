import type { Identity } from './identity.js';
import type { JsonObject } from './json-rpc.js';
import type { AuthFailure } from './meters.js';

/** Characters of a name in a record. */
const mostCharacters = 256;

/** A name, or text of somebody else, as it stands in records. */
export function bounded(name: string): string {
  return name.slice(0, mostCharacters);
}

/** Every way in which an audited request ends. */
export const outcomes = ['ok', 'error', 'unavailable', 'cancelled', 'denied', 'limited'] as const;

/** What a request was for, by its method. */
export type AuditedTarget =
  /** The name the client used. */
  | { readonly method: 'tools/call'; readonly tool: string }
  | { readonly method: 'prompts/get'; readonly prompt: string }
  /** Without what a URI may hold of credentials: user, password, query and fragment. */
  | { readonly method: 'resources/read'; readonly resource: string };

/** A caller who was not let in. */
export interface RefusedCaller {
  readonly failure: AuthFailure;
  /** What the caller was told. */
  readonly message: string;
  /** Absent where nobody knows. */
  readonly identity?: Identity;
  /** Who is at the other end of the connection: the caller, or a proxy. */
  readonly address?: string;
  readonly view?: string;
  readonly requestId?: string;
  /** Milliseconds until the refusal. */
  readonly ms: number;
}

/** That somebody was not let in. */
export interface Refused {
  readonly method: 'authenticate';
  readonly address?: string;
  /** How many others were refused for the same reason since the record before, of which there is none. */
  readonly others?: number;
}

/** What is remembered of one request: who, what, why and how it ended, never its result. */
export type AuditRecord = (AuditedTarget | Refused) & {
  /** When it ended, in UTC: `2026-11-23T07:35:00.123Z`. */
  readonly time: string;
  /** `unknown` where nobody was let in. */
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
  /** The rules of the configuration that allowed or denied it, the limit that held it back, or the code of what was wrong with the caller's token. */
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

/** The record of a caller who was not let in. */
export type RefusalRecord = Extract<AuditRecord, { method: 'authenticate' }>;

/** The record of a tools/call. */
export type ToolCallRecord = Extract<AuditRecord, { method: 'tools/call' }>;

/** Keeps records. Who has to wait gets a promise, who has not gets nothing: most gateways keep records where nobody waits. */
export interface AuditTrail {
  /** Whether a request may begin. @returns a promise while records cannot be kept @throws {AuditUnavailableError} in the promise */
  ready(): Promise<void> | undefined;
  /**
   * Keeps a record.
   *
   * @param isAlone Whether no other request is under way, whose record could be kept together with this one. @default false
   * @returns until it is safe @throws {AuditUnavailableError} in the promise
   */
  record(record: AuditRecord, isAlone?: boolean): Promise<void> | undefined;
}

/** Which records are looked for; all of what is said has to be so. */
export interface AuditFilter {
  /** Name of the tool, in which `*` stands for any characters. */
  readonly tool?: string;
  readonly client?: string;
  readonly backend?: string;
  readonly outcome?: string;
  readonly request_id?: string;
  /** First time, in the form of a record's `time`. */
  readonly since?: string;
  /** Last time, in the same form. */
  readonly until?: string;
}

/** Records that were found, newest first. */
export interface FoundRecords {
  readonly records: readonly AuditRecord[];
  /** Whether there may be older ones that were not looked at. */
  readonly isPartial: boolean;
}

/** Records of the past. */
export interface AuditHistory {
  /** @param limit Records at most. */
  find(filter: AuditFilter, limit: number): FoundRecords | Promise<FoundRecords>;
}
