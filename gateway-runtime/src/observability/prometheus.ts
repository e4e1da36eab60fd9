import { Counter, type CounterConfiguration, collectDefaultMetrics, Gauge, type Metric, Registry } from 'prom-client';
import { outcomes } from '../contracts/audit.js';
import { backendStates, isUp } from '../contracts/backend-state.js';
import { authFailures, type MetricsPage } from '../contracts/meters.js';
import type { ReloadStatus } from '../contracts/reload-status.js';
import type { CountedCalls } from './counted-calls.js';
import { bounds, Durations } from './durations.js';
import type { GatewayMeters } from './gateway-meters.js';
import type { Watched } from './watched.js';

/** Every state a backend can be in. */

/** What the metrics are made from. */
export interface PrometheusSources {
  readonly calls: CountedCalls;
  readonly meters: GatewayMeters;
  readonly watched: Watched;
  readonly reloads: ReloadStatus;
  /** Version of the program. */
  readonly version: string;
}

/** A value and what it is of. */
type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/**
 * All metrics of the gateway in one format of Prometheus. Everything is read when somebody asks, so that a call pays for a few
 * additions, and nothing for labels.
 * https://prometheus.io/docs/practices/naming/
 */
export class PrometheusMetrics {
  readonly #registry: Registry;
  readonly #sources: PrometheusSources;

