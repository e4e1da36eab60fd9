import type { MetricsConfig } from '../config/telemetry.js';
import type { Logger } from '../contracts/host.js';
import { isObject } from '../contracts/json-rpc.js';
import { UpstreamError } from '../errors.js';
import type { CallMetrics, CallTotals } from './call-metrics.js';
import { flushed } from './flush.js';
import { isFinal, refusalOf } from './oci-refusal.js';
import { Outage } from './outage.js';

/**
 * Metric streams that fit into one request.
 * https://docs.oracle.com/en-us/iaas/api/#/en/monitoring/20180401/MetricData/PostMetricData
 */
const streamsPerRequest = 50;

/** Characters of the value of a dimension. */
const dimensionLength = 256;

/** Milliseconds until a point is too old: OCI takes none that is older than two hours. */
const maxAgeMs = 110 * 60_000;

/** Characters of requests that wait for OCI; the oldest make room. */
const maxWaiting = 4 * 1024 * 1024;

/** Milliseconds between attempts at most. */
const maxPauseMs = 10 * 60_000;

const service = { name: 'OCI Monitoring', permission: 'use metrics in the compartment' };

/** An answer of OCI. */
interface Answer {
  readonly status: number;
  /** The parsed document, or `undefined` when it is not JSON. */
  readonly document: unknown;
}

/** What the publisher needs from the rest of the gateway. */
export interface MetricsPublisherOptions {
  readonly config: MetricsConfig;
  /** Name of the gateway. */
  readonly gateway: string;
  readonly calls: CallMetrics;
  /** Every backend, and whether it is connected. */
  backends(): readonly { readonly name: string; readonly up: boolean }[];
  /** How many sessions are open. */
  sessions(): number;
  /** Sends the body of a PostMetricData request, signed. @throws {UpstreamError} when there is no answer */
  send(body: string): Promise<Answer>;
  readonly logger: Logger;
}

/** A point of one metric. */
interface Point {
  readonly name: string;
  readonly value: number;
  readonly backend?: string;
}

/** Publishes metrics to OCI Monitoring, beside the calls and never in their way. */
export class MetricsPublisher {
  readonly #options: MetricsPublisherOptions;
  readonly #outage: Outage;
  /** What the totals were when they were last published. */
  readonly #before = new Map<string, CallTotals>();
  readonly #waiting: { readonly body: string; readonly at: number }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #failures = 0;
  #pausedUntil = 0;

  constructor(options: MetricsPublisherOptions) {
    this.#options = options;
    this.#outage = new Outage(options.logger, 'metrics');
  }

  start(): void {
    const ms = this.#options.config.interval * 1000;
    this.#timer = setInterval(() => {
      this.#collect();
      if (Date.now() >= this.#pausedUntil) void this.#send();
    }, ms).unref();
  }

  /** Sends what came since the last points, at most for 3 s. */
  async close(): Promise<void> {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#collect();
    await flushed(Promise.resolve(this.#sending).then(() => this.#send()));
    // Nothing goes out after that, whatever the answer to the last request.
    this.#waiting.length = 0;
  }

  #collect(): void {
    const at = Date.now();
    const timestamp = new Date(at).toISOString();
    const { config, gateway } = this.#options;
    const metrics = this.#points().map(({ name, value, backend }) => ({
      namespace: config.namespace,
      compartmentId: config.compartment_id,
      ...(config.resource_group !== undefined && { resourceGroup: config.resource_group }),
      name,
      dimensions: { gateway: gateway.slice(0, dimensionLength), ...(backend !== undefined && { backend }) },
      datapoints: [{ timestamp, value }],
    }));
    for (let first = 0; first < metrics.length; first += streamsPerRequest) {
      const metricData = metrics.slice(first, first + streamsPerRequest);
      this.#waiting.push({ at, body: JSON.stringify({ metricData }) });
    }
    this.#makeRoom(at);
  }

  #points(): Point[] {
    const backends = this.#options.backends();
    const up = backends.filter((backend) => backend.up).length;
    return [
      { name: 'backends_up', value: up },
      { name: 'backends_down', value: backends.length - up },
      { name: 'sessions', value: this.#options.sessions() },
      ...backends.flatMap((backend) => this.#pointsOf(backend.name, backend.up)),
    ];
  }

  #pointsOf(backend: string, up: boolean): Point[] {
    const totals = this.#options.calls.totalsOf(backend);
    const { calls, errors, unavailable, denied, limited, latency } = totals.since(this.#before.get(backend));
    this.#before.set(backend, totals.since());
    const points = { calls, errors, unavailable, denied, limited, backend_up: up ? 1 : 0 };
    const [p50, p99] = [latency.quantile(0.5), latency.quantile(0.99)];
    const latencies = p50 === undefined || p99 === undefined ? {} : { latency_p50: p50, latency_p99: p99 };
    return Object.entries({ ...points, ...latencies }).map(([name, value]) => ({ name, value, backend }));
  }

  #makeRoom(now: number): void {
    let size = this.#waiting.reduce((sum, { body }) => sum + body.length, 0);
    while (this.#waiting[0] && (size > maxWaiting || now - this.#waiting[0].at > maxAgeMs)) {
      size -= this.#waiting.shift()?.body.length ?? 0;
    }
  }

  /** Sends what waits, oldest first, until there is nothing left or something fails. */
  #send(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const failure = await this.#sendOne(next.body);
      if (failure) {
        this.#outage.failed(failure.reason);
        if (!failure.final) return this.#pause();
      } else {
        this.#failures = 0;
        this.#outage.worked();
      }
      // It may have made room for others meanwhile.
      if (this.#waiting[0] === next) this.#waiting.shift();
    }
  }

  #pause(): void {
    const ms = Math.min(maxPauseMs, this.#options.config.interval * 1000 * 2 ** this.#failures++);
    this.#pausedUntil = Date.now() + ms * (1 - Math.random() / 5);
  }

  /** @returns why it failed, and whether it would always */
  async #sendOne(body: string): Promise<{ reason: string; final: boolean } | undefined> {
    try {
      const { status, document } = await this.#options.send(body);
      const { code, failedMetricsCount } = isObject(document) ? document : {};
      if (status >= 300) return { reason: refusalOf(service, status, code), final: isFinal(status) };
      if (typeof failedMetricsCount !== 'number' || failedMetricsCount === 0) return undefined;
      return { reason: `OCI Monitoring took some of the metrics and refused others`, final: true };
    } catch (error) {
      return { reason: error instanceof UpstreamError ? error.message : 'the request failed', final: false };
    }
  }
}
