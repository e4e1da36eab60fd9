import { GenerativeAiHostedApplication } from '@cdktf/provider-oci/lib/generative-ai-hosted-application';
import { GenerativeAiHostedApplicationIam } from '@cdktf/provider-oci/lib/generative-ai-hosted-application-iam';
import { GenerativeAiHostedDeployment } from '@cdktf/provider-oci/lib/generative-ai-hosted-deployment';
import { Token } from 'cdktf';
import type { Construct } from 'constructs';
import { qualifiedNameOf } from '../core/names';
import { regionOf } from '../core/region';
import { checkPattern, checkPort, reportFault } from '../core/validation';
import { Grant } from '../iam/grant';
import { IdentityPolicy } from '../iam/identity-policy';
import { PolicyVerb } from '../iam/policy-statement';
import type { IGrantable, IPrincipal } from '../iam/principal';
import { ResourcePrincipal } from '../iam/resource-principal';
import type { ImageRepository } from '../mcp/container-image';
import type { KubernetesSecretKey } from '../mcp/kubernetes-secret';
import type { HttpMcpEndpoint } from '../mcp/mcp-endpoint';
import type { IHostedWorkload, IMcpHosting } from '../mcp/mcp-hosting';
import { McpTransport } from '../mcp/mcp-transport';
import type { McpWorkload } from '../mcp/mcp-workload';
import type { Connections } from '../network/connections';
import { NetworkSecurityGroup } from '../network/network-security-group';
import type { IPrivateNetwork } from '../network/private-network';
import { refuseClusterSecret } from './cluster-secret';
import { dockerArtifact } from './hosted-applications/docker-artifact';
import {
  checkHostedApplicationAuth,
  type HostedApplicationAuth,
  outboundAuthOf,
} from './hosted-applications/hosted-application-auth';
import {
  checkScaling,
  type HostedApplicationScaling,
  scalingConfig,
} from './hosted-applications/hosted-application-scaling';
import { type HostedApplicationStorage, storageConfigs } from './hosted-applications/hosted-application-storage';
import { checkHostedEnvironment, hostedEnvironment } from './hosted-applications/hosted-environment';
import { permitImagePull } from './image-pull';
import { ServiceConnections } from './service-connections';

/**
 * The port a container has to serve, on every address.
 * @see https://docs.oracle.com/en-us/iaas/Content/generative-ai/prepare-artifacts.htm
 */
const containerPort = 8080;

/**
 * What policies call what runs in a hosted application. Its container acts as one of them, which is not said to be the same
 * one for each kind of application.
 * @see https://docs.oracle.com/en-us/iaas/Content/generative-ai/deploy-permissions.htm
 */
const principalTypes = [
  'generativeaihostedapplication',
  'generativeaihostedapplicationiam',
  'generativeaihosteddeployment',
];

export interface HostedApplicationHostingProps {
  /** OCID of the compartment. */
  readonly compartmentId: string;
  /** How callers prove themselves. */
  readonly auth: HostedApplicationAuth;
  /** Number of replicas. @default - one: sessions live in the memory of a replica */
  readonly scaling?: HostedApplicationScaling;
  /** Storage which the service manages, at most two. @default - none */
  readonly storages?: readonly HostedApplicationStorage[];
  /**
   * Network from whose subnet the workload calls others. Changing it replaces the application.
   * @default - egress of the service's own, to the internet only
   */
  readonly network?: IPrivateNetwork;
  /** TCP ports the workload may reach anywhere by way of `network`, beside the paths which this stack opens. @default [443] */
  readonly egressPorts?: readonly number[];
  /** OCID of a Generative AI private endpoint, in place of the public one. It needs `host`. @default - public */
  readonly privateEndpointId?: string;
  /** Region in the endpoint's host name. @default - the region of the stack's OCI provider */
  readonly region?: string;
  /**
   * Host name of the endpoint.
   * @default - `inference.generativeai.<region>.oci.oraclecloud.com`
   * @see https://docs.oracle.com/en-us/iaas/Content/generative-ai/use-applications.htm
   */
  readonly host?: string;
  /** Whether the image must pass vulnerability scanning before it runs. @default false */
  readonly requireVulnerabilityScan?: boolean;
  /**
   * The private repository of the image. Hosted applications of this compartment are permitted to pull from it.
   * @default - the repository the image itself names; without one it is public, or permitted outside this stack
   */
  readonly imageRepository?: ImageRepository;
  /**
   * The dynamic group which the workload belongs to.
   * @default - policies name every hosted application of the compartment: give each that has permissions a compartment of
   * its own
   */
  readonly dynamicGroup?: IPrincipal;
}

