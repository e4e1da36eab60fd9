import type { Construct } from 'constructs';
import { reportFault } from '../core/validation';
import type { IMcpServer } from '../mcp/imcp-server';
import { Metric, type MetricOptions } from '../mcp/metric';
import type { IMonitoring } from '../mcp/monitoring';

/** Where gateways publish. What begins with `oci_` or `oracle_` is kept for services of OCI. */
export const metricNamespace = 'mcp_gateway';

/** The share of calls that are no slower. */
export type LatencyPercentile = 'p50' | 'p99';

/** Which calls of a gateway are meant, and how they are looked at. */
export interface GatewayMetricOptions extends MetricOptions {
  /** A server behind the gateway. @default - all of them */
  readonly backend?: IMcpServer;
}

export interface GatewayMetricsProps {
  /** Name that the gateway publishes under. */
  readonly gatewayName: string;
  /** Where it publishes. @default - nowhere, and whoever asks for a metric is told so */
  readonly monitoring?: IMonitoring;
  /** Name of the backend that a server is, if it is one. */
  readonly nameOf: (server: IMcpServer) => string | undefined;
}

/** What one gateway publishes. */
export class GatewayMetrics {
  public constructor(
    private readonly scope: Construct,
    private readonly props: GatewayMetricsProps,
  ) {}

  public get gatewayName(): string {
    return this.props.gatewayName;
  }

  public calls(options?: GatewayMetricOptions): Metric {
    return this.metric('calls', { statistic: 'sum', ...options });
  }

  public errors(options?: GatewayMetricOptions): Metric {
    return this.metric('errors', { statistic: 'sum', ...options });
  }

  public unavailable(options?: GatewayMetricOptions): Metric {
    return this.metric('unavailable', { statistic: 'sum', ...options });
  }

  public denied(options?: GatewayMetricOptions): Metric {
    return this.metric('denied', { statistic: 'sum', ...options });
  }

  /** The gateway computes the percentile of each minute; several of them are put together by their mean. */
  public latency(percentile: LatencyPercentile, options?: GatewayMetricOptions): Metric {
    return this.metric(`latency_${percentile}`, { ...options });
  }

  /** The replica with the worst view counts. */
  public backendUp(options?: GatewayMetricOptions): Metric {
    return this.metric('backend_up', { statistic: 'min', intervalMinutes: 1, ...options });
  }

  /** Published as long as the gateway lives, with backends or without. */
  public backendsUp(): Metric {
    return this.metric('backends_up', { statistic: 'min', intervalMinutes: 1 });
  }

  private metric(name: string, { backend, ...options }: GatewayMetricOptions): Metric {
    return new Metric({
      namespace: metricNamespace,
      name,
      compartmentId: this.compartmentId(),
      dimensions: { gateway: this.gatewayName, ...(backend && { backend: this.nameOf(backend) }) },
      intervalMinutes: 5,
      ...options,
    });
  }

  private compartmentId(): string {
    const { monitoring } = this.props;
    if (monitoring !== undefined) return monitoring.compartmentId;
    reportFault(this.scope, {
      prop: 'monitoring',
      got: undefined,
      allowed: 'a Monitoring, where metrics of the gateway are asked for: without it none are published',
    });
    return 'none';
  }

  private nameOf(backend: IMcpServer): string {
    const name = this.props.nameOf(backend);
    if (name !== undefined) return name;
    reportFault(this.scope, {
      prop: 'backend',
      got: backend.node.path,
      allowed: 'a server behind this gateway',
      fix: 'call addBackend before',
    });
    return 'none';
  }
}
