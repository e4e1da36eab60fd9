import type { Construct } from 'constructs';
import { Metric } from './metric';
import type { IMonitoring } from './monitoring';

/**
 * What each kind of balancer calls the number of backends whose health check fails. Oracle writes the first
 * one in upper and in lower case, on its pages and in its own stacks.
 * @see https://docs.oracle.com/en-us/iaas/Content/Balance/Reference/loadbalancermetrics.htm
 * @see https://docs.oracle.com/en-us/iaas/Content/NetworkLoadBalancer/Metrics/metrics.htm
 */
const unhealthyBackends = { oci_lbaas: 'UnhealthyBackendServers', oci_nlb: 'UnhealthyBackends' };

/** A load balancer, or a network load balancer, in front of the replicas of one workload. */
export interface WatchedBalancer {
  /** Namespace in which its kind publishes. @default "oci_nlb" */
  readonly namespace?: keyof typeof unhealthyBackends;
  /** OCID of its compartment. */
  readonly compartmentId: string;
  /** OCID of the balancer. */
  readonly balancerId: string;
  /** Who is told. @default - nobody */
  readonly monitoring?: IMonitoring;
}

/** Tells when the health check of a balancer fails for a replica. */
export function unhealthyReplicasAlarm(scope: Construct, props: WatchedBalancer): void {
  const { namespace = 'oci_nlb', compartmentId, balancerId, monitoring } = props;
  if (monitoring?.thresholds === undefined) return;
  const unhealthy = new Metric({
    namespace,
    name: unhealthyBackends[namespace],
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
