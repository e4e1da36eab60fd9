import type { Limits } from '../config/limits.js';
import type { Admission, LimitedCall, RateLimiter } from '../contracts/rate-limiter.js';
import { type LimitRule, LimitTable } from './limit-table.js';

/** Milliseconds by which sums of fractions may be wrong. */
const roundingMs = 0.001;

/** Buckets that each call looks at, in turns, to drop those that nobody needs: more than a call can make would grow without end. */
const lookedAt = 8;

/** The calls that one limit counts. */
interface Bucket {
  /** When the bucket is full again, in milliseconds: each call takes a token, and so many intervals are missing. */
  fullAt: number;
  inFlight: number;
}

/** What a limiter in memory may do differently. */
export interface MemoryLimiterOptions {
  /** The time in milliseconds. @default performance.now */
  readonly now?: () => number;
}

/** Counts the calls of this process. */
export class MemoryLimiter implements RateLimiter {
  readonly #table: LimitTable;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();
  /** Where to look next for buckets that nobody needs. */
  #looking = this.#buckets.entries();

  constructor(limits: Limits, { now = () => performance.now() }: MemoryLimiterOptions = {}) {
    this.#table = new LimitTable(limits);
    this.#now = now;
  }

  /** How many buckets are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  admit(call: LimitedCall): Admission {
    const now = this.#now();
    this.#dropIdle(now);
    const counted = this.#table.of(call).map(({ rule, key }) => ({ rule, bucket: this.#bucketOf(key, now) }));
    for (const { rule, bucket } of counted) {
      const refusal = refusalOf(rule, bucket, now);
      if (refusal) return refusal;
    }
    for (const { rule, bucket } of counted) {
      bucket.fullAt += rule.intervalMs;
      bucket.inFlight++;
    }
    let isOver = false;
    const release = () => {
      if (isOver) return;
      isOver = true;
      for (const { bucket } of counted) bucket.inFlight--;
    };
    return { admitted: true, release };
  }

  #bucketOf(key: string, now: number): Bucket {
    let bucket = this.#buckets.get(key);
    if (!bucket) {
      bucket = { fullAt: now, inFlight: 0 };
      this.#buckets.set(key, bucket);
    }
    bucket.fullAt = Math.max(bucket.fullAt, now);
    return bucket;
  }

  #dropIdle(now: number): void {
    for (let left = Math.min(lookedAt, this.#buckets.size); left > 0; left--) {
      const { value, done } = this.#looking.next();
      if (done) this.#looking = this.#buckets.entries();
      else if (value[1].fullAt <= now && value[1].inFlight === 0) this.#buckets.delete(value[0]);
    }
  }
}

function refusalOf(rule: LimitRule, { fullAt, inFlight }: Bucket, now: number): Admission | undefined {
  const wait = fullAt - now - (rule.burst - 1) * rule.intervalMs;
  if (rule.intervalMs > 0 && wait > roundingMs) return rule.tooOften(wait);
  return rule.concurrency !== undefined && inFlight >= rule.concurrency ? rule.tooManyAtOnce() : undefined;
}
