import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import { ContainerengineCluster } from '@cdktf/provider-oci/lib/containerengine-cluster';
import { ContainerengineNodePool } from '@cdktf/provider-oci/lib/containerengine-node-pool';
import { DataOciContainerengineClusterKubeConfig } from '@cdktf/provider-oci/lib/data-oci-containerengine-cluster-kube-config';
import { DataOciContainerengineNodePoolOption } from '@cdktf/provider-oci/lib/data-oci-containerengine-node-pool-option';
import { DataOciIdentityAvailabilityDomains } from '@cdktf/provider-oci/lib/data-oci-identity-availability-domains';
import { dependable, Fn, Token } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { qualifiedNameOf } from '../core/names';
import { checkInteger, checkNumber, checkPattern } from '../core/validation';
import { NetworkSecurityGroup, SecurityGroupConnections } from '../network/network-security-group';
import type { PrivateNetwork } from '../network/private-network';

/** The port of a cluster's API endpoint. */
const apiPort = 6443;
/** The port on which nodes register with the control plane, and pods exchange tokens for workload identity. */
const controlPlanePort = 12250;

/** An OKE cluster to run workloads on. */
export interface IOkeCluster extends IConstruct {
  /** OCID of the cluster. */
  readonly clusterId: string;
  /** True when the cluster is known to be a basic one, which has no workload identity. */
  readonly basic: boolean;
  /** The network security group of its pods, where they have addresses in the VCN (VCN-native pod networking). */
  readonly podSecurityGroup?: SecurityGroupConnections;
  /** The addresses its pods show to the VCN, in CIDR notation. */
  readonly podCidrBlocks?: readonly string[];
}

export interface OkeClusterAttributes {
  /** OCID of the cluster. */
  readonly clusterId: string;
  /** "ENHANCED_CLUSTER" or "BASIC_CLUSTER". @default "ENHANCED_CLUSTER" */
  readonly type?: 'ENHANCED_CLUSTER' | 'BASIC_CLUSTER';
  /**
   * OCID of the network security group of its pods, with VCN-native pod networking. Paths between pods and other hosts in
   * the VCN become rules of it. @default - paths between pods and other hosts need `podCidrBlocks`
   */
  readonly podSecurityGroupId?: string;
  /** Addresses that pods show to the VCN: with flannel those of the nodes. @default - paths to other hosts need `podSecurityGroupId` */
  readonly podCidrBlocks?: readonly string[];
}

export interface OkeClusterProps {
  /** OCID of the compartment. */
  readonly compartmentId: string;
  /** Network for nodes and pods. The cluster adds a subnet of its own for the API endpoint. */
  readonly network: PrivateNetwork;
  /** Version of Kubernetes that OKE offers: `v1.33.1`. */
  readonly kubernetesVersion: string;
  /** Addresses of the API endpoint's subnet. @default "10.0.0.0/28" */
  readonly endpointCidrBlock?: string;
  /** Number of worker nodes. @default 3 */
  readonly nodeCount?: number;
  /** Flexible shape of the nodes. @default "VM.Standard.E5.Flex" */
  readonly nodeShape?: string;
  /** OCPUs of a node. @default 2 */
  readonly nodeOcpus?: number;
  /** Memory of a node in GiB. @default 16 */
  readonly nodeMemoryGib?: number;
}

/**
 * An enhanced OKE cluster with a private API endpoint, VCN-native pod networking and one pool of nodes in
 * the region's first availability domain.
 *
 * Keep it in another stack than the Kubernetes objects: a provider must not depend on what the same run creates.
 */
export class OkeCluster extends Construct implements IOkeCluster {
  /**
   * A cluster that exists already.
   * @example OkeCluster.fromClusterAttributes(this, 'Cluster', { clusterId, podSecurityGroupId });
   */
  public static fromClusterAttributes(scope: Construct, id: string, attributes: OkeClusterAttributes): IOkeCluster {
    const construct = new Construct(scope, id);
    const { clusterId, type = 'ENHANCED_CLUSTER', podSecurityGroupId, podCidrBlocks } = attributes;
    const podSecurityGroup = podSecurityGroupId && new SecurityGroupConnections(construct, podSecurityGroupId);
    return Object.assign(construct, {
      clusterId,
      basic: type === 'BASIC_CLUSTER',
      podSecurityGroup: podSecurityGroup || undefined,
      podCidrBlocks,
    });
  }

