import type { Construct } from 'constructs';
import { reportFault } from '../core/validation';
import type { KubernetesSecretKey } from '../mcp/kubernetes-secret';

/**
 * Reports a Kubernetes Secret on a host outside the cluster.
 * @param host What has no access to it: `a function`.
 * @returns a path at which no secret is
 */
export function refuseClusterSecret(scope: Construct, host: string, secret: KubernetesSecretKey): string {
  reportFault(scope, {
    prop: 'hosting',
    got: `the Kubernetes secret ${secret.name}`,
    allowed: `secrets from Kubernetes on OKE only: ${host} has no access to a cluster`,
    fix: 'pass a secret in Vault where one is taken, or host this workload on OKE',
  });
  return '/dev/null';
}