/**
 * Oracle's managed container hosting for MCP servers: a hosted application of OCI Generative AI, and a deployment of one
 * image in it. The image is for amd64, serves port 8080 on every address, answers 200 to `GET /ready` and `GET /health`, and
 * answers with server-sent events where the request accepts them, as every MCP client's does.
 *
 * @example
 * new HostedApplicationHosting({ compartmentId, auth: HostedApplicationAuth.ociSignature() });
 */
export class HostedApplicationHosting implements IMcpHosting {
  public constructor(private readonly props: HostedApplicationHostingProps) {}

  public bind(scope: Construct, _name: string, workload: McpWorkload): IHostedWorkload {
    return new HostedApplication(scope, workload, this.props);
  }
}

class HostedApplication implements IHostedWorkload {
  public readonly endpoint: HttpMcpEndpoint;
  public readonly connections: Connections;
  public readonly grantPrincipal: IPrincipal;
  public readonly signingMethod = 'resource_principal';
  public readonly primaryResource: GenerativeAiHostedDeployment;
  public readonly mostReplicas: number;

  public constructor(
    private readonly scope: Construct,
    workload: McpWorkload,
    private readonly props: HostedApplicationHostingProps,
  ) {
    const { auth, compartmentId, network, storages = [] } = props;
    checkHostedApplication(scope, props, workload);
    checkHostedEnvironment(
      scope,
      workload,
      storages.map(({ variable }) => variable),
    );
    const artifact = dockerArtifact(scope, workload.source);
    const group = network && new NetworkSecurityGroup(scope, 'SecurityGroup', { compartmentId, vcnId: network.vcnId });
    for (const port of props.egressPorts ?? [443]) group?.connections.allowToInternet(port);

    const displayName = qualifiedNameOf(scope, 255);
    const shared = {
      compartmentId,
      displayName,
      environmentVariables: hostedEnvironment(workload),
      networkingConfig: {
        inboundNetworkingConfig: {
          endpointMode: props.privateEndpointId === undefined ? 'PUBLIC' : 'PRIVATE',
          privateEndpointId: props.privateEndpointId,
        },
        outboundNetworkingConfig: {
          networkMode: network === undefined ? 'MANAGED' : 'CUSTOM',
          customSubnetId: network?.subnetId,
          nsgIds: group && [group.securityGroupId],
        },
      },
      scalingConfig: scalingConfig(props.scaling),
      storageConfigs: storages.length > 0 ? storageConfigs(scope, compartmentId, storages) : undefined,
    };
    const application =
      auth.kind === 'ociSignature'
        ? new GenerativeAiHostedApplicationIam(scope, 'Application', shared)
        : new GenerativeAiHostedApplication(scope, 'Application', {
            ...shared,
            inboundAuthConfig: {
              inboundAuthConfigType: 'IDCS_AUTH_CONFIG',
              idcsConfig: { domainUrl: auth.domainUrl, audience: auth.audience, scope: auth.scope },
            },
          });
    this.mostReplicas = props.scaling?.maxReplicas ?? 1;
    this.primaryResource = new GenerativeAiHostedDeployment(scope, 'Deployment', {
      compartmentId,
      displayName,
      hostedApplicationId: application.id,
      activeArtifact: {
        artifactType: 'SIMPLE_DOCKER_ARTIFACT',
        ...artifact,
        isVulnerabilityScanRequired: props.requireVulnerabilityScan ?? false,
      },
    });
    this.grantPrincipal = props.dynamicGroup ?? ResourcePrincipal.inCompartment(scope, principalTypes, compartmentId);
    this.permitDeploying(workload);
    this.connections = new ServiceConnections(scope, 'HostedApplicationHosting', group);
    const collection = auth.kind === 'ociSignature' ? 'hostedApplicationsIam' : 'hostedApplications';
    this.endpoint = {
      transport: McpTransport.STREAMABLE_HTTP,
      url: `https://${this.host()}/20251112/${collection}/${application.id}/actions/invoke${workload.path}`,
      outboundAuth: outboundAuthOf(scope, auth),
    };
  }

