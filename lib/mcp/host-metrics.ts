import type { Construct } from 'constructs';
import { reportFault } from '../core/validation';
import { Metric, type MetricOptions } from './metric';
import type { IMonitoring } from './monitoring';

/** What a service of OCI measures about a workload. A host that publishes nothing of the kind leaves it out. */
export interface HostMetrics {
  /** Calls. */
  readonly calls?: Metric;
  /** Calls that the host answered with an error, or turned away. */
  readonly errors?: Metric;
  /** Milliseconds that calls took. */
  readonly latency?: Metric;
  /** Percent of the processors in use. */
  readonly cpu?: Metric;
  /** Percent of the memory in use. */
  readonly memory?: Metric;
}

/** Alarms about what the host itself sees, where it publishes it and `monitoring` has thresholds. */
export function hostAlarms(scope: Construct, metrics: HostMetrics, monitoring: IMonitoring | undefined): void {
  const thresholds = monitoring?.thresholds;
  if (monitoring === undefined || thresholds === undefined) return;
  const { path } = scope.node;
  metrics.errors?.createAlarm(scope, 'HostErrorsAlarm', {
    monitoring,
    when: { above: thresholds.errors },
    title: `${path}: calls fail on the host`,
    message: `The host of ${path} answered calls with errors or turned them away. Read its log; many calls at once are turned away where the host may not grow further.`,
    severity: 'ERROR',
  });
  metrics.memory?.createAlarm(scope, 'HostMemoryAlarm', {
    monitoring,
    when: { above: thresholds.memoryPercent },
    title: `${path}: memory runs out`,
    message: `{{dimensions.resourceId}}, which runs ${path}, is about to use all its memory; it is then ended and started again, and its sessions are lost. Give it more memory, or more instances.`,
    severity: 'WARNING',
  });
}

/** One of them, which is reported where the host does not publish it. */
export function metricOf(
  scope: Construct,
  metrics: HostMetrics | undefined,
  kind: keyof HostMetrics,
  options: MetricOptions = {},
): Metric {
  const metric = metrics?.[kind];
  if (metric !== undefined) return metric.with(options);
  reportFault(scope, {
    prop: 'hosting',
    got: `a host that publishes nothing about ${kind}`,
    allowed: 'metrics that docs/monitoring.md lists for the host',
    fix: 'for calls, errors and latency ask the gateway, such as gateway.metricCalls({ backend: server })',
  });
  return new Metric({ namespace: 'none', name: kind, compartmentId: 'none' });
}
