import { ContainerengineNodePool } from '@cdktf/provider-oci/lib/containerengine-node-pool';
import { ContainerengineVirtualNodePool } from '@cdktf/provider-oci/lib/containerengine-virtual-node-pool';
import { DataOciContainerengineNodePoolOption } from '@cdktf/provider-oci/lib/data-oci-containerengine-node-pool-option';
import { DataOciIdentityAvailabilityDomains } from '@cdktf/provider-oci/lib/data-oci-identity-availability-domains';
import { dependable, Fn, TerraformIterator, Token } from 'cdktf';
import type { Construct } from 'constructs';
import { checkInteger, checkNumber, reportFault } from '../core/validation';

/** The fault domains that every availability domain has. */
const faultDomains = ['FAULT-DOMAIN-1', 'FAULT-DOMAIN-2', 'FAULT-DOMAIN-3'];

/** What is decided about virtual nodes. */
export interface OkeVirtualNodes {
  /** Shape of the pods. @default "Pod.Standard.E4.Flex" */
  readonly podShape?: string;
}

/** What is decided about the nodes of a cluster. */
export interface OkeNodeOptions {
  /** Number of worker nodes, virtual ones included. @default 3 */
  readonly nodeCount?: number;
  /**
   * Where nodes stand: in the region's first availability domain, or spread over all of them.
   * @default "FIRST"
   */
  readonly availabilityDomains?: 'FIRST' | 'ALL';
  /** Flexible shape of the nodes. @default "VM.Standard.E5.Flex" */
  readonly nodeShape?: string;
  /** OCPUs of a node. @default 2 */
  readonly nodeOcpus?: number;
  /** Memory of a node in GiB. @default 16 */
  readonly nodeMemoryGib?: number;
  /**
   * Nodes that Oracle runs, in place of a pool of one's own: pods are paid for by what they ask. A cluster has one kind or the
   * other. @default - a pool of nodes
   * @see https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengcomparingvirtualwithmanagednodes_topic.htm
   */
  readonly virtualNodes?: OkeVirtualNodes;
}

export interface OkeNodesProps extends OkeNodeOptions {
  /** OCID of the compartment. */
  readonly compartmentId: string;
  /** OCID of the subnet for nodes and pods. */
  readonly subnetId: string;
  readonly kubernetesVersion: string;
  /** Name of the pool. */
  readonly name: string;
  readonly clusterId: string;
  /** OCID of the network security group of nodes and pods. */
  readonly podSecurityGroupId: string;
}

/** Makes the nodes of a cluster below the cluster: a pool of them, or virtual ones. */
export function addNodes(cluster: Construct, props: OkeNodesProps): void {
  checkInteger(cluster, 'nodeCount', props.nodeCount, { min: 1, max: 1000 });
  checkNumber(cluster, 'nodeOcpus', props.nodeOcpus, { min: 1, max: 114 });
  checkNumber(cluster, 'nodeMemoryGib', props.nodeMemoryGib, { min: 1, max: 1760 });
  if (props.virtualNodes === undefined) addNodePool(cluster, props);
  else addVirtualNodes(cluster, props);
}

function addNodePool(cluster: Construct, props: OkeNodesProps): void {
  const { compartmentId, subnetId, kubernetesVersion, podSecurityGroupId, nodeShape = 'VM.Standard.E5.Flex' } = props;
  new ContainerengineNodePool(cluster, 'Nodes', {
    compartmentId,
    clusterId: props.clusterId,
    name: props.name,
    kubernetesVersion,
    nodeShape,
    nodeShapeConfig: { ocpus: props.nodeOcpus ?? 2, memoryInGbs: props.nodeMemoryGib ?? 16 },
    nodeSourceDetails: { sourceType: 'IMAGE', imageId: nodeImageId(cluster, compartmentId, kubernetesVersion) },
    nodeConfigDetails: {
      size: props.nodeCount ?? 3,
      nsgIds: [podSecurityGroupId],
      placementConfigs: placements(cluster, props, {}),
      nodePoolPodNetworkOptionDetails: {
        cniType: 'OCI_VCN_IP_NATIVE',
        podNsgIds: [podSecurityGroupId],
        podSubnetIds: [subnetId],
      },
    },
  });
}

function addVirtualNodes(cluster: Construct, props: OkeNodesProps): void {
  const { subnetId, podSecurityGroupId, virtualNodes = {} } = props;
  for (const prop of ['nodeShape', 'nodeOcpus', 'nodeMemoryGib'] as const) {
    if (props[prop] === undefined) continue;
    reportFault(cluster, {
      prop,
      got: props[prop],
      allowed: 'no size of nodes beside virtualNodes: pods ask for what they need',
      fix: `remove ${prop}`,
    });
  }
  new ContainerengineVirtualNodePool(cluster, 'VirtualNodes', {
    compartmentId: props.compartmentId,
    clusterId: props.clusterId,
    displayName: props.name,
    size: props.nodeCount ?? 3,
    nsgIds: [podSecurityGroupId],
    placementConfigurations: placements(cluster, props, { faultDomain: faultDomains }),
    podConfiguration: {
      shape: virtualNodes.podShape ?? 'Pod.Standard.E4.Flex',
      subnetId,
      nsgIds: [podSecurityGroupId],
    },
  });
}

/** One block for each availability domain that is used. How many a region has is only known to Terraform. */
function placements<T extends { faultDomain?: string[] }>(cluster: Construct, props: OkeNodesProps, extra: T) {
  const { compartmentId, subnetId, availabilityDomains = 'FIRST' } = props;
  const domains = new DataOciIdentityAvailabilityDomains(cluster, 'AvailabilityDomains', { compartmentId });
  if (availabilityDomains === 'FIRST') {
    return [{ availabilityDomain: domains.availabilityDomains.get(0).name, subnetId, ...extra }];
  }
  const each = TerraformIterator.fromComplexList(domains.availabilityDomains, 'name');
  // Here the names of arguments are Terraform's own.
  return each.dynamic({
    availability_domain: each.getString('name'),
    subnet_id: subnetId,
    ...(extra.faultDomain && { fault_domain: extra.faultDomain }),
  });
}

/** The newest of Oracle's x86 node images for this version of Kubernetes; OKE lists the newest first. */
function nodeImageId(cluster: Construct, compartmentId: string, kubernetesVersion: string): string {
  const options = new DataOciContainerengineNodePoolOption(cluster, 'NodeImages', {
    nodePoolOptionId: 'all',
    compartmentId,
  });
  const version = Token.isUnresolved(kubernetesVersion)
    ? `${Fn.trimprefix(kubernetesVersion, 'v')}`
    : kubernetesVersion.replace(/^v/, '');
  const isWanted = `can(regex("^Oracle-Linux-8[.][0-9]+-[0-9.]+-[0-9]+-OKE-${version}-", image.source_name))`;
  return `\${[for image in ${dependable(options)}.sources : image.image_id if ${isWanted}][0]}`;
}
