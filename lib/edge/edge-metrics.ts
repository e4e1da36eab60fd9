import type { Construct } from 'constructs';
import type { HostMetrics } from '../mcp/host-metrics';
import { Metric } from '../mcp/metric';
import type { IMonitoring } from '../mcp/monitoring';

/** What an edge publishes about its calls. */
export type EdgeMetrics = Required<Pick<HostMetrics, 'calls' | 'errors' | 'latency'>>;

/**
 * What API Gateway publishes about one deployment. A stream that a client keeps open with GET is no slow answer.
 * @param compartmentId OCID of the compartment of the API Gateway, which publishes it.
 * @see https://docs.oracle.com/en-us/iaas/Content/APIGateway/Reference/apigatewaymetrics.htm
 */
export function apiGatewayMetrics(compartmentId: string, deploymentId: string): EdgeMetrics {
  const shared = { namespace: 'oci_apigateway', compartmentId, intervalMinutes: 5 };
  return {
    calls: new Metric({ ...shared, name: 'HttpRequests', dimensions: { deploymentId }, statistic: 'sum' }),
    errors: new Metric({
      ...shared,
      name: 'HttpResponses',
      dimensions: { deploymentId, httpStatusCategory: '5xx' },
      statistic: 'sum',
    }),
    latency: new Metric({
      ...shared,
      name: 'Latency',
      dimensions: { deploymentId, httpMethodType: 'POST' },
      statistic: 'p99',
    }),
  };
}

/** Alarms about what clients meet at an edge, where `monitoring` has thresholds. */
export function edgeAlarms(scope: Construct, { errors, latency }: EdgeMetrics, monitoring?: IMonitoring): void {
  if (monitoring?.thresholds === undefined) return;
  const { thresholds } = monitoring;
  const { path } = scope.node;
  errors.createAlarm(scope, 'ErrorsAlarm', {
    monitoring,
    when: { above: thresholds.errors },
    title: `${path}: clients get errors`,
    message: `${path} answers with 5xx. Its execution log says whether it did not reach its target, gave it up, or could not read the keys of tokens.`,
    severity: 'ERROR',
  });
  latency.createAlarm(scope, 'LatencyAlarm', {
    monitoring,
    when: { above: thresholds.latencyMilliseconds },
    title: `${path}: clients wait`,
    message: `One call in a hundred by way of ${path} takes too long. Compare it with the latency of the gateway behind it.`,
    severity: 'WARNING',
  });
}