  /** @param isOpenMetrics Whether it is OpenMetrics, or the text format that is older. */
  constructor(isOpenMetrics: boolean, sources: PrometheusSources) {
    this.#registry = new Registry();
    if (isOpenMetrics) this.#registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
    this.#sources = sources;
    this.#addCalls();
    this.#addGateway();
    this.#addService();
    collectDefaultMetrics({ register: this.#registry });
    // Where nothing has been measured yet it says three hundred years.
    this.#registry.removeSingleMetric('nodejs_eventloop_lag_min_seconds');
  }

  async render(): Promise<MetricsPage> {
    return { contentType: this.#registry.contentType, body: await this.#registry.metrics() };
  }

  #addCalls(): void {
    const { calls, watched } = this.#sources;
    const { durations, tools } = calls;
    this.#counter(
      'mcp_gateway_calls_total',
      'Calls of tools, by the way in which they ended.',
      ['backend', 'outcome'],
      () => [...durations].map(([backend, outcome, { count }]) => [{ backend, outcome }, count]),
    );
    if (tools) {
      this.#counter(
        'mcp_gateway_tool_calls_total',
        'Calls of each tool, by the way in which they ended.',
        ['backend', 'tool', 'outcome'],
        () =>
          [...tools].flatMap(([backend, tool, counts]) =>
            outcomes.flatMap((outcome): Sample[] =>
              counts[outcome] === undefined ? [] : [[{ backend, tool, outcome }, counts[outcome]]],
            ),
          ),
      );
    }
    this.#histogram('mcp_gateway_call_duration_seconds', 'How long answers to calls took, good or bad.', () => {
      const answered = new Map<string, Durations[]>();
      for (const [backend, outcome, each] of durations) {
        if (outcome === 'ok' || outcome === 'error') answered.set(backend, [...(answered.get(backend) ?? []), each]);
      }
      return [...answered].map(([backend, all]) => [{ backend }, Durations.total(all)]);
    });
    this.#gauge('mcp_gateway_calls_in_flight', 'Requests of clients that wait for their answers.', [], () => [
      [{}, watched.inFlight],
    ]);
  }

  #addGateway(): void {
    const { meters, watched, reloads, version } = this.#sources;
    this.#gauge('mcp_gateway_build_info', 'The program; always 1.', ['version'], () => [[{ version }, 1]]);
    this.#gauge('mcp_gateway_backend_up', 'Whether calls go to the backend: 1 or 0.', ['backend'], () =>
      watched.backends.map(({ name, state }) => [{ backend: name }, isUp(state) ? 1 : 0]),
    );
    this.#gauge(
      'mcp_gateway_backend_state',
      'State of the backend: 1 for the one it is in.',
      ['backend', 'state'],
      () =>
        watched.backends.flatMap((backend) =>
          backendStates.map((state): Sample => [{ backend: backend.name, state }, backend.state === state ? 1 : 0]),
        ),
    );
    this.#gauge('mcp_gateway_sessions', 'Sessions of clients that are open.', [], () => [[{}, watched.sessionCount]]);
    this.#counter('mcp_gateway_config_reloads_total', 'Times the configuration was read again.', ['result'], () =>
      Object.entries(reloads.counts).map(([result, count]) => [{ result }, count]),
    );
    this.#gauge(
      'mcp_gateway_config_last_reload_successful',
      'Whether the newest configuration is the one in use: 1 or 0.',
      [],
      () => [[{}, reloads.faults.length === 0 ? 1 : 0]],
    );
    this.#gauge(
      'mcp_gateway_config_faulty',
      'Files, or members of the configuration file, that could not be used when they were last read: always 1.',
      ['source'],
      () => [...new Set(reloads.faults.map(({ path }) => path))].map((source) => [{ source }, 1]),
    );
    this.#counter('mcp_gateway_audit_dropped_total', 'Audit records that could not be kept.', [], () => [
      [{}, meters.auditRecordsDropped],
    ]);
  }

  #addService(): void {
    const { meters } = this.#sources;
    this.#counter('mcp_gateway_http_requests_total', 'HTTP requests that were answered.', ['method', 'status'], () =>
      [...meters.requests].map(([method, status, { count }]) => [{ method, status }, count]),
    );
    this.#histogram(
      'mcp_gateway_http_request_duration_seconds',
      'Time from a request to the end of its answer; streams of news last as long as somebody listens.',
      () => [...meters.requestDurations].map(([method, durations]) => [{ method }, durations]),
    );
    this.#counter('mcp_gateway_auth_failures_total', 'Requests whose caller was not let in.', ['reason'], () =>
      authFailures.map((reason) => [{ reason }, meters.authFailures.get(reason) ?? 0]),
    );
    this.#counter('mcp_gateway_rate_limited_total', 'Calls that a limit held back.', ['limit'], () =>
      [...meters.rateLimited].map(([limit, count]) => [{ limit }, count]),
    );
  }

  #counter(name: string, help: string, labelNames: string[], samples: () => readonly Sample[]): void {
    const counter = new Counter({
      ...this.#family(name, help, labelNames),
      collect: () => {
        counter.reset();
        for (const [labels, value] of samples()) counter.inc(labels, value);
      },
    });
  }

  #gauge(name: string, help: string, labelNames: string[], samples: () => readonly Sample[]): void {
    const gauge = new Gauge({
      ...this.#family(name, help, labelNames),
      collect: () => {
        gauge.reset();
        for (const [labels, value] of samples()) gauge.set(labels, value);
      },
    });
  }

  #family(name: string, help: string, labelNames: string[]): CounterConfiguration<string> {
    return { name, help, labelNames, registers: [this.#registry] };
  }

  /** The library's own histograms cannot be filled from counts. */
  #histogram(
    name: string,
    help: string,
    durations: () => readonly (readonly [labels: Readonly<Record<string, string>>, durations: Durations])[],
  ): void {
    const get = async () => ({
      ...{ name, help, type: 'histogram', aggregator: 'sum' },
      values: durations().flatMap(([labels, each]) => bucketsOf(name, labels, each)),
    });
    this.#registry.registerMetric({ name, help, type: 'histogram', get } as unknown as Metric);
  }
}

/** Buckets as Prometheus wants them: each holds what is in those before it, too. */
function bucketsOf(name: string, labels: Readonly<Record<string, string>>, { counts, sum }: Durations) {
  let count = 0;
  const buckets = [...counts].map((added, index) => {
    count += added;
    const le = bounds[index] === undefined ? '+Inf' : String(bounds[index]);
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
