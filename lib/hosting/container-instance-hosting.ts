import { ContainerInstancesContainerInstance } from '@cdktf/provider-oci/lib/container-instances-container-instance';
import { DataOciCoreVnic } from '@cdktf/provider-oci/lib/data-oci-core-vnic';
import { DataOciIdentityAvailabilityDomains } from '@cdktf/provider-oci/lib/data-oci-identity-availability-domains';
import { Fn, Token } from 'cdktf';
import type { Construct } from 'constructs';
import { qualifiedNameOf } from '../core/names';
import { reportFault } from '../core/validation';
import { Grant } from '../iam/grant';
import type { IPrincipal } from '../iam/principal';
import { ResourcePrincipal } from '../iam/resource-principal';
import { unhealthyReplicasAlarm } from '../mcp/balancer-alarm';
import type { LoadBalancerTarget } from '../mcp/edge-target';
import { type HostMetrics, hostAlarms } from '../mcp/host-metrics';
import type { KubernetesSecretKey } from '../mcp/kubernetes-secret';
import type { McpEndpoint } from '../mcp/mcp-endpoint';
import type { IHostedWorkload, IMcpHosting } from '../mcp/mcp-hosting';
import type { McpWorkload } from '../mcp/mcp-workload';
import type { Connections } from '../network/connections';
import { NetworkLoadBalancer } from '../network/network-load-balancer';
import { NetworkSecurityGroup, SecurityGroupConnections } from '../network/network-security-group';
import { refuseClusterSecret } from './cluster-secret';
import { BalancedConnections } from './container-instances/balanced-connections';
import { containerGroup } from './container-instances/container-group';
import {
  type ContainerInstanceHostingProps,
  checkContainerInstance,
} from './container-instances/container-instance-props';
import type { ContainerGroup } from './container-instances/container-options';
import { containerInstanceMetrics } from './host-metrics';
import { permitImagePull } from './image-pull';

/** How many fault domains an availability domain has. @see https://docs.oracle.com/en-us/iaas/Content/General/Concepts/regions.htm */
const faultDomains = 3;

/** What policies call a Container Instance. */
const principalType = 'computecontainerinstance';

/**
 * A Container Instance in a private subnet, or several of them, with a network security group of its own that starts closed,
 * no root, a read-only root file system and its own resource principal.
 *
 * @example
 * new ContainerInstanceHosting({ network, compartmentId, ocpus: 1, memoryGib: 4 });
 */
export class ContainerInstanceHosting implements IMcpHosting {
  private addressOwner?: Construct;

  public constructor(private readonly props: ContainerInstanceHostingProps) {}

  public bind(scope: Construct, _name: string, workload: McpWorkload): IHostedWorkload {
    if (this.props.privateIp !== undefined && this.addressOwner !== undefined) {
      reportFault(scope, {
        prop: 'privateIp',
        got: this.props.privateIp,
        allowed: `an address of its own for each workload: ${this.addressOwner.node.path} has this one`,
        fix: 'give each workload a hosting with another privateIp, or leave it out',
      });
    }
    this.addressOwner ??= scope;
    return new ContainerInstances(scope, workload, this.props);
  }
}

class ContainerInstances implements IHostedWorkload {
  public readonly endpoint: McpEndpoint;
  public readonly connections: Connections;
  public readonly grantPrincipal: IPrincipal;
  public readonly signingMethod = 'resource_principal';
  public readonly primaryResource: ContainerInstancesContainerInstance;
  public readonly replicas: readonly ContainerInstancesContainerInstance[];
  public readonly loadBalancerTarget: LoadBalancerTarget;
  public readonly metrics: HostMetrics;
  private readonly isBalanced: boolean;

  public constructor(
    private readonly scope: Construct,
    workload: McpWorkload,
    private readonly props: ContainerInstanceHostingProps,
  ) {
    checkContainerInstance(scope, props);
    const { compartmentId, network, sidecars = [], volumes = [] } = props;
    const count = Number.isInteger(props.instances) ? Number(props.instances) : 1;
    this.isBalanced = count > 1;
    const displayName = qualifiedNameOf(scope, 255);
    const containers = containerGroup(scope, { workload, displayName, sidecars, volumes });
    const group = new NetworkSecurityGroup(scope, 'SecurityGroup', { compartmentId, vcnId: network.vcnId });
    for (const port of props.egressPorts ?? [443]) group.connections.allowToInternet(port);

    this.primaryResource = this.makeInstance(1, displayName, containers, group);
    this.replicas = this.isBalanced
      ? Array.from({ length: count - 1 }, (_, i) => this.makeInstance(i + 2, displayName, containers, group))
      : [];
    const instances = [this.primaryResource, ...this.replicas];
    this.permitPulling(workload, instances);
    const ids = instances.map(({ id }) => id);
    this.grantPrincipal = props.dynamicGroup ?? ResourcePrincipal.byId(scope, principalType, ids);
    this.metrics = containerInstanceMetrics(compartmentId, ids);
    hostAlarms(scope, this.metrics, workload.monitoring);
    const addresses = this.addressesOf(instances);
    const { address, connections } = this.isBalanced
      ? this.balance(workload, group, addresses)
      : this.expose(workload, group, addresses);
    this.connections = connections;
    // Another balancer in front reaches the instances themselves: behind this one all its clients would look like one.
    this.loadBalancerTarget = { port: workload.port, healthPath: workload.healthPath, addresses, members: group };
    this.endpoint = {
      transport: workload.transport,
      url: `http://${address}:${workload.port}${workload.path}`,
    };
  }

