import {
  ContainerInstancesContainerInstance,
  type ContainerInstancesContainerInstanceVolumes,
} from '@cdktf/provider-oci/lib/container-instances-container-instance';
import { DataOciCoreVnic } from '@cdktf/provider-oci/lib/data-oci-core-vnic';
import { DataOciIdentityAvailabilityDomains } from '@cdktf/provider-oci/lib/data-oci-identity-availability-domains';
import { Lazy } from 'cdktf';
import type { Construct } from 'constructs';
import { base64Json } from '../core/json';
import { qualifiedNameOf } from '../core/names';
import { checkInteger, checkNumber, checkPattern, checkPort, reportFault } from '../core/validation';
import { Grant } from '../iam/grant';
import type { IPrincipal } from '../iam/principal';
import { ResourcePrincipal } from '../iam/resource-principal';
import type { ImageRepository } from '../mcp/container-image';
import type { KubernetesSecretKey } from '../mcp/kubernetes-secret';
import type { McpEndpoint } from '../mcp/mcp-endpoint';
import type { IHostedWorkload, IMcpHosting } from '../mcp/mcp-hosting';
import { requireImage } from '../mcp/mcp-server-source';
import { type ConfigDirectory, environmentWithFiles, type McpWorkload } from '../mcp/mcp-workload';
import type { Connections } from '../network/connections';
import { NetworkSecurityGroup, SecurityGroupConnections } from '../network/network-security-group';
import type { IPrivateNetwork } from '../network/private-network';
import { permitImagePull } from './image-pull';
import { nonRootUser } from './non-root-user';

/**
 * The most bytes all environment variables of a container may take.
 * @see https://docs.oracle.com/en-us/iaas/api/#/en/container-instances/20210415/datatypes/CreateContainerDetails
 */
const environmentMaxBytes = 64 * 1024;

/** What policies call a Container Instance. */
const principalType = 'computecontainerinstance';

/** When a stopped container is started again. */
export type ContainerRestartPolicy = 'ALWAYS' | 'ON_FAILURE' | 'NEVER';

export interface ContainerInstanceHostingProps {
  /** Network and private subnet. */
  readonly network: IPrivateNetwork;
  /** OCID of the compartment. */
  readonly compartmentId: string;
  /** Availability domain. @default - the first of the region, looked up */
  readonly availabilityDomain?: string;
  /** Flexible shape, one that the region offers. @default "CI.Standard.E4.Flex" */
  readonly shape?: string;
  /** OCPUs, at least 1. @default 1 */
  readonly ocpus?: number;
  /** Memory in GiB, at least 1. @default 2 */
  readonly memoryGib?: number;
  /**
   * Private address inside the subnet. Most changes replace the instance, and a replaced one keeps its address only when it
   * is pinned here. @default - assigned by the subnet and looked up after each replacement
   */
  readonly privateIp?: string;
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

/**
 * A Container Instance in a private subnet, with a network security group of its own that starts closed, no root, a
 * read-only root file system and its own resource principal.
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
    return new ContainerInstance(scope, workload, this.props);
  }
}

class ContainerInstance implements IHostedWorkload {
  public readonly endpoint: McpEndpoint;
  public readonly connections: Connections;
  public readonly grantPrincipal: IPrincipal;
  public readonly signingMethod = 'resource_principal';
  public readonly primaryResource: ContainerInstancesContainerInstance;

  public constructor(
    private readonly scope: Construct,
    workload: McpWorkload,
    props: ContainerInstanceHostingProps,
  ) {
    checkContainerInstance(scope, props, workload);
    const { compartmentId, network } = props;
    const displayName = qualifiedNameOf(scope, 255);
    const { image, repository, command, args } = requireImage(scope, 'Container Instances', workload.source);
    const group = new NetworkSecurityGroup(scope, 'SecurityGroup', { compartmentId, vcnId: network.vcnId });
    for (const port of props.egressPorts ?? [443]) group.connections.allowToCidr('internet', '0.0.0.0/0', port);

    this.primaryResource = new ContainerInstancesContainerInstance(scope, 'ContainerInstance', {
      compartmentId,
      availabilityDomain: props.availabilityDomain ?? firstAvailabilityDomain(scope, compartmentId),
      displayName,
      shape: props.shape ?? 'CI.Standard.E4.Flex',
      shapeConfig: { ocpus: props.ocpus ?? 1, memoryInGbs: props.memoryGib ?? 2 },
      containerRestartPolicy: props.restartPolicy ?? 'ALWAYS',
      gracefulShutdownTimeoutInSeconds: String(props.shutdownSeconds ?? 30),
      vnics: [
        {
          subnetId: network.subnetId,
          nsgIds: [group.securityGroupId],
          isPublicIpAssigned: false,
          displayName,
          privateIp: props.privateIp,
        },
      ],
      containers: [
        {
          displayName,
          imageUrl: image,
          command: command && [...command],
          arguments: args && [...args],
          environmentVariables: environmentOf(workload),
          isResourcePrincipalDisabled: false,
          healthChecks: [healthCheck(workload)],
          securityContext: {
            securityContextType: 'LINUX',
            isNonRootUserCheckEnabled: true,
            isRootFileSystemReadonly: true,
            runAsUser: nonRootUser,
            runAsGroup: nonRootUser,
            capabilities: { dropCapabilities: ['ALL'] },
          },
          volumeMounts: [
            { volumeName: 'tmp', mountPath: '/tmp' },
            ...workload.configDirectories.map(({ name, path }) => ({
              volumeName: name,
              mountPath: path,
              isReadOnly: true,
            })),
          ],
        },
      ],
      volumes: [
        { name: 'tmp', volumeType: 'EMPTYDIR', backingStore: 'EPHEMERAL_STORAGE' },
        ...workload.configDirectories.map(configVolume),
      ],
    });
    const pulledFrom = props.imageRepository ?? repository;
    if (pulledFrom !== undefined) {
      permitImagePull(scope, { ...props, repository: pulledFrom, principalType, puller: this.primaryResource });
    }
    const privateIp = props.privateIp ?? this.lookUpPrivateIp();
    this.connections = new SecurityGroupConnections(group, group.securityGroupId, {
      port: workload.port,
      cidrBlocks: [`${privateIp}/32`],
    });
    this.grantPrincipal = props.dynamicGroup ?? ResourcePrincipal.byId(scope, principalType, this.primaryResource.id);
    this.endpoint = {
      transport: workload.transport,
      url: `http://${privateIp}:${workload.port}${workload.path}`,
    };
  }

  public grantInvoke(): Grant {
    return Grant.none();
  }

  public mountSecret(secret: KubernetesSecretKey): string {
    reportFault(this.scope, {
      prop: 'hosting',
      got: `the Kubernetes secret ${secret.name}`,
      allowed: 'secrets from Kubernetes on OKE only: a Container Instance has no access to the cluster',
      fix: 'host this workload on OKE',
    });
    return '/dev/null';
  }

  /** The instance exports no address of its own: it is that of its first VNIC. */
  private lookUpPrivateIp(): string {
    const vnic = new DataOciCoreVnic(this.scope, 'Vnic', { vnicId: this.primaryResource.vnics.get(0).vnicId });
    return vnic.privateIpAddress;
  }
}

