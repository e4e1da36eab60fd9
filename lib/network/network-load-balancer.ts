import { NetworkLoadBalancerBackend } from '@cdktf/provider-oci/lib/network-load-balancer-backend';
import { NetworkLoadBalancerBackendSet } from '@cdktf/provider-oci/lib/network-load-balancer-backend-set';
import { NetworkLoadBalancerListener } from '@cdktf/provider-oci/lib/network-load-balancer-listener';
import { NetworkLoadBalancerNetworkLoadBalancer } from '@cdktf/provider-oci/lib/network-load-balancer-network-load-balancer';
import { Construct } from 'constructs';
import { qualifiedNameOf } from '../core/names';
import type { Connections, IConnectable } from './connections';
import { NetworkSecurityGroup, SecurityGroupConnections } from './network-security-group';

/**
 * What a network load balancer looks at to choose a backend: addresses, addresses and protocol, or ports as well.
 * @see https://docs.oracle.com/en-us/iaas/Content/NetworkLoadBalancer/introducton.htm
 */
export type NetworkLoadBalancerPolicy = 'TWO_TUPLE' | 'THREE_TUPLE' | 'FIVE_TUPLE';

export interface NetworkLoadBalancerProps {
  /** OCID of the compartment. */
  readonly compartmentId: string;
  /** OCID of the VCN. */
  readonly vcnId: string;
  /** OCID of the private subnet. */
  readonly subnetId: string;
  /** TCP port of the balancer, 1 to 65535. */
  readonly port: number;
  /** TCP port of everything behind it, 1 to 65535. @default - that of the balancer */
  readonly backendPort?: number;
  /** What decides which backend a connection goes to. @default "TWO_TUPLE" */
  readonly policy?: NetworkLoadBalancerPolicy;
  /** Path that answers 200 to `GET` while a backend is healthy. @default - the port only has to accept connections */
  readonly healthPath?: string;
  /** Private address inside the subnet. @default - assigned by the subnet */
  readonly privateIp?: string;
  /** Addresses behind the balancer. */
  readonly backends: readonly string[];
  /** The security group of what is behind the balancer. */
  readonly backendConnections: IConnectable;
}

/**
 * A private network load balancer in front of the replicas of one workload, with a security group of its own. It keeps a
 * caller, known by its address, with one replica, because MCP sessions live in a replica's memory.
 *
 * Replicas see the balancer as their caller: keeping the caller's address would need backends by the OCID of a compute
 * instance, which a Container Instance is not, and rules that let every caller into the replicas.
 * @see https://docs.oracle.com/en-us/iaas/Content/NetworkLoadBalancer/BackendSets/preserve-backend-set-source-id.htm
 */
export class NetworkLoadBalancer extends Construct {
  /** OCID of the balancer. */
  public readonly balancerId: string;
  /** Private address of the balancer. */
  public readonly ipAddress: string;
  public readonly connections: Connections;

  public constructor(scope: Construct, id: string, props: NetworkLoadBalancerProps) {
    super(scope, id);
    const { compartmentId, vcnId, subnetId, port, backendPort = port, healthPath } = props;
    const group = new NetworkSecurityGroup(this, 'SecurityGroup', { compartmentId, vcnId });
    props.backendConnections.connections.allowFrom(group, backendPort);

    const balancer = new NetworkLoadBalancerNetworkLoadBalancer(this, 'Resource', {
      compartmentId,
      displayName: qualifiedNameOf(this, 255),
      subnetId,
      isPrivate: true,
      isPreserveSourceDestination: false,
      networkSecurityGroupIds: [group.securityGroupId],
      assignedPrivateIpv4: props.privateIp,
    });
    this.node.defaultChild = balancer;
    this.balancerId = balancer.id;
    const check =
      healthPath === undefined ? { protocol: 'TCP' } : { protocol: 'HTTP', urlPath: healthPath, returnCode: 200 };
    const backendSet = new NetworkLoadBalancerBackendSet(this, 'BackendSet', {
      networkLoadBalancerId: balancer.id,
      name: 'mcp',
      policy: props.policy ?? 'TWO_TUPLE',
      isPreserveSource: false,
      isInstantFailoverEnabled: true,
      healthChecker: { ...check, port: backendPort },
    });
    for (const [i, ipAddress] of props.backends.entries()) {
      new NetworkLoadBalancerBackend(this, `Backend${i + 1}`, {
        networkLoadBalancerId: balancer.id,
        backendSetName: backendSet.name,
        ipAddress,
        port: backendPort,
      });
    }
    new NetworkLoadBalancerListener(this, 'Listener', {
      networkLoadBalancerId: balancer.id,
      name: 'mcp',
      defaultBackendSetName: backendSet.name,
      protocol: 'TCP',
      port,
    });
    this.ipAddress = props.privateIp ?? balancer.ipAddresses.get(0).ipAddress;
    this.connections = new SecurityGroupConnections(group, group.securityGroupId, {
      port,
      cidrBlocks: [`${this.ipAddress}/32`],
    });
  }
}
