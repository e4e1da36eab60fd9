/** Steps within each power of two: a value is known to within 1/64 of itself. */
const steps = 32;

/** Milliseconds are counted in 64ths, so that values below one are told apart too. */
const perMillisecond = 64;

/** What is longer, nine hours, counts as this. */
const most = 2 ** 31 - 1;

const linear = 2 * steps;
const buckets = linear + (31 - Math.log2(linear)) * steps;

/**
 * How often each length of time occurred: a fixed number of buckets whose width grows with the value, so that recording
 * allocates nothing and needs no more memory however many values come.
 */
export class Histogram {
  readonly #counts = new Float64Array(buckets);

  /** @param ms Milliseconds. */
  record(ms: number): void {
    const index = indexOf(Math.min(Math.max(ms, 0) * perMillisecond, most));
    this.#counts[index] = (this.#counts[index] as number) + 1;
  }

  /** What came since an earlier copy of this histogram. */
  since(before: Histogram | undefined): Histogram {
    const difference = new Histogram();
    difference.#counts.set(this.#counts);
    if (!before) return difference;
    for (let index = 0; index < buckets; index++) {
      difference.#counts[index] = (this.#counts[index] as number) - (before.#counts[index] as number);
    }
    return difference;
  }

  /** The value that this share of all values does not exceed, in milliseconds; `undefined` when there are none. */
  quantile(share: number): number | undefined {
    const total = this.#counts.reduce((sum, count) => sum + count, 0);
    if (total === 0) return undefined;
    let left = Math.max(1, Math.ceil(share * total));
    const index = this.#counts.findIndex((count) => {
      left -= count;
      return left <= 0;
    });
    return Math.round((middleOf(index) / perMillisecond) * 1000) / 1000;
  }
}

function indexOf(value: number): number {
  const whole = Math.trunc(value);
  if (whole < linear) return whole;
  const power = 31 - Math.clz32(whole);
  const step = (whole >> (power - Math.log2(steps))) & (steps - 1);
  return linear + (power - Math.log2(linear)) * steps + step;
}

/** The middle of what a bucket holds. */
function middleOf(index: number): number {
  if (index < linear) return index + 0.5;
  const width = 2 ** (1 + Math.floor((index - linear) / steps));
  return (steps + ((index - linear) % steps) + 0.5) * width;
}
