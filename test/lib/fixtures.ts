import { type TerraformStack, TerraformVariable } from 'cdktf';
import {
  ContainerInstanceHosting,
  type ContainerInstanceHostingProps,
  DynamicGroup,
  type IOkeCluster,
  type IPrivateNetwork,
  MatchingRule,
  McpServer,
  type McpServerProps,
  McpServerSource,
  OkeCluster,
  type OkeClusterAttributes,
  OkeHosting,
  type OkeHostingProps,
  PrivateNetwork,
} from 'cdktf-oci-mcp';
import type { Construct } from 'constructs';

/** OCIDs that no tenancy has. */
export const compartmentId = 'ocid1.compartment.oc1..example';
export const clusterId = 'ocid1.cluster.oc1.eu-frankfurt-1.example';
export const podSecurityGroupId = 'ocid1.networksecuritygroup.oc1.eu-frankfurt-1.pods';

/** An image by digest, about which nothing warns. */
export const image = `fra.ocir.io/acme/logs-mcp@sha256:${'0f3a'.repeat(16)}`;
export const source = McpServerSource.image(image);

/** A value known only to Terraform. */
export function reference(scope: Construct, name: string): string {
  return new TerraformVariable(scope, name, { type: 'string' }).stringValue;
}

/**
 * The existing cluster of a stack, the same one when asked again. Its pods have addresses and a security group in the VCN,
 * unless told otherwise.
 */
export function cluster(stack: TerraformStack, attributes: Partial<OkeClusterAttributes> = {}): IOkeCluster {
  const existing = stack.node.tryFindChild('Cluster');
  if (existing !== undefined) return existing as IOkeCluster;
  return OkeCluster.fromClusterAttributes(stack, 'Cluster', { clusterId, podSecurityGroupId, ...attributes });
}

/** The network of a stack, the same one when asked again. */
export function network(stack: TerraformStack): IPrivateNetwork {
  const existing = stack.node.tryFindChild('Network');
  if (existing !== undefined) return existing as IPrivateNetwork;
  return PrivateNetwork.fromSubnetAttributes(stack, 'Network', {
    vcnId: 'ocid1.vcn.oc1.eu-frankfurt-1.example',
    subnetId: 'ocid1.subnet.oc1.eu-frankfurt-1.example',
  });
}

/** A dynamic group "Group" of all Container Instances in a compartment. */
export function dynamicGroup(scope: Construct): DynamicGroup {
  return new DynamicGroup(scope, 'Group', {
    tenancyId: 'ocid1.tenancy.oc1..example',
    matchingRule: MatchingRule.all(
      MatchingRule.resourceType('computecontainerinstance'),
      MatchingRule.resourceCompartment(compartmentId),
    ),
  });
}

/** A server "Logs" on OKE. */
export function okeServer(
  stack: TerraformStack,
  hosting: Partial<OkeHostingProps> = {},
  props: Partial<McpServerProps> = {},
): McpServer {
  return new McpServer(stack, 'Logs', {
    source,
    hosting: new OkeHosting({ cluster: cluster(stack), ...hosting }),
    ...props,
  });
}

/** A server "Cost" on a Container Instance. */
export function containerInstanceServer(
  stack: TerraformStack,
  hosting: Partial<ContainerInstanceHostingProps> = {},
  props: Partial<McpServerProps> = {},
): McpServer {
  return new McpServer(stack, 'Cost', {
    source,
    hosting: new ContainerInstanceHosting({ network: network(stack), compartmentId, ...hosting }),
    ...props,
  });
}
