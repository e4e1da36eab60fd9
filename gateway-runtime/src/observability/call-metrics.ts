import type { ToolCallRecord } from '../contracts/audit.js';
import { Histogram } from './histogram.js';

/** What became of the tool calls for one backend. All of it only ever grows. */
export class CallTotals {
  /** Calls that were handed to the backend, whatever came of them. */
  calls = 0;
  /** Those that failed, whether the tool, the backend or the way to it was at fault. */
  errors = 0;
  /** Those that failed because the backend was not there or did not answer. */
  unavailable = 0;
  /** Calls for which the caller lacked a scope; they are no part of `calls`. */
  denied = 0;
  /** Calls that a limit held back; they are no part of `calls` either. */
  limited = 0;
  /** How long the answers took, good or bad; what never was answered has no length. */
  latency = new Histogram();

  record({ outcome, ms }: Pick<ToolCallRecord, 'outcome' | 'ms'>): void {
    if (outcome === 'denied' || outcome === 'limited') {
      this[outcome]++;
      return;
    }
    this.calls++;
    if (outcome === 'unavailable') this.unavailable++;
    if (outcome === 'unavailable' || outcome === 'error') this.errors++;
    if (outcome === 'ok' || outcome === 'error') this.latency.record(ms);
  }

  /** What came since an earlier copy of these totals; without one, a copy. */
  since(before?: CallTotals): CallTotals {
    const difference = new CallTotals();
    for (const field of ['calls', 'errors', 'unavailable', 'denied', 'limited'] as const) {
      difference[field] = this[field] - (before?.[field] ?? 0);
    }
    difference.latency = this.latency.since(before?.latency);
    return difference;
  }
}

/** Counts tool calls by backend. Recording is a few additions; whoever wants to know reads the totals. */
export class CallMetrics {
  readonly #backends = new Map<string, CallTotals>();

  record(record: ToolCallRecord): void {
    // What the gateway answers itself tells nothing of a backend.
    if (record.backend !== undefined) this.totalsOf(record.backend).record(record);
  }

  totalsOf(backend: string): CallTotals {
    let totals = this.#backends.get(backend);
    if (!totals) {
      totals = new CallTotals();
      this.#backends.set(backend, totals);
    }
    return totals;
  }
}