  /**
   * Permits signed calls of every hosted application in the compartment: whether a condition can name one is not documented.
   * With an identity domain the token is the permission.
   *
   * Oracle's pages list no permission for a call. This one is what a public deployment guide of such an application uses for
   * signed calls from a Container Instance.
   */
  public grantInvoke(grantee: IGrantable): Grant {
    if (this.props.auth.kind !== 'ociSignature') return Grant.none();
    return IdentityPolicy.allow({
      grantee,
      permissions: ['GENERATIVE_AI_HOSTED_DEPLOYMENT_INVOKE'],
      compartmentId: this.props.compartmentId,
      askedBy: this.scope,
    });
  }

  public mountSecret(secret: KubernetesSecretKey): string {
    return refuseClusterSecret(this.scope, 'a hosted application', secret);
  }

  private host(): string {
    const { host, region } = this.props;
    return host ?? `inference.generativeai.${region ?? regionOf(this.scope)}.oci.oraclecloud.com`;
  }

  /** What the service needs before it can start the container: the image, and the report about it. */
  private permitDeploying(workload: McpWorkload): void {
    const { imageRepository, requireVulnerabilityScan } = this.props;
    const named = workload.source.kind === 'image' ? workload.source.repository : undefined;
    const repository = imageRepository ?? named;
    if (repository === undefined) return;
    const puller = this.primaryResource;
    permitImagePull(this.scope, { ...this.props, repository, principalType: principalTypes, puller });
    if (!requireVulnerabilityScan) return;
    IdentityPolicy.allow({
      grantee: this,
      verb: PolicyVerb.READ,
      resourceType: 'vss-family',
      compartmentId: repository.compartmentId,
    }).applyBefore(puller);
  }
}

function checkHostedApplication(scope: Construct, props: HostedApplicationHostingProps, workload: McpWorkload): void {
  checkHostedApplicationAuth(scope, props.auth);
  checkScaling(scope, props.scaling);
  for (const port of props.egressPorts ?? []) checkPort(scope, 'egressPorts', port);
  checkPattern(scope, 'region', props.region, {
    pattern: /^[a-z]{2,}(-[a-z]+)+-\d+$/,
    allowed: 'a region such as "eu-frankfurt-1"',
  });
  checkPattern(scope, 'host', props.host, {
    pattern: /^[a-z0-9.-]+$/i,
    allowed: 'a host name, without a scheme and a path',
  });
  if (!Token.isUnresolved(workload.port) && workload.port !== containerPort) {
    reportFault(scope, {
      prop: 'port',
      got: workload.port,
      allowed: `${containerPort}, the port that hosted applications are called on`,
      fix: `pass port: ${containerPort}`,
    });
  }
  if (workload.transport !== McpTransport.STREAMABLE_HTTP) {
    reportFault(scope, {
      prop: 'transport',
      got: workload.transport,
      allowed: 'McpTransport.STREAMABLE_HTTP on a hosted application',
    });
  }
  checkPattern(scope, 'healthPath', workload.healthPath, {
    pattern: /^\/health$/,
    allowed: '"/health": the service asks /health and /ready, and nothing else',
  });
  if (props.privateEndpointId !== undefined && props.host === undefined) {
    reportFault(scope, {
      prop: 'host',
      got: undefined,
      allowed: 'the host name of the private endpoint',
      fix: 'pass host: it is <prefix>.pe.inference.generativeai.<region>.oci.oraclecloud.com',
    });
  }
  if (workload.secretDirectories.length > 0) {
    reportFault(scope, {
      prop: 'secretDirectories',
      got: workload.secretDirectories.map(({ path }) => path),
      allowed: 'none: a hosted application mounts no files',
      fix: 'let the server read the secrets from Vault itself, or use ContainerInstanceHosting or OkeHosting',
    });
  }
}
