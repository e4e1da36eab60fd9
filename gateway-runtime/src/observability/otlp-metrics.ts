import type { OtlpMetricsOptions, OtlpReader } from './otlp-reader.js';

/** Metrics of the gateway for a collector. OpenTelemetry is loaded when they begin, and not without them. */
export class OtlpMetrics {
  readonly #options: OtlpMetricsOptions;
  #reader: OtlpReader | undefined;
  #closed = false;

  constructor(options: OtlpMetricsOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { OtlpReader } = await import('./otlp-reader.js');
    if (!this.#closed) this.#reader = new OtlpReader(this.#options);
  }

  /** Sends the last points, at most for 3 s. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#reader?.close();
  }
}
