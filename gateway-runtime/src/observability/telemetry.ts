import type { AuditRecord } from '../config/audit.js';
import type { Logger } from '../config/host.js';
import type { GatewayConfig } from '../config/index.js';
import type { Tracer } from '../config/trace.js';
import { CallMetrics } from './call-metrics.js';
import { MetricsPublisher, type MetricsPublisherOptions } from './metrics-publisher.js';
import { Traces } from './traces.js';
import type { DataKey } from './traces-options.js';

/** What telemetry needs from the rest of the gateway. */
export interface TelemetryOptions {
  readonly config: GatewayConfig;
  /** Key of the collector of spans; absent when it asks for none. */
  readonly dataKey?: DataKey;
  /** Sends the body of a PostMetricData request, signed. */
  readonly sendMetrics: MetricsPublisherOptions['send'];
  readonly logger: Logger;
}

/** What is watched besides calls. */
export interface Watched {
  readonly backends: readonly { readonly name: string; readonly state: string }[];
  readonly sessionCount: number;
}

/** Everything that tells others how the gateway is doing. */
export class Telemetry {
  /** Absent when metrics are switched off. */
  readonly calls: CallMetrics | undefined;
  readonly #options: TelemetryOptions;
  readonly #traces: Traces | undefined;
  #publisher: MetricsPublisher | undefined;

  constructor(options: TelemetryOptions) {
    const { config, dataKey, logger } = options;
    this.#options = options;
    this.calls = config.enable_metrics ? new CallMetrics() : undefined;
    const service = { name: config.name, version: config.version };
    this.#traces = config.traces && new Traces({ config: config.traces, dataKey, service, logger });
  }

  /** Absent when nothing is traced. */
  get tracer(): Tracer | undefined {
    return this.#traces;
  }

  /** Takes note of a call. */
  record(record: AuditRecord): void {
    this.calls?.record(record);
  }

  start(watched: Watched): void {
    void this.#traces?.start();
    const { config, sendMetrics: send, logger } = this.#options;
    if (!this.calls || !config.metrics) return;
    this.#publisher = new MetricsPublisher({
      config: config.metrics,
      gateway: config.name,
      calls: this.calls,
      backends: () => watched.backends.map(({ name, state }) => ({ name, up: state === 'connected' })),
      sessions: () => watched.sessionCount,
      send,
      logger,
    });
    this.#publisher.start();
  }

  /** Sends what has not been sent yet, at most for 3 s. */
  async close(): Promise<void> {
    await Promise.all([this.#publisher?.close(), this.#traces?.close()]);
  }
}
