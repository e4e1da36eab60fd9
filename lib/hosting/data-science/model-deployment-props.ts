import type { IConstruct } from 'constructs';
import { checkOneOf, reportFault } from '../../core/validation';
import type { IPrincipal } from '../../iam/principal';
import type { ImageRepository } from '../../mcp/container-image';
import type { IPrivateNetwork } from '../../network/private-network';
import type { CondaEnvironment } from './conda-environment';
import type { ModelDeploymentInstances } from './instances';

/** Where connections of a server go out: a network of the service with or without the internet, or the own subnet. */
export type ModelDeploymentEgress = 'internet' | 'no_internet' | 'network';

export interface ModelDeploymentHostingProps extends ModelDeploymentInstances {
  /** OCID of the compartment. */
  readonly compartmentId: string;
  /** OCID of a Data Science project. @default - one for this stack and compartment */
  readonly projectId?: string;
  /** The packages of a score artifact, which needs it. @default - none: a container brings its own */
  readonly condaEnvironment?: CondaEnvironment;
  /** Network for `egress` and `privateEndpoint`. @default - none */
  readonly network?: IPrivateNetwork;
  /** OCID of the compartment of `network`. @default - `compartmentId` */
  readonly networkCompartmentId?: string;
  /**
   * Where connections of the server go out. In the own subnet, whose security list decides what gets out since no network
   * security group applies, at least 127 addresses have to be free.
   * @default "network" with a network, "internet" without
   * @see https://docs.oracle.com/en-us/iaas/data-science/using/model-dep-create-cus-net.htm
   */
  readonly egress?: ModelDeploymentEgress;
  /** Whether the deployment is reached at a private endpoint in `network` only. @default false */
  readonly privateEndpoint?: boolean;
  /** Bandwidth of the load balancer in front, in Mbps, at least 10. @default 10 */
  readonly bandwidthMbps?: number;
  /** OCID of a log group in `compartmentId`. @default - the one of the server's `monitoring`, otherwise one for each deployment */
  readonly logGroupId?: string;
  /** Days the logs are kept: 30, 60, 90, 120, 150 or 180. @default - as the server's `monitoring` says, otherwise 30 */
  readonly logRetentionDays?: number;
  /**
   * The private repository of a container image. Model deployments of this compartment are permitted to pull from it, before
   * this one starts.
   * @default - the repository the image itself names; without one the permission is given outside this stack
   */
  readonly imageRepository?: ImageRepository;
  /**
   * The dynamic group which the deployment belongs to, for permissions that must exist before it starts.
   * @default - policies name the deployment by its OCID, and follow it
   */
  readonly dynamicGroup?: IPrincipal;
}

/** Reports a network that is missing, or that nothing would be in. */
export function checkNetwork(
  scope: IConstruct,
  { network, egress, privateEndpoint }: ModelDeploymentHostingProps,
): void {
  checkOneOf(scope, 'egress', egress, ['internet', 'no_internet', 'network']);
  if (network === undefined) {
    const asked = egress === 'network' ? 'egress' : privateEndpoint ? 'privateEndpoint' : undefined;
    if (asked === undefined) return;
    reportFault(scope, { prop: 'network', got: undefined, allowed: `a network for ${asked}` });
  } else if (egress !== undefined && egress !== 'network' && !privateEndpoint) {
    reportFault(scope, {
      prop: 'network',
      got: network.node.path,
      allowed: `no network with egress "${egress}": nothing would be in it`,
      fix: 'leave it out, or set privateEndpoint',
    });
  }
}
