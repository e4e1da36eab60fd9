import type { Attributes, HrTime } from '@opentelemetry/api';
import { ValueType } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { emptyResource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type CollectionResult,
  DataPointType,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import type { OtlpMetricsConfig } from '../config/telemetry.js';
import { isUp } from '../contracts/backend-state.js';
import type { CountedCalls } from './counted-calls.js';
import { bounds, type Durations } from './durations.js';
import { flushed } from './flush.js';
import { OtlpExporter } from './otlp-exporter.js';
import type { OtlpOptions } from './otlp-options.js';
import type { Watched } from './watched.js';

/** Milliseconds after which the next points are sent although nobody took the last ones yet. */
const exportMs = 8000;

/** What the metrics are made from. */
export interface OtlpMetricsOptions extends OtlpOptions<OtlpMetricsConfig> {
  readonly calls: CountedCalls;
  readonly watched: Watched;
}

/** A value and what it is of. */
type Sample<T> = readonly [attributes: Attributes, value: T];

/**
 * Sends metrics at intervals. They are made from counts that are there already, so that a call does not pay for them twice.
 * Where OpenTelemetry has a convention, names and attributes follow it.
 * https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/mcp.md#metrics
 */
export class OtlpReader {
  readonly #options: OtlpMetricsOptions;
  readonly #provider: MeterProvider;
  readonly #started = now();

  constructor(options: OtlpMetricsOptions) {
    this.#options = options;
    const { service, config } = options;
    const exportIntervalMillis = config.interval * 1000;
    this.#provider = new MeterProvider({
      resource: resourceFromAttributes({ 'service.name': service.name, 'service.version': service.version }),
      readers: [
        new PeriodicExportingMetricReader({
          exporter: new OtlpExporter('OTLP metrics', options, (given) => new OTLPMetricExporter(given)),
          exportIntervalMillis,
          exportTimeoutMillis: Math.min(exportMs, exportIntervalMillis),
          metricProducers: [{ collect: async () => this.#collect() }],
        }),
      ],
    });
  }

  /** Sends the last points, at most for 3 s. */
  close(): Promise<void> {
    return flushed(this.#provider.shutdown());
  }

  #collect(): CollectionResult {
    const { calls, watched } = this.#options;
    const durations = [...calls.durations].map(
      ([backend, outcome, each]): Sample<Durations> => [attributesOf(backend, outcome), each],
    );
    const metrics: MetricData[] = [
      this.#histogram('mcp.server.operation.duration', 'How long calls of tools took.', durations),
      this.#gauge(
        'mcp.gateway.backend.up',
        'Whether calls go to the backend: 1 or 0.',
        '1',
        watched.backends.map(({ name, state }) => [{ 'mcp.gateway.backend': name }, isUp(state) ? 1 : 0]),
      ),
      this.#gauge('mcp.gateway.sessions', 'Sessions of clients that are open.', '{session}', [
        [{}, watched.sessionCount],
      ]),
      this.#gauge('mcp.gateway.requests.in_flight', 'Requests that wait for their answers.', '{request}', [
        [{}, watched.inFlight],
      ]),
    ];
    return {
      resourceMetrics: {
        // That of the provider counts.
        resource: emptyResource(),
        scopeMetrics: [{ scope: { name: 'oci-mcp-gateway' }, metrics }],
      },
      errors: [],
    };
  }

  #histogram(name: string, description: string, samples: readonly Sample<Durations>[]): MetricData {
    return {
      ...this.#family(name, description, 's'),
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: samples.map(([attributes, { counts, sum, count }]) =>
        this.#point(attributes, { buckets: { boundaries: [...bounds], counts: [...counts] }, sum, count }),
      ),
    };
  }

  #gauge(name: string, description: string, unit: string, samples: readonly Sample<number>[]): MetricData {
    return {
      ...this.#family(name, description, unit),
      dataPointType: DataPointType.GAUGE,
      dataPoints: samples.map(([attributes, value]) => this.#point(attributes, value)),
    };
  }

  #family(name: string, description: string, unit: string) {
    return {
      descriptor: { name, description, unit, valueType: ValueType.DOUBLE },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
    };
  }

  #point<T>(attributes: Attributes, value: T) {
    return { startTime: this.#started, endTime: now(), attributes, value };
  }
}

function attributesOf(backend: string, outcome: string): Attributes {
  return {
    'mcp.method.name': 'tools/call',
    'gen_ai.operation.name': 'execute_tool',
    'mcp.gateway.backend': backend,
    ...(outcome !== 'ok' && { 'error.type': outcome === 'error' ? 'tool_error' : outcome }),
  };
}

function now(): HrTime {
  const ms = Date.now();
  return [Math.trunc(ms / 1000), (ms % 1000) * 1_000_000];
}
