import type { IEdgeTarget } from '../../mcp/edge-target';
import type { IMonitoring } from '../../mcp/monitoring';
import type { IConnectable } from '../../network/connections';
import type { NetworkLoadBalancerPolicy } from '../../network/network-load-balancer';
import type { IPrivateNetwork } from '../../network/private-network';

/**
 * A network load balancer passes packets on (layer 4); a load balancer ends connections, and with them TLS, and can carry a
 * web application firewall.
 */
export type LoadBalancerType = 'NETWORK_LOAD_BALANCER' | 'LOAD_BALANCER';

/**
 * What decides where a load balancer sends a connection.
 * @see https://docs.oracle.com/en-us/iaas/Content/Balance/Reference/lbpolicies.htm
 */
export type LoadBalancerPolicy = 'IP_HASH' | 'LEAST_CONNECTIONS' | 'ROUND_ROBIN';

/** Megabits per second of a load balancer, in and out together. */
export interface LoadBalancerBandwidth {
  /** What is always there and paid for, 10 to 8000. @default 10 */
  readonly minimumMbps?: number;
  /** The most there can be, `minimumMbps` to 8000. @default 100, or `minimumMbps` where that is more */
  readonly maximumMbps?: number;
}

/** A web application firewall in front of a load balancer. */
export interface WebAppFirewallOptions {
  /** OCID of a web application firewall policy that exists. @default - one is made: `requestsPerMinute` and the methods of MCP */
  readonly policyId?: string;
  /** Requests of one address in a minute, at least 1; what comes beyond them is answered with 503. @default 600 */
  readonly requestsPerMinute?: number;
}

export interface LoadBalancerEdgeProps {
  /** OCID of the compartment. Kubernetes makes a balancer of its own in the compartment of its cluster. */
  readonly compartmentId: string;
  /** The network. A private balancer stands in its private subnet, a public one in its public one. */
  readonly network: IPrivateNetwork;
  /** What stands behind: an `McpGateway` or an `McpServer` on OKE or on Container Instances. */
  readonly target: IEdgeTarget;
  /**
   * Which service of OCI balances.
   * @default - "LOAD_BALANCER" where something is asked for that only this one has: TLS, a public address, a firewall, a
   *   bandwidth, an idle timeout; else "NETWORK_LOAD_BALANCER"
   */
  readonly type?: LoadBalancerType;
  /** Whether it has a public address, by which everybody reaches it. @default "PRIVATE" */
  readonly endpoint?: 'PRIVATE' | 'PUBLIC';
  /**
   * Who may connect to it. `connections.allowFrom` adds others.
   * @default - everybody where it is public, nobody where it is private
   */
  readonly clients?: readonly IConnectable[];
  /** OCID of the subnet it stands in. @default - `network.subnetId`, or `network.publicSubnetId` for a public one */
  readonly subnetId?: string;
  /** TCP port that clients connect to, 1 to 65535. @default - 443 with TLS, else the target's port */
  readonly port?: number;
  /** Host name that clients use. Its DNS record, which leads to `ipAddress`, is made elsewhere. @default - the address */
  readonly hostname?: string;
  /**
   * OCID of the certificate of `hostname` in the Certificates service, for TLS in front of addresses.
   * @default - no TLS
   * @see https://docs.oracle.com/en-us/iaas/Content/Balance/Tasks/managingcertificates.htm
   */
  readonly certificateId?: string;
  /** Name of the Kubernetes TLS Secret of `hostname`, in the namespace of the pods, for TLS in front of pods. @default - no TLS */
  readonly tlsSecretName?: string;
  /** Private address inside the subnet, for a network load balancer. @default - assigned by the subnet */
  readonly privateIp?: string;
  /**
   * What decides where a connection goes. The defaults keep a client, known by its address, at one place.
   * @default - "TWO_TUPLE" for a network load balancer, "IP_HASH" for a load balancer
   */
  readonly policy?: NetworkLoadBalancerPolicy | LoadBalancerPolicy;
  /**
   * Seconds a load balancer waits for the next bytes of either side, 1 to 7200. What one side sends does not count for the
   * other, so a stream during which the client says nothing may end after this time, whatever the gateway sends.
   * @default 3600
   * @see https://docs.oracle.com/en-us/iaas/Content/Balance/Reference/connectionreuse.htm
   */
  readonly idleTimeoutSeconds?: number;
  /** Bandwidth of a load balancer. A network load balancer takes what there is. @default - 10 to 100 Mbps */
  readonly bandwidth?: LoadBalancerBandwidth;
  /** A web application firewall, for a load balancer in front of addresses. @default - none */
  readonly waf?: WebAppFirewallOptions;
  /**
   * OCID of the network security group of the nodes, for pods: a balancer of Kubernetes sends to ports of nodes.
   * @default - the group of the cluster's pods, which the nodes of an `OkeCluster` made here are in, too
   */
  readonly nodeSecurityGroupId?: string;
  /**
   * Where a load balancer's access and error logs go, and who is told when the balancer finds a place unhealthy. Both only in
   * front of addresses.
   * @default - no logs and no alarm
   */
  readonly monitoring?: IMonitoring;
}
