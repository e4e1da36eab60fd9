import { Metric, type MetricOptions, type MetricProps } from '../mcp/metric';

/** Where gateways publish. No name that a service of OCI may use: those begin with `oci_` and `oracle_`. */
export const metricNamespace = 'mcp_gateway';

/** The share of calls that are no slower. */
export type LatencyPercentile = 'p50' | 'p99';

/** One gateway's metrics, and one backend's where `backend` is told. */
export class GatewayMetrics {
  public constructor(
    private readonly gatewayName: string,
    private readonly compartmentId: string,
  ) {}

  /** Calls of tools, prompts and resources. */
  public calls(backend?: string, options?: MetricOptions): Metric {
    return this.metric('calls', backend, { statistic: 'sum', ...options });
  }

  /** Calls that failed. */
  public errors(backend?: string, options?: MetricOptions): Metric {
    return this.metric('errors', backend, { statistic: 'sum', ...options });
  }

  /** Milliseconds. The gateway computes the percentile of each minute; these are put together again by their mean. */
  public latency(percentile: LatencyPercentile, backend?: string, options?: MetricOptions): Metric {
    return this.metric(`latency_${percentile}`, backend, options);
  }

  /** 1 while a backend answers and 0 while it does not, the worst replica counting. */
  public backendUp(backend?: string, options?: MetricOptions): Metric {
    return this.metric('backend_up', backend, { statistic: 'min', ...options });
  }

  /** How many backends answer; published as long as the gateway itself lives. */
  public backendsUp(options?: MetricOptions): Metric {
    return this.metric('backends_up', undefined, { statistic: 'min', ...options });
  }

  private metric(name: string, backend: string | undefined, options: MetricOptions = {}): Metric {
    const dimensions: MetricProps['dimensions'] = {
      gateway: this.gatewayName,
      ...(backend === undefined ? {} : { backend }),
    };
    return new Metric({
      namespace: metricNamespace,
      name,
      compartmentId: this.compartmentId,
      dimensions,
      intervalMinutes: 5,
      ...options,
    });
  }
}
