import { Token } from 'cdktf';
import type { Construct } from 'constructs';
import { checkInteger, checkNumber, checkOneOf, checkPattern, checkPort, reportFault } from '../../core/validation';
import type { IPrincipal } from '../../iam/principal';
import type { ImageRepository } from '../../mcp/container-image';
import type { IPrivateNetwork } from '../../network/private-network';
import type { ContainerInstanceSidecar, ContainerInstanceVolume } from './container-options';

/** When a stopped container is started again. */
export type ContainerRestartPolicy = 'ALWAYS' | 'ON_FAILURE' | 'NEVER';

export interface ContainerInstanceHostingProps {
  /** Network and private subnet. */
  readonly network: IPrivateNetwork;
  /** OCID of the compartment. */
  readonly compartmentId: string;
  /** Availability domain. @default - the first of the region, looked up; all of them in turn for several instances */
  readonly availabilityDomain?: string;
  /**
   * How many instances run the workload. Several stand in different fault domains, behind a network load balancer that keeps
   * a caller with one of them.
   * @default 1 - reached without a balancer
   */
  readonly instances?: number;
  /** Flexible shape, one that the region offers. @default "CI.Standard.E4.Flex" */
  readonly shape?: string;
  /** OCPUs, at least 1. @default 1 */
  readonly ocpus?: number;
  /** Memory in GiB, at least 1. @default 2 */
  readonly memoryGib?: number;
  /**
   * Private address inside the subnet: the instance's, or the balancer's in front of several. Most changes replace an
   * instance, and a replaced one keeps its address only when it is pinned here; a balancer keeps its own.
   * @default - assigned by the subnet and looked up after each replacement
   */
  readonly privateIp?: string;
  /** Containers beside the workload's. @default - none */
  readonly sidecars?: readonly ContainerInstanceSidecar[];
  /** Folders that all containers of an instance see, beside a `/tmp` of each. @default - none */
  readonly volumes?: readonly ContainerInstanceVolume[];
  /** @default "ALWAYS" */
  readonly restartPolicy?: ContainerRestartPolicy;
  /** Seconds a container gets to stop before it is killed, 0 to 300. @default 30 */
  readonly shutdownSeconds?: number;
  /**
   * TCP ports the instance may reach anywhere, beside the paths which this stack opens. Names are resolved by the VCN.
   * @default [443]
   */
  readonly egressPorts?: readonly number[];
  /**
   * The private repository of the image. Container Instances of this compartment are permitted to pull from it, before this
   * one starts.
   * @default - the repository the image itself names; without one it is public, or permitted outside this stack
   * @see https://docs.oracle.com/en-us/iaas/Content/container-instances/vault-secrets-image-authorization.htm
   */
  readonly imageRepository?: ImageRepository;
  /**
   * The dynamic group which the instance belongs to, for permissions that must exist before it starts.
   * @default - policies name the instance by its OCID, and follow it
   */
  readonly dynamicGroup?: IPrincipal;
}

/** Reports sizes, numbers and names that a Container Instance does not take. */
export function checkContainerInstance(scope: Construct, props: ContainerInstanceHostingProps): void {
  const { instances, ocpus = 1, memoryGib = 2, sidecars = [] } = props;
  if (Token.isUnresolved(instances)) {
    reportFault(scope, { prop: 'instances', got: 'a Terraform reference', allowed: 'a number known at synth' });
  }
  checkInteger(scope, 'instances', instances, { min: 1 });
  for (const sidecar of sidecars) {
    checkNumber(scope, 'sidecars.vcpus', sidecar.vcpus, { min: 0.1, max: Token.isUnresolved(ocpus) ? 128 : 2 * ocpus });
    checkNumber(scope, 'sidecars.memoryGib', sidecar.memoryGib, {
      min: 0.1,
      max: Token.isUnresolved(memoryGib) ? 1024 : memoryGib,
    });
  }
  checkNumber(scope, 'ocpus', props.ocpus, { min: 1, max: 64 });
  checkNumber(scope, 'memoryGib', props.memoryGib, { min: 1, max: 1024 });
  checkInteger(scope, 'shutdownSeconds', props.shutdownSeconds, { min: 0, max: 300 });
  for (const port of props.egressPorts ?? []) checkPort(scope, 'egressPorts', port);
  checkOneOf(scope, 'restartPolicy', props.restartPolicy, ['ALWAYS', 'ON_FAILURE', 'NEVER']);
  checkPattern(scope, 'shape', props.shape, {
    pattern: /^CI\.Standard\.[A-Z0-9]+\.Flex$/,
    allowed: 'a flexible shape such as "CI.Standard.E4.Flex"',
  });
  checkPattern(scope, 'privateIp', props.privateIp, {
    pattern: /^((25[0-5]|2[0-4]\d|1?\d?\d)(\.(?!$)|$)){4}$/,
    allowed: 'an IPv4 address inside the subnet',
  });
}
