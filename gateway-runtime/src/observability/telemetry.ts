import type { GatewayConfig } from '../config/index.js';
import type { AuditRecord } from '../contracts/audit.js';
import { isUp } from '../contracts/backend-state.js';
import type { Logger } from '../contracts/host.js';
import type { Meters, RenderMetrics } from '../contracts/meters.js';
import type { ReloadStatus } from '../contracts/reload-status.js';
import type { Tracer } from '../contracts/trace.js';
import { CallMetrics } from './call-metrics.js';
import { CountedCalls } from './counted-calls.js';
import { GatewayMeters } from './gateway-meters.js';
import { MetricsPublisher, type MetricsPublisherOptions } from './metrics-publisher.js';
import { OtlpMetrics } from './otlp-metrics.js';
import type { DataKey } from './otlp-options.js';
import { PrometheusPage } from './prometheus-page.js';
import { Traces } from './traces.js';
import type { Watched } from './watched.js';

/** What telemetry needs from the rest of the gateway. */
export interface TelemetryOptions {
  readonly config: GatewayConfig;
  /** Version of the program. */
  readonly version: string;
  /** Key of the collector of spans; absent when it asks for none. */
  readonly tracesKey?: DataKey;
  /** Key of the collector of metrics; absent when it asks for none. */
  readonly metricsKey?: DataKey;
  /** Sends the body of a PostMetricData request, signed. */
  readonly sendMetrics: MetricsPublisherOptions['send'];
  readonly logger: Logger;
}

/** Everything that tells others how the gateway is doing. */
export class Telemetry {
  readonly #options: TelemetryOptions;
  readonly #meters = new GatewayMeters();
  readonly #traces: Traces | undefined;
  /** Both absent when metrics are switched off. */
  readonly #totals: CallMetrics | undefined;
  readonly #calls: CountedCalls | undefined;
  #publisher: MetricsPublisher | undefined;
  #otlp: OtlpMetrics | undefined;

  constructor(options: TelemetryOptions) {
    const { config, tracesKey: dataKey, logger } = options;
    this.#options = options;
    if (config.enable_metrics) {
      this.#totals = new CallMetrics();
      this.#calls = new CountedCalls({ tools: config.prometheus?.tools === true });
    }
    this.#traces = config.traces && new Traces({ config: config.traces, dataKey, service: serviceOf(config), logger });
  }

  /** Absent when nothing is traced. */
  get tracer(): Tracer | undefined {
    return this.#traces;
  }

  /** Counts what happens beside calls. */
  get meters(): Meters {
    return this.#meters;
  }

  /**
   * The page of metrics; `undefined` when they are switched off.
   * @param watched What is looked at when somebody asks.
   * @param reloads The same of the configuration.
   */
  pageOf(watched: Watched, reloads: ReloadStatus): RenderMetrics | undefined {
    const { version } = this.#options;
    if (!this.#calls) return undefined;
    const page = new PrometheusPage({ calls: this.#calls, meters: this.#meters, watched, reloads, version });
    return (accept) => page.render(accept);
  }

  /** Takes note of a call of a tool, and of nothing else. */
  record(record: AuditRecord): void {
    if (record.method !== 'tools/call') return;
    this.#totals?.record(record);
    this.#calls?.record(record);
    if (record.outcome === 'limited') this.#meters.limited(record.rule);
  }

  start(watched: Watched): void {
    void this.#traces?.start();
    const { config, metricsKey: dataKey, sendMetrics: send, logger } = this.#options;
    if (!this.#totals || !this.#calls) return;
    if (config.otlp_metrics) {
      const service = serviceOf(config);
      this.#otlp = new OtlpMetrics({
        ...{ config: config.otlp_metrics, dataKey, service, logger },
        ...{ calls: this.#calls, watched },
      });
      void this.#otlp.start();
    }
    if (!config.metrics) return;
    this.#publisher = new MetricsPublisher({
      config: config.metrics,
      gateway: config.name,
      calls: this.#totals,
      backends: () => watched.backends.map(({ name, state }) => ({ name, up: isUp(state) })),
      sessions: () => watched.sessionCount,
      send,
      logger,
    });
    this.#publisher.start();
  }

  /** Sends what has not been sent yet, at most for 3 s. */
  async close(): Promise<void> {
    await Promise.all([this.#publisher?.close(), this.#otlp?.close(), this.#traces?.close()]);
  }
}

function serviceOf({ name, version }: GatewayConfig): { name: string; version: string } {
  return { name, version };
}
