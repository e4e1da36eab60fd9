import type { Identity } from './identity.js';

/** A call that is about to begin. */
export interface LimitedCall {
  readonly identity: Identity;
  /** Every name of the tool that is called; absent for prompts, resources, completions and the gateway's own tools. */
  readonly tool?: readonly string[];
  /** Name of the backend that is asked; absent for the gateway's own tools. */
  readonly backend?: string;
}

/** Whether a call may begin. */
export type Admission =
  | {
      readonly admitted: true;
      /** Says that the call is over. It may be said more than once, and counts once. */
      release(): void;
    }
  | {
      readonly admitted: false;
      /** The member of the configuration that says so: `limits.tools.logs_*`. */
      readonly limit: string;
      /** Follows "there are": `more than 5 calls of tools like "logs_*" at once`. */
      readonly reason: string;
      /** Milliseconds until the next call is allowed; undefined when that depends on calls that are in flight. */
      readonly retryAfterMs?: number;
    };

/** Counts calls and holds back those that are too many. A call that is held back counts nowhere. */
export interface RateLimiter {
  /** A promise only where others have to be asked. It is never rejected: what cannot be asked is decided here. */
  admit(call: LimitedCall): Admission | Promise<Admission>;
}