  /**
   * A Kubernetes provider for a cluster, with a short-lived token from the OCI command line (`oci ce cluster
   * generate-token`) at every run, so that no credential is in the state.
   * @param endpoint Which endpoint Terraform connects to. @default "PRIVATE_ENDPOINT"
   */
  public static kubernetesProvider(
    scope: Construct,
    id: string,
    cluster: IOkeCluster,
    endpoint: 'PRIVATE_ENDPOINT' | 'PUBLIC_ENDPOINT' = 'PRIVATE_ENDPOINT',
  ): KubernetesProvider {
    const kubeConfig = new DataOciContainerengineClusterKubeConfig(scope, `${id}Config`, {
      clusterId: cluster.clusterId,
      endpoint,
    });
    const content = Fn.yamldecode(kubeConfig.content);
    const clusterOf = (key: string) => Fn.lookupNested(content, ['clusters', 0, 'cluster', key]);
    return new KubernetesProvider(scope, id, {
      host: clusterOf('server'),
      clusterCaCertificate: Fn.base64decode(clusterOf('certificate-authority-data')),
      exec: [
        {
          apiVersion: 'client.authentication.k8s.io/v1beta1',
          command: 'oci',
          args: Fn.lookupNested(content, ['users', 0, 'user', 'exec', 'args']),
        },
      ],
    });
  }

  public readonly clusterId: string;
  public readonly basic = false;
  public readonly podSecurityGroup: SecurityGroupConnections;

  public constructor(scope: Construct, id: string, props: OkeClusterProps) {
    super(scope, id);
    const { compartmentId, network, kubernetesVersion, nodeCount = 3, nodeShape = 'VM.Standard.E5.Flex' } = props;
    checkPattern(this, 'kubernetesVersion', kubernetesVersion, {
      pattern: /^v\d+\.\d+\.\d+$/,
      allowed: 'a version that OKE offers, such as "v1.33.1"',
    });
    checkInteger(this, 'nodeCount', nodeCount, { min: 1, max: 1000 });
    checkNumber(this, 'nodeOcpus', props.nodeOcpus, { min: 1, max: 114 });
    checkNumber(this, 'nodeMemoryGib', props.nodeMemoryGib, { min: 1, max: 1760 });
    const name = qualifiedNameOf(this, 255);
    const { vcnId } = network;
    const endpointSubnetId = network.addSubnet('Endpoint', props.endpointCidrBlock ?? '10.0.0.0/28');
    const endpointGroup = new NetworkSecurityGroup(this, 'EndpointGroup', { compartmentId, vcnId, port: apiPort });
    const podGroup = new NetworkSecurityGroup(this, 'PodGroup', { compartmentId, vcnId });
    endpointGroup.connections.allowFrom(podGroup);
    endpointGroup.connections.allowFrom(podGroup, controlPlanePort);
    podGroup.connections.allowFrom(endpointGroup, 10250);
    podGroup.connections.allowAmongMembers();
    podGroup.connections.allowToCidr('internet', '0.0.0.0/0', 443);
    endpointGroup.connections.allowToCidr('internet', '0.0.0.0/0', 443);

    const cluster = new ContainerengineCluster(this, 'Resource', {
      compartmentId,
      vcnId,
      name,
      kubernetesVersion,
      type: 'ENHANCED_CLUSTER',
      clusterPodNetworkOptions: [{ cniType: 'OCI_VCN_IP_NATIVE' }],
      endpointConfig: {
        subnetId: endpointSubnetId,
        isPublicIpEnabled: false,
        nsgIds: [endpointGroup.securityGroupId],
      },
    });
    this.node.defaultChild = cluster;
    this.clusterId = cluster.id;
    this.podSecurityGroup = podGroup.connections;

    const domains = new DataOciIdentityAvailabilityDomains(this, 'AvailabilityDomains', { compartmentId });
    new ContainerengineNodePool(this, 'Nodes', {
      compartmentId,
      clusterId: cluster.id,
      name,
      kubernetesVersion,
      nodeShape,
      nodeShapeConfig: { ocpus: props.nodeOcpus ?? 2, memoryInGbs: props.nodeMemoryGib ?? 16 },
      nodeSourceDetails: { sourceType: 'IMAGE', imageId: this.nodeImageId(compartmentId, kubernetesVersion) },
      nodeConfigDetails: {
        size: nodeCount,
        nsgIds: [podGroup.securityGroupId],
        placementConfigs: [{ availabilityDomain: domains.availabilityDomains.get(0).name, subnetId: network.subnetId }],
        nodePoolPodNetworkOptionDetails: {
          cniType: 'OCI_VCN_IP_NATIVE',
          podNsgIds: [podGroup.securityGroupId],
          podSubnetIds: [network.subnetId],
        },
      },
    });
  }

  /** The newest of Oracle's x86 node images for this version of Kubernetes; OKE lists the newest first. */
  private nodeImageId(compartmentId: string, kubernetesVersion: string): string {
    const options = new DataOciContainerengineNodePoolOption(this, 'NodeImages', {
      nodePoolOptionId: 'all',
      compartmentId,
    });
    const version = Token.isUnresolved(kubernetesVersion)
      ? `${Fn.trimprefix(kubernetesVersion, 'v')}`
      : kubernetesVersion.replace(/^v/, '');
    const isWanted = `can(regex("^Oracle-Linux-8[.][0-9]+-[0-9.]+-[0-9]+-OKE-${version}-", image.source_name))`;
    return `\${[for image in ${dependable(options)}.sources : image.image_id if ${isWanted}][0]}`;
  }
}
