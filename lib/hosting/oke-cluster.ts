import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import { ContainerengineCluster } from '@cdktf/provider-oci/lib/containerengine-cluster';
import { DataOciContainerengineClusterKubeConfig } from '@cdktf/provider-oci/lib/data-oci-containerengine-cluster-kube-config';
import { Fn, type ITerraformDependable } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { qualifiedNameOf } from '../core/names';
import { checkPattern, reportFault } from '../core/validation';
import { mapNamespace } from '../iam/workload-mapping';
import { NetworkSecurityGroup, SecurityGroupConnections } from '../network/network-security-group';
import type { PrivateNetwork } from '../network/private-network';
import { addNodes, type OkeNodeOptions } from './oke-nodes';

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
  /** True when its pods run on virtual nodes, which know no NetworkPolicy and take less of a pod's settings. */
  readonly virtualNodes: boolean;
  /** OCID of its compartment, where it is known. */
  readonly compartmentId?: string;
  /** The network security group of its pods, where they have addresses in the VCN (VCN-native pod networking). */
  readonly podSecurityGroup?: SecurityGroupConnections;
  /** The addresses its pods show to the VCN, in CIDR notation. */
  readonly podCidrBlocks?: readonly string[];
  /**
   * Lets pods of a namespace use what is granted to them in another compartment than the cluster's. Grants do this by
   * themselves where both compartments are known at synth.
   * @returns the workload mapping
   */
  mapNamespace(namespace: string, compartmentId: string): ITerraformDependable;
}

export interface OkeClusterAttributes {
  /** OCID of the cluster. */
  readonly clusterId: string;
  /** OCID of its compartment. Grants in another one then get a workload mapping. @default - mappings are made elsewhere */
  readonly compartmentId?: string;
  /** Whether its pods run on virtual nodes. @default false */
  readonly virtualNodes?: boolean;
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

export interface OkeClusterProps extends OkeNodeOptions {
  /** OCID of the compartment. */
  readonly compartmentId: string;
  /** Network for nodes and pods. The cluster adds a subnet of its own for the API endpoint. */
  readonly network: PrivateNetwork;
  /** Version of Kubernetes that OKE offers: `v1.33.1`. */
  readonly kubernetesVersion: string;
  /** Addresses of the API endpoint's subnet. @default "10.0.0.0/28" */
  readonly endpointCidrBlock?: string;
}

/**
 * An enhanced OKE cluster with a private API endpoint, VCN-native pod networking and one pool of nodes or virtual nodes.
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
    const { clusterId, compartmentId, type = 'ENHANCED_CLUSTER', podSecurityGroupId, podCidrBlocks } = attributes;
    if (type === 'BASIC_CLUSTER' && attributes.virtualNodes) {
      reportFault(construct, {
        prop: 'type',
        got: type,
        allowed: 'ENHANCED_CLUSTER: basic clusters have no virtual nodes',
      });
    }
    const podSecurityGroup = podSecurityGroupId && new SecurityGroupConnections(construct, podSecurityGroupId);
    return Object.assign(construct, {
      clusterId,
      compartmentId,
      basic: type === 'BASIC_CLUSTER',
      virtualNodes: attributes.virtualNodes ?? false,
      podSecurityGroup: podSecurityGroup || undefined,
      podCidrBlocks,
      mapNamespace: (namespace: string, mappedId: string) =>
        mapNamespace(construct, { clusterId, namespace, compartmentId: mappedId }),
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
  public readonly compartmentId: string;
  public readonly basic = false;
  public readonly virtualNodes: boolean;
  public readonly podSecurityGroup: SecurityGroupConnections;

  public constructor(scope: Construct, id: string, props: OkeClusterProps) {
    super(scope, id);
    const { compartmentId, network, kubernetesVersion } = props;
    checkPattern(this, 'kubernetesVersion', kubernetesVersion, {
      pattern: /^v\d+\.\d+\.\d+$/,
      allowed: 'a version that OKE offers, such as "v1.33.1"',
    });
    const name = qualifiedNameOf(this, 255);
    const { vcnId } = network;
    const endpointSubnetId = network.addSubnet('Endpoint', props.endpointCidrBlock ?? '10.0.0.0/28');
    const endpointGroup = new NetworkSecurityGroup(this, 'EndpointGroup', { compartmentId, vcnId, port: apiPort });
    const podGroup = new NetworkSecurityGroup(this, 'PodGroup', { compartmentId, vcnId });
    endpointGroup.connections.allowFrom(podGroup);
    endpointGroup.connections.allowFrom(podGroup, controlPlanePort);
    podGroup.connections.allowFrom(endpointGroup, 10250);
    podGroup.connections.allowAmongMembers();
    podGroup.connections.allowToInternet(443);
    endpointGroup.connections.allowToInternet(443);

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
    this.compartmentId = compartmentId;
    this.virtualNodes = props.virtualNodes !== undefined;
    this.podSecurityGroup = podGroup.connections;

    addNodes(this, {
      ...props,
      name,
      subnetId: network.subnetId,
      clusterId: cluster.id,
      podSecurityGroupId: podGroup.securityGroupId,
    });
  }

  public mapNamespace(namespace: string, compartmentId: string): ITerraformDependable {
    return mapNamespace(this, { clusterId: this.clusterId, namespace, compartmentId });
  }
}
