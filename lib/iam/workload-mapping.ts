import { ContainerengineClusterWorkloadMapping } from '@cdktf/provider-oci/lib/containerengine-cluster-workload-mapping';
import { TerraformStack, Token } from 'cdktf';
import { Construct } from 'constructs';
import { shorten } from '../core/names';
import { sameReference } from '../core/references';

/** Which pods may act in which compartment. Values may be references. */
export interface WorkloadMappingProps {
  /** OCID of the cluster, an enhanced one. */
  readonly clusterId: string;
  /** Kubernetes namespace of the pods. */
  readonly namespace: string;
  /** OCID of the compartment, another one than the cluster's. */
  readonly compartmentId: string;
}

/**
 * Binds the pods of a namespace to another compartment than the cluster's, without which no permission in that compartment
 * reaches them. One binding serves every pod of the namespace, so a stack makes it once.
 * @see https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contenggrantingworkloadaccesstoresources.htm
 */
export function mapNamespace(scope: Construct, props: WorkloadMappingProps): ContainerengineClusterWorkloadMapping {
  const existing = findMapping(scope, props);
  if (existing !== undefined) return existing;
  const mappings = mappingsOf(scope) ?? new Construct(TerraformStack.of(scope), mappingsId);
  const name = Token.isUnresolved(props.namespace) ? 'namespace' : props.namespace;
  const taken = mappings.node.children.filter(({ node }) => node.id === name || node.id.startsWith(`${name}.`)).length;
  return new ContainerengineClusterWorkloadMapping(
    mappings,
    shorten(taken === 0 ? name : `${name}.${taken + 1}`, 120),
    {
      clusterId: props.clusterId,
      namespace: props.namespace,
      mappedCompartmentId: props.compartmentId,
    },
  );
}

/** The binding that this stack has already. */
export function findMapping(
  scope: Construct,
  props: WorkloadMappingProps,
): ContainerengineClusterWorkloadMapping | undefined {
  const isSame = (a: string | undefined, b: string) => sameReference(scope, a ?? '', b);
  return mappingsOf(scope)
    ?.node.children.filter((child) => child instanceof ContainerengineClusterWorkloadMapping)
    .find(
      ({ clusterIdInput, namespaceInput, mappedCompartmentIdInput }) =>
        isSame(clusterIdInput, props.clusterId) &&
        isSame(namespaceInput, props.namespace) &&
        isSame(mappedCompartmentIdInput, props.compartmentId),
    );
}

const mappingsId = 'WorkloadMappings';

function mappingsOf(scope: Construct): Construct | undefined {
  return TerraformStack.of(scope).node.tryFindChild(mappingsId) as Construct | undefined;
}