/** Tells OCI's own tools and SDKs which identity to use. */
function environmentOf(workload: McpWorkload): { [name: string]: string } {
  return { OCI_CLI_AUTH: 'resource_principal', ...environmentWithFiles(workload) };
}

function healthCheck({ port, healthPath }: McpWorkload) {
  const check = healthPath === undefined ? { healthCheckType: 'TCP' } : { healthCheckType: 'HTTP', path: healthPath };
  return {
    ...check,
    name: 'mcp',
    port,
    failureAction: 'KILL',
    initialDelayInSeconds: 30,
    intervalInSeconds: 30,
    timeoutInSeconds: 5,
    failureThreshold: 3,
    successThreshold: 1,
  };
}

/** A volume of files. The provider wants their content in Base64 and writes it into the state. */
function configVolume(directory: ConfigDirectory): ContainerInstancesContainerInstanceVolumes {
  const configs = () =>
    Object.entries(directory.files()).map(([fileName, content]) => ({
      file_name: fileName,
      data: base64Json(content),
    }));
  return { name: directory.name, volumeType: 'CONFIGFILE', configs: Lazy.anyValue({ produce: configs }) };
}

function firstAvailabilityDomain(scope: Construct, compartmentId: string): string {
  const domains = new DataOciIdentityAvailabilityDomains(scope, 'AvailabilityDomains', { compartmentId });
  return domains.availabilityDomains.get(0).name;
}

function checkContainerInstance(scope: Construct, props: ContainerInstanceHostingProps, workload: McpWorkload): void {
  checkNumber(scope, 'ocpus', props.ocpus, { min: 1, max: 64 });
  checkNumber(scope, 'memoryGib', props.memoryGib, { min: 1, max: 1024 });
  checkInteger(scope, 'shutdownSeconds', props.shutdownSeconds, { min: 0, max: 300 });
  for (const port of props.egressPorts ?? []) checkPort(scope, 'egressPorts', port);
  checkPattern(scope, 'shape', props.shape, {
    pattern: /^CI\.Standard\.[A-Z0-9]+\.Flex$/,
    allowed: 'a flexible shape such as "CI.Standard.E4.Flex"',
  });
  checkPattern(scope, 'privateIp', props.privateIp, {
    pattern: /^((25[0-5]|2[0-4]\d|1?\d?\d)(\.(?!$)|$)){4}$/,
    allowed: 'an IPv4 address inside the subnet',
  });
  for (const name of Object.keys(workload.secretEnvironment)) {
    reportFault(scope, {
      prop: 'secretEnvironment',
      got: name,
      allowed: 'secrets from Kubernetes on OKE only',
      fix: 'let the server read a Vault secret with its resource principal, by an OCID in environment',
    });
  }
  const bytes = Buffer.byteLength(Object.entries(environmentOf(workload)).flat().join(''));
  if (bytes > environmentMaxBytes) {
    reportFault(scope, {
      prop: 'environment',
      got: bytes,
      allowed: `at most ${environmentMaxBytes} bytes of names and values together`,
    });
  }
}
