import type { AuditRecord } from '../contracts/audit.js';

/** Milliseconds that one point of a plot stands for. */
const intervalMs = 5000;

/** Points that are kept: a quarter of an hour. */
const mostIntervals = 180;

/** Durations of one interval that are looked at for its percentiles. */
const mostSamples = 500;

/** What happened in some seconds. */
export interface Interval {
  /** When it began, in milliseconds since the epoch. */
  readonly at: number;
  readonly calls: number;
  /** Calls that ended with an error, or reached no backend. */
  readonly failed: number;
  /** Calls that were denied or held back. */
  readonly refused: number;
  /** Milliseconds that half of the calls took at most, and all but one in a hundred; absent where there were none. */
  readonly p50?: number;
  readonly p99?: number;
}

interface Counted {
  at: number;
  calls: number;
  failed: number;
  refused: number;
  readonly samples: number[];
}

/** Counts what happens, for plots of the last quarter of an hour. */
export class Activity {
  readonly #now: () => number;
  #counted: Counted[] = [];

  /** @param now Milliseconds since the epoch. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  record({ outcome, ms }: Pick<AuditRecord, 'outcome' | 'ms'>): void {
    const interval = this.#current();
    if (outcome === 'denied' || outcome === 'limited') interval.refused++;
    else {
      interval.calls++;
      if (outcome === 'error' || outcome === 'unavailable') interval.failed++;
      if (interval.samples.length < mostSamples) interval.samples.push(ms);
    }
  }

  /** One point for each interval, the oldest first, those without calls included. */
  points(): Interval[] {
    const last = this.#start();
    const found = new Map(this.#counted.map((interval) => [interval.at, interval]));
    return Array.from({ length: mostIntervals }, (_, index) => {
      const at = last - (mostIntervals - 1 - index) * intervalMs;
      const interval = found.get(at);
      return interval ? summary(interval) : { at, calls: 0, failed: 0, refused: 0 };
    });
  }

  #start(): number {
    return Math.floor(this.#now() / intervalMs) * intervalMs;
  }

  #current(): Counted {
    const at = this.#start();
    const last = this.#counted.at(-1);
    if (last?.at === at) return last;
    const interval = { at, calls: 0, failed: 0, refused: 0, samples: [] };
    const oldest = at - (mostIntervals - 1) * intervalMs;
    this.#counted = [...this.#counted.filter((each) => each.at >= oldest), interval];
    return interval;
  }
}

function summary({ samples, ...counts }: Counted): Interval {
  if (samples.length === 0) return counts;
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { ...counts, p50: at(0.5), p99: at(0.99) };
}
