import { UpstreamError } from '../errors.js';
import type { DataKey, OtlpOptions } from './otlp-options.js';
import { Outage } from './outage.js';

/** Milliseconds until sending a batch is given up, attempts that follow a failure included. */
const timeoutMs = 8000;

/** How sending ended, as OpenTelemetry tells it. */
interface ExportResult {
  readonly code: number;
  readonly error?: Error;
}

/** What OpenTelemetry calls the two ways in which sending can end. */
const codes = { success: 0, failed: 1 } as const;

/** One of OpenTelemetry's own exporters. */
interface Exporter<T> {
  export(items: T, done: (result: ExportResult) => void): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** What OpenTelemetry's own exporters are told. */
interface ExporterOptions {
  readonly url: string;
  readonly timeoutMillis: number;
  headers(): Promise<Record<string, string>>;
}

/** Sends what there is with the data key of the moment, and tells the log when that does not work. */
export class OtlpExporter<T> implements Exporter<T> {
  readonly #exporter: Exporter<T>;
  readonly #dataKey: DataKey | undefined;
  readonly #outage: Outage;
  #headers: Record<string, string> = {};

  /** @param what What is sent, to begin a sentence: `spans`. @param create Makes the exporter that does the work. */
  constructor(
    what: string,
    { config, dataKey, logger }: Pick<OtlpOptions<{ otlp_url: string }>, 'config' | 'dataKey' | 'logger'>,
    create: (options: ExporterOptions) => Exporter<T>,
  ) {
    this.#dataKey = dataKey;
    this.#outage = new Outage(logger, what);
    this.#exporter = create({
      url: config.otlp_url,
      timeoutMillis: timeoutMs,
      headers: async () => this.#headers,
    });
  }

  export(items: T, done: (result: ExportResult) => void): void {
    this.#send(items).then(
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

  async #send(items: T): Promise<void> {
    await this.#readKey();
    const error = await this.#attempt(items);
    if (!error) return;
    if (codeOf(error) !== 401 || !(await this.#dataKey?.refresh())) throw error;
    await this.#readKey();
    const again = await this.#attempt(items);
    if (again) throw again;
  }

  async #readKey(): Promise<void> {
    if (this.#dataKey) this.#headers = { authorization: `dataKey ${await this.#dataKey.readWord()}` };
  }

  #attempt(items: T): Promise<Error | undefined> {
    return new Promise((resolve) => {
      this.#exporter.export(items, ({ code, error }) => {
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
