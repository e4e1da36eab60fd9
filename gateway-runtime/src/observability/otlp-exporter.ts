import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import { UpstreamError } from '../errors.js';
import { Outage } from './outage.js';
import type { DataKey, TracesOptions } from './traces-options.js';

/** Milliseconds until sending a batch is given up, attempts that follow a failure included. */
const timeoutMs = 8000;

type ExportDone = Parameters<SpanExporter['export']>[1];

/** What OpenTelemetry calls the two ways in which sending can end. */
const codes = { success: 0, failed: 1 } as const;

/** Sends spans with the data key of the moment, and tells the log when that does not work. */
export class OtlpExporter implements SpanExporter {
  readonly #exporter: OTLPTraceExporter;
  readonly #dataKey: DataKey | undefined;
  readonly #outage: Outage;
  #headers: Record<string, string> = {};

  constructor({ config, dataKey, logger }: TracesOptions) {
    this.#dataKey = dataKey;
    this.#outage = new Outage(logger, 'spans');
    this.#exporter = new OTLPTraceExporter({
      url: config.otlp_url,
      timeoutMillis: timeoutMs,
      headers: async () => this.#headers,
    });
  }

  export(spans: ReadableSpan[], done: ExportDone): void {
    this.#send(spans).then(
      () => {
        this.#outage.worked();
        done({ code: codes.success });
      },
      (error) => {
        this.#outage.failed(reasonOf(error));
        done({ code: codes.failed });
      },
    );
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush();
  }

  async #send(spans: ReadableSpan[]): Promise<void> {
    await this.#readKey();
    const error = await this.#attempt(spans);
    if (!error) return;
    if (codeOf(error) !== 401 || !(await this.#dataKey?.refresh())) throw error;
    await this.#readKey();
    const again = await this.#attempt(spans);
    if (again) throw again;
  }

  async #readKey(): Promise<void> {
    if (this.#dataKey) this.#headers = { authorization: `dataKey ${await this.#dataKey.readWord()}` };
  }

  #attempt(spans: ReadableSpan[]): Promise<Error | undefined> {
    return new Promise((resolve) => {
      this.#exporter.export(spans, ({ code, error }) => {
        resolve(code === codes.success ? undefined : (error ?? new Error('failed')));
      });
    });
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}

/** Nothing of what the collector said: that may hold anything. */
function reasonOf(error: unknown): string {
  if (error instanceof UpstreamError) return `the data key ${error.message}`;
  const code = codeOf(error);
  if (typeof code === 'number') {
    const hint = code === 401 || code === 403 ? '; it refuses the data key' : '';
    return `the collector answered HTTP ${code}${hint}`;
  }
  return typeof code === 'string' ? `the collector cannot be reached (${code})` : 'the collector did not take them';
}
