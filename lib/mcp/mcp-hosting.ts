import type { TerraformResource } from 'cdktf';
import type { Construct } from 'constructs';
import type { Grant } from '../iam/grant';
import type { IGrantable } from '../iam/principal';
import type { IConnectable } from '../network/connections';
import type { LoadBalancerTarget } from './edge-target';
import type { HostMetrics } from './host-metrics';
import type { MountSecret } from './kubernetes-secret';
import type { McpEndpoint } from './mcp-endpoint';
import type { McpWorkload } from './mcp-workload';
import type { SigningMethod } from './outbound-auth';

/** A workload that has its place: where it answers, who it is, and what it is made of. */
export interface IHostedWorkload extends IConnectable, IGrantable {
  readonly endpoint: McpEndpoint;
  /** The resource that runs it; undefined for a child process, which is no resource of its own. */
  readonly primaryResource?: TerraformResource;
  /** The resources that run it beside `primaryResource`, where several do. */
  readonly replicas?: readonly TerraformResource[];
  /** Places in which it may run at once. @default - `primaryResource` and `replicas` */
  readonly mostReplicas?: number;
  /** Seconds for which calls still come to a replica that was told to end. @default - none: whoever sends calls hears of it first */
  readonly drainDelay?: number;
  /** With which identity the workload signs its requests to OCI; undefined for what has none of its own. */
  readonly signingMethod?: SigningMethod;
  /** What a load balancer can spread calls over; undefined for what is reached at an address of the service. */
  readonly loadBalancerTarget?: LoadBalancerTarget;
  /** What its service of OCI measures about it. @default - nothing, and its gateway measures its calls */
  readonly metrics?: HostMetrics;
  /** Permits `grantee` to call the endpoint, where that takes a policy. */
  grantInvoke(grantee: IGrantable): Grant;
  /** Puts a secret's value into a file of the workload; a host that cannot reports it. */
  readonly mountSecret: MountSecret;
}

/**
 * Where a server or a gateway runs. One implementation for each way Oracle Cloud can host one; adding a way means one new
 * file that implements this and one export line.
 */
export interface IMcpHosting {
  /**
   * Makes the resources below `scope`. Called once for each workload: one hosting object may serve many.
   * @param name Lower case letters, digits and hyphens, at most 63 characters, unique in the stack.
   */
  bind(scope: Construct, name: string, workload: McpWorkload): IHostedWorkload;
}
