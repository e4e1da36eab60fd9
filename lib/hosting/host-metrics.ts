import type { HostMetrics } from '../mcp/host-metrics';
import { Metric } from '../mcp/metric';

/**
 * What OCI Functions publishes about one function.
 * @see https://docs.oracle.com/en-us/iaas/Content/Functions/Reference/functionsmetrics.htm
 */
export function functionMetrics(compartmentId: string, functionId: string): HostMetrics {
  const shared = { namespace: 'oci_faas', compartmentId, intervalMinutes: 5 };
  const dimensions = { resourceId: functionId };
  return {
    calls: new Metric({ ...shared, name: 'FunctionInvocationCount', dimensions, statistic: 'sum' }),
    errors: new Metric({
      ...shared,
      name: 'FunctionResponseCount',
      dimensions: { ...dimensions, responseType: ['Error', 'Throttled'] },
      statistic: 'sum',
    }),
    latency: new Metric({ ...shared, name: 'FunctionExecutionDuration', dimensions }),
  };
}

/**
 * What Container Instances publish, those of one workload together.
 * @see https://docs.oracle.com/en-us/iaas/Content/container-instances/container-instance-metrics.htm
 */
export function containerInstanceMetrics(compartmentId: string, instanceIds: readonly string[]): HostMetrics {
  return loadOf('oci_computecontainerinstance', compartmentId, instanceIds);
}

/**
 * What Data Science publishes about one model deployment.
 * @see https://docs.oracle.com/en-us/iaas/data-science/using/metrics-model-deploy.htm
 */
export function modelDeploymentMetrics(compartmentId: string, deploymentId: string): HostMetrics {
  const namespace = 'oci_datascience_modeldeploy';
  const shared = { namespace, compartmentId, dimensions: { resourceId: deploymentId }, intervalMinutes: 5 };
  return {
    calls: new Metric({ ...shared, name: 'PredictRequestCount', statistic: 'sum' }),
    latency: new Metric({ ...shared, name: 'PredictLatency' }),
    ...loadOf(namespace, compartmentId, [deploymentId]),
  };
}

/** The fullest instance counts: a mean over all would hide it. */
function loadOf(namespace: string, compartmentId: string, ids: readonly string[]): HostMetrics {
  const resourceId = ids.length === 1 ? String(ids[0]) : ids;
  const shared = { namespace, compartmentId, dimensions: { resourceId }, intervalMinutes: 5, splitBy: 'resourceId' };
  return {
    cpu: new Metric({ ...shared, name: 'CpuUtilization', statistic: 'max' }),
    memory: new Metric({ ...shared, name: 'MemoryUtilization', statistic: 'max' }),
  };
}