  public grantInvoke(): Grant {
    return Grant.none();
  }

  public mountSecret(secret: KubernetesSecretKey): string {
    return refuseClusterSecret(this.scope, 'a Container Instance', secret);
  }

  private makeInstance(
    number: number,
    displayName: string,
    { containers, volumes }: ContainerGroup,
    group: NetworkSecurityGroup,
  ): ContainerInstancesContainerInstance {
    const { isBalanced, props } = this;
    const name = isBalanced ? `${displayName}-${number}` : displayName;
    return new ContainerInstancesContainerInstance(this.scope, numbered('ContainerInstance', number), {
      compartmentId: props.compartmentId,
      availabilityDomain: props.availabilityDomain ?? this.availabilityDomain(number),
      faultDomain: isBalanced ? faultDomain(number) : undefined,
      displayName: name,
      shape: props.shape ?? 'CI.Standard.E4.Flex',
      shapeConfig: { ocpus: props.ocpus ?? 1, memoryInGbs: props.memoryGib ?? 2 },
      containerRestartPolicy: props.restartPolicy ?? 'ALWAYS',
      gracefulShutdownTimeoutInSeconds: String(props.shutdownSeconds ?? 30),
      vnics: [
        {
          subnetId: props.network.subnetId,
          nsgIds: [group.securityGroupId],
          isPublicIpAssigned: false,
          displayName: name,
          privateIp: isBalanced ? undefined : props.privateIp,
        },
      ],
      containers,
      volumes,
      // The balancer gets the new ones before the old ones go. A single one may have a pinned address, which no two can have.
      // The fault domain is a wish for the start: where OCI placed an instance otherwise, it is no reason to replace it.
      lifecycle: isBalanced ? { createBeforeDestroy: true, ignoreChanges: ['fault_domain'] } : undefined,
    });
  }

  private permitPulling(workload: McpWorkload, instances: readonly ContainerInstancesContainerInstance[]): void {
    const { imageRepository, sidecars = [] } = this.props;
    const named = workload.source.kind === 'image' ? workload.source.repository : undefined;
    const beside = sidecars.map(({ image }) => (typeof image === 'string' ? undefined : image.repository));
    for (const repository of [imageRepository ?? named, ...beside]) {
      if (repository === undefined) continue;
      for (const puller of instances) permitImagePull(this.scope, { ...this.props, repository, principalType, puller });
    }
  }

  /** A single instance is reached at its own address. */
  private expose({ port }: McpWorkload, group: NetworkSecurityGroup, [address = '']: readonly string[]): Exposed {
    const connections = new SecurityGroupConnections(group, group.securityGroupId, {
      port,
      cidrBlocks: [`${address}/32`],
    });
    return { address, connections };
  }

  private balance(
    { port, healthPath, monitoring }: McpWorkload,
    group: NetworkSecurityGroup,
    backends: readonly string[],
  ): Exposed {
    const { compartmentId, network, privateIp } = this.props;
    const balancer = new NetworkLoadBalancer(this.scope, 'Balancer', {
      compartmentId,
      vcnId: network.vcnId,
      subnetId: network.subnetId,
      port,
      healthPath,
      privateIp,
      backends,
      backendConnections: group,
    });
    unhealthyReplicasAlarm(balancer, { compartmentId, balancerId: balancer.balancerId, monitoring });
    return { address: balancer.ipAddress, connections: new BalancedConnections(group, balancer.connections) };
  }

  private addressesOf(instances: readonly ContainerInstancesContainerInstance[]): readonly string[] {
    if (!this.isBalanced && this.props.privateIp !== undefined) return [this.props.privateIp];
    return instances.map((instance, i) => this.lookUp(instance, i + 1));
  }

  /** An instance exports no address of its own: it is that of its first VNIC. */
  private lookUp(instance: ContainerInstancesContainerInstance, number: number): string {
    const { vnicId } = instance.vnics.get(0);
    return new DataOciCoreVnic(this.scope, numbered('Vnic', number), { vnicId }).privateIpAddress;
  }

  private availabilityDomain(number: number): string {
    const id = 'AvailabilityDomains';
    const existing = this.scope.node.tryFindChild(id) as DataOciIdentityAvailabilityDomains | undefined;
    const { compartmentId } = this.props;
    const domains = existing ?? new DataOciIdentityAvailabilityDomains(this.scope, id, { compartmentId });
    if (!this.isBalanced) return domains.availabilityDomains.get(0).name;
    const all = Token.asList(domains.interpolationForAttribute('availability_domains'));
    return Token.asString(Fn.lookupNested(Fn.element(all, number - 1), ['name']));
  }
}

/** Where a workload is reached, and how a path to it is opened. */
interface Exposed {
  readonly address: string;
  readonly connections: Connections;
}

/** The first one has no number: a single instance keeps the id it had before there could be several. */
function numbered(id: string, number: number): string {
  return number === 1 ? id : `${id}${number}`;
}

/** Fault domains in turn, shifted by one in each round: a region with three availability domains uses all of them too. */
function faultDomain(number: number): string {
  const index = number - 1;
  return `FAULT-DOMAIN-${((index + Math.floor(index / faultDomains)) % faultDomains) + 1}`;
}
