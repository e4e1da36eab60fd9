import type { TracesConfig } from '../config/telemetry.js';
import type { CallSpan, SpanSubject, Tracer } from '../contracts/trace.js';
import type { OtlpOptions } from './otlp-options.js';
import type { OtlpTracer } from './otlp-tracer.js';

/** Spans of the requests that the gateway passes on. OpenTelemetry is loaded when they begin, and not without them. */
export class Traces implements Tracer {
  readonly #options: OtlpOptions<TracesConfig>;
  #tracer: OtlpTracer | undefined;
  #closed = false;

  constructor(options: OtlpOptions<TracesConfig>) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { OtlpTracer } = await import('./otlp-tracer.js');
    if (!this.#closed) this.#tracer = new OtlpTracer(this.#options);
  }

  begin(subject: SpanSubject): CallSpan | undefined {
    return this.#tracer?.begin(subject);
  }

  /** Sends what has not been sent yet, at most for 3 s. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#tracer?.close();
  }
}
