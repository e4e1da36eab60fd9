import type { Construct } from 'constructs';
import { Metric } from './metric';
import type { IMonitoring } from './monitoring';

/** A network load balancer in front of the replicas of one workload. */
export interface WatchedBalancer {
  /** OCID of its compartment. */
  readonly compartmentId: string;
  /** OCID of the balancer. */
  readonly balancerId: string;
  /** Who is told. @default - nobody */
  readonly monitoring?: IMonitoring;
}

/**
 * Tells when the health check of a network load balancer fails for a replica.
 * @see https://docs.oracle.com/en-us/iaas/Content/NetworkLoadBalancer/Metrics/metrics.htm
 */
export function unhealthyReplicasAlarm(scope: Construct, props: WatchedBalancer): void {
  const { compartmentId, balancerId, monitoring } = props;
  if (monitoring?.thresholds === undefined) return;
  const unhealthy = new Metric({
    namespace: 'oci_nlb',
    name: 'UnhealthyBackends',
    compartmentId,
    dimensions: { resourceId: balancerId },
    statistic: 'max',
  });
  unhealthy.createAlarm(scope, 'UnhealthyAlarm', {
    monitoring,
    when: { above: 0 },
    title: `${scope.node.path}: a replica does not answer`,
    message: `The health check of ${scope.node.path} fails for a replica, and calls go to the others. Read what its container wrote last.`,
    severity: 'WARNING',
  });
}
