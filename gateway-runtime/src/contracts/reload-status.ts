import type { ConfigFault } from '../errors.js';

/** How reading the configuration again went. */
export interface ReloadStatus {
  /** How often it was read again without, and with, a fault. */
  readonly counts: { readonly success: number; readonly failure: number };
  /** When it was last read again, in milliseconds since the epoch; absent when it never was. */
  readonly lastReload?: number;
  /** When that was last done without a fault. */
  readonly lastSuccess?: number;
  /** What is wrong with files now: they count as they last could be used. No secrets. */
  readonly faults: readonly ConfigFault[];
}
