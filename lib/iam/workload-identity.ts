import type { Construct } from 'constructs';
import type { IPrincipal } from './principal';

/** What tells one Kubernetes workload from another on OKE. Values may be references. */
export interface WorkloadIdentityProps {
  /** OCID of the cluster, an enhanced one. */
  readonly clusterId: string;
  /** Kubernetes namespace of the pods. */
  readonly namespace: string;
  /** Service account the pods run as. */
  readonly serviceAccount: string;
}

/**
 * The identity of OKE pods. Pods are never members of a dynamic group: policies name them by conditions on `any-user`.
 * @see https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contenggrantingworkloadaccesstoresources.htm
 */
export class WorkloadIdentity implements IPrincipal {
  public readonly policySubject = 'any-user';
  public readonly policyConditions: readonly string[];
  public readonly preconditions = [];
  public readonly namesItself = false;

  public constructor(
    public readonly policyScope: Construct,
    props: WorkloadIdentityProps,
  ) {
    this.policyConditions = [
      `request.principal.type='workload'`,
      `request.principal.namespace='${props.namespace}'`,
      `request.principal.service_account='${props.serviceAccount}'`,
      `request.principal.cluster_id='${props.clusterId}'`,
    ];
  }
}
