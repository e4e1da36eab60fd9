import { Annotations, type ITerraformDependable, Token } from 'cdktf';
import type { Construct } from 'constructs';
import { sameReference } from '../core/references';
import { reportFault } from '../core/validation';
import { PolicyCondition } from './policy-condition';
import type { IPrincipal } from './principal';
import { findMapping, mapNamespace } from './workload-mapping';

/** What tells one Kubernetes workload from another on OKE. Values may be references. */
export interface WorkloadIdentityProps {
  /** OCID of the cluster, an enhanced one. */
  readonly clusterId: string;
  /** Kubernetes namespace of the pods. */
  readonly namespace: string;
  /** Service account the pods run as. */
  readonly serviceAccount: string;
  /** True when the cluster is known to be a basic one, whose pods have no identity. @default false */
  readonly basic?: boolean;
  /**
   * OCID of the cluster's compartment. What is granted in another one gets a workload mapping, where both are known at synth.
   * @default - not known: mappings are made elsewhere
   */
  readonly clusterCompartmentId?: string;
}

/**
 * The identity of OKE pods. Pods are never members of a dynamic group: policies name them by conditions on `any-user`.
 * @see https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contenggrantingworkloadaccesstoresources.htm
 */
export class WorkloadIdentity implements IPrincipal {
  public readonly policySubject = 'any-user';
  public readonly policyConditions: readonly PolicyCondition[];
  public readonly preconditions = [];
  public readonly namesItself = false;

  public constructor(
    public readonly policyScope: Construct,
    private readonly props: WorkloadIdentityProps,
  ) {
    this.policyConditions = [
      PolicyCondition.equals('request.principal.type', 'workload'),
      PolicyCondition.equals('request.principal.namespace', props.namespace),
      PolicyCondition.equals('request.principal.service_account', props.serviceAccount),
      PolicyCondition.equals('request.principal.cluster_id', props.clusterId),
    ];
  }

  public prepareFor(compartmentId: string): readonly ITerraformDependable[] {
    this.requireEnhancedCluster();
    const { clusterId, namespace, clusterCompartmentId } = this.props;
    const mapping = { clusterId, namespace, compartmentId };
    const existing = findMapping(this.policyScope, mapping);
    if (existing !== undefined) return [existing];
    if (clusterCompartmentId === undefined) return [];
    if (sameReference(this.policyScope, clusterCompartmentId, compartmentId)) return [];
    if ([clusterCompartmentId, compartmentId].some((id) => Token.isUnresolved(id))) {
      Annotations.of(this.policyScope).addWarning(
        'compartmentId: only Terraform knows whether this is the compartment of the cluster; if it is another one, call mapNamespace of the cluster before the grant',
      );
      return [];
    }
    return [mapNamespace(this.policyScope, mapping)];
  }

  /** Reports a basic cluster, for whoever needs the identity without a grant. */
  public requireEnhancedCluster(): void {
    if (!this.props.basic) return;
    reportFault(this.policyScope, {
      prop: 'cluster',
      got: 'BASIC_CLUSTER',
      allowed: 'an enhanced cluster: a basic one has no workload identity',
      fix: 'upgrade the cluster to ENHANCED_CLUSTER, or grant nothing to this workload',
    });
  }
}
