/**
 * Upper bounds of the buckets in seconds, those that OpenTelemetry asks for.
 * https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/mcp.md#metric-mcpserveroperationduration
 */
export const bounds = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300] as const;

/** How many of something took how long. */
export class Durations {
  /** How many fell into each bucket; the last one has no bound. */
  readonly counts = new Float64Array(bounds.length + 1);
  /** All of them together, in seconds. */
  sum = 0;

  record(seconds: number): void {
    let index = 0;
    while (index < bounds.length && seconds > (bounds[index] as number)) index++;
    this.counts[index] = (this.counts[index] as number) + 1;
    this.sum += seconds;
  }

  get count(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  /** These and those of others together. */
  static total(all: Iterable<Durations>): Durations {
    const total = new Durations();
    for (const { counts, sum } of all) {
      counts.forEach((count, index) => {
        total.counts[index] = (total.counts[index] as number) + count;
      });
      total.sum += sum;
    }
    return total;
  }
}
