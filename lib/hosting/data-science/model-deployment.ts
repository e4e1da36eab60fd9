import { DatascienceModel } from '@cdktf/provider-oci/lib/datascience-model';
import { DatascienceModelDeployment } from '@cdktf/provider-oci/lib/datascience-model-deployment';
import { DatasciencePrivateEndpoint } from '@cdktf/provider-oci/lib/datascience-private-endpoint';
import type { Construct } from 'constructs';
import { qualifiedNameOf } from '../../core/names';
import { reportFault } from '../../core/validation';
import type { Grant } from '../../iam/grant';
import { IdentityPolicy } from '../../iam/identity-policy';
import { PolicyCondition } from '../../iam/policy-condition';
import { PolicyVerb } from '../../iam/policy-statement';
import { type IGrantable, type IPrincipal, principalAt } from '../../iam/principal';
import { ResourcePrincipal } from '../../iam/resource-principal';
import type { ImageRepository } from '../../mcp/container-image';
import { type HostMetrics, hostAlarms } from '../../mcp/host-metrics';
import type { KubernetesSecretKey } from '../../mcp/kubernetes-secret';
import type { McpEndpoint } from '../../mcp/mcp-endpoint';
import type { IHostedWorkload } from '../../mcp/mcp-hosting';
import { McpTransport } from '../../mcp/mcp-transport';
import type { McpWorkload } from '../../mcp/mcp-workload';
import type { IMonitoring } from '../../mcp/monitoring';
import { OutboundAuth } from '../../mcp/outbound-auth';
import { type Connections, ExternalConnections } from '../../network/connections';
import { NetworkSecurityGroup, SecurityGroupConnections } from '../../network/network-security-group';
import { refuseClusterSecret } from '../cluster-secret';
import { modelDeploymentMetrics } from '../host-metrics';
import { permitImagePull } from '../image-pull';
import { type CondaEnvironment, publishedBucketOf } from './conda-environment';
import { permitAttaching } from './data-science-network';
import { DeploymentLogs, type DeploymentLogsProps } from './deployment-logs';
import { containerEnvironment, requireOcirImage, scoreEnvironment } from './environment';
import { scalingPolicyOf, shapeOf } from './instances';
import { ModelArtifact } from './model-artifact';
import type { ModelDeploymentHostingProps } from './model-deployment-props';
import { projectIn } from './project';
import { type ArtifactFiles, scoreArtifact } from './score-artifact';

/** What policies call a model deployment. */
const principalType = 'datasciencemodeldeployment';

/** The port of every endpoint of the service. */
const https = 443;

/** What a deployment runs: the content of its model, how that is started, and where it comes from. */
interface Runtime {
  readonly files: ArtifactFiles;
  readonly environment: ReturnType<typeof containerEnvironment> | ReturnType<typeof scoreEnvironment>;
  /** Path of the MCP endpoint below that of the deployment. */
  readonly path: string;
  readonly repository?: ImageRepository;
  readonly condaEnvironment?: CondaEnvironment;
}

/** A model, its deployment with logs, and a private endpoint where one is wanted. */
export class ModelDeployment implements IHostedWorkload {
  public readonly endpoint: McpEndpoint;
  public readonly connections: Connections;
  public readonly grantPrincipal: IPrincipal;
  public readonly signingMethod = 'resource_principal';
  public readonly primaryResource: DatascienceModelDeployment;
  public readonly metrics: HostMetrics;

  public constructor(
    private readonly scope: Construct,
    workload: McpWorkload,
    private readonly props: ModelDeploymentHostingProps,
  ) {
    const { compartmentId, network } = props;
    const displayName = qualifiedNameOf(scope, 255);
    const projectId = props.projectId ?? projectIn(scope, compartmentId);
    const { files, environment, path, repository, condaEnvironment } = runtimeOf(scope, workload, props);
    const artifact = new ModelArtifact(scope, 'Artifact', files);
    const model = new DatascienceModel(scope, 'Model', {
      compartmentId,
      projectId,
      displayName,
      modelArtifact: artifact.path,
      artifactContentLength: String(artifact.length),
      artifactContentDisposition: 'attachment; filename=model.zip',
      // The deployment is moved to the new model before the old one, which could not be deleted under it.
      lifecycle: { createBeforeDestroy: true },
    });
    const logs = new DeploymentLogs(scope, 'Logs', logPropsOf(props, workload.monitoring));
    const group = props.privateEndpoint && network ? this.securityGroup(network.vcnId) : undefined;
    const ingress = group && network ? this.privateEndpoint(network.subnetId, group.securityGroupId) : undefined;

    this.primaryResource = new DatascienceModelDeployment(scope, 'Deployment', {
      compartmentId,
      projectId,
      displayName,
      modelDeploymentConfigurationDetails: {
        deploymentType: 'SINGLE_MODEL',
        environmentConfigurationDetails: environment,
        modelConfigurationDetails: {
          modelId: model.id,
          bandwidthMbps: props.bandwidthMbps ?? 10,
          scalingPolicy: scalingPolicyOf(props),
          instanceConfiguration: { ...shapeOf(props), ...egressOf(props), privateEndpointId: ingress?.id },
        },
      },
      categoryLogDetails: logs.categories,
    });
    this.metrics = modelDeploymentMetrics(compartmentId, this.primaryResource.id);
    hostAlarms(scope, this.metrics, workload.monitoring);
    this.permitStarting(logs, repository, condaEnvironment);
    this.connections = group
      ? new SecurityGroupConnections(group, group.securityGroupId, { port: https })
      : new ExternalConnections(scope, https);
    this.grantPrincipal = props.dynamicGroup ?? ResourcePrincipal.byId(scope, principalType, this.primaryResource.id);
    const base = ingress
      ? `https://${ingress.fqdn}/${this.primaryResource.id}`
      : this.primaryResource.modelDeploymentUrl;
    this.endpoint = {
      transport: McpTransport.STREAMABLE_HTTP,
      url: `${base}/predict${path}`,
      outboundAuth: OutboundAuth.ociSignature(),
      jsonOnly: true,
    };
  }

  /**
   * No variable of the policy language is documented that names one deployment, so this permits calling every deployment of
   * the compartment.
   * @see https://docs.oracle.com/en-us/iaas/data-science/using/model-dep-policies-auth.htm
   */
  public grantInvoke(grantee: IGrantable): Grant {
    const permissions = ['DATA_SCIENCE_MODEL_DEPLOYMENT_PREDICT'];
    return IdentityPolicy.allow({
      grantee,
      permissions,
      compartmentId: this.props.compartmentId,
      askedBy: this.scope,
    });
  }

  public mountSecret(secret: KubernetesSecretKey): string {
    return refuseClusterSecret(this.scope, 'a model deployment', secret);
  }

  private securityGroup(vcnId: string): NetworkSecurityGroup {
    return new NetworkSecurityGroup(this.scope, 'SecurityGroup', {
      compartmentId: this.props.compartmentId,
      vcnId,
      port: https,
    });
  }

  private privateEndpoint(subnetId: string, securityGroupId: string): DatasciencePrivateEndpoint {
    return new DatasciencePrivateEndpoint(this.scope, 'PrivateEndpoint', {
      compartmentId: this.props.compartmentId,
      displayName: qualifiedNameOf(this.scope, 255),
      dataScienceResourceType: 'MODEL_DEPLOYMENT',
      subnetId,
      nsgIds: [securityGroupId],
    });
  }

  /**
   * What the deployment needs before it starts. It has no OCID then, so without a dynamic group the policies name every
   * deployment of its compartment. They stand here and not at the group: they name its logs, so that whatever else waits for
   * the group's policies would form a circle with them, and so would its stack.
   */
  private permitStarting(logs: DeploymentLogs, repository?: ImageRepository, environment?: CondaEnvironment): void {
    const { scope, props, primaryResource } = this;
    const { compartmentId } = props;
    const dynamicGroup = props.dynamicGroup && principalAt(scope, props.dynamicGroup);
    const grantPrincipal = dynamicGroup ?? ResourcePrincipal.inCompartment(scope, principalType, compartmentId);
    logs.grantWrite({ grantPrincipal }).applyBefore(primaryResource);
    if (repository !== undefined) {
      permitImagePull(scope, { compartmentId, dynamicGroup, repository, principalType, puller: primaryResource });
    }
    const bucket = environment && publishedBucketOf(environment);
    if (bucket !== undefined) {
      IdentityPolicy.allow({
        grantee: { grantPrincipal },
        verb: PolicyVerb.READ,
        resourceType: 'objects',
        compartmentId: environment?.compartmentId ?? compartmentId,
        conditions: [PolicyCondition.equals('target.bucket.name', bucket)],
      }).applyBefore(primaryResource);
    }
    const { network, networkCompartmentId = compartmentId } = props;
    if (network !== undefined && networkAccessOf(props) === 'CUSTOM_NETWORKING') {
      permitAttaching(scope, { network, compartmentId: networkCompartmentId }, primaryResource);
    }
  }
}

function runtimeOf(scope: Construct, workload: McpWorkload, props: ModelDeploymentHostingProps): Runtime {
  const { source } = workload;
  if (source.kind === 'scoreArtifact') {
    const condaEnvironment = props.condaEnvironment ?? missingEnvironment(scope);
    const files = scoreArtifact(scope, source, condaEnvironment);
    return { files, environment: scoreEnvironment(workload), path: '', condaEnvironment };
  }
  const image = requireOcirImage(scope, source);
  return {
    files: new Map([['README.txt', Buffer.from('The container image is the model.\n')]]),
    environment: containerEnvironment(workload, image),
    path: workload.path,
    repository: props.imageRepository ?? image.repository,
  };
}

/** The deployment's own log group, that of the monitoring, or one for each deployment. */
function logPropsOf(props: ModelDeploymentHostingProps, monitoring: IMonitoring | undefined): DeploymentLogsProps {
  const { compartmentId, logGroupId, logRetentionDays = monitoring?.logRetentionDays } = props;
  const shared = { retentionDays: logRetentionDays, logGroupId: logGroupId ?? monitoring?.logGroupId };
  if (logGroupId !== undefined || monitoring === undefined) return { ...shared, compartmentId };
  return { ...shared, compartmentId: monitoring.logCompartmentId };
}

function missingEnvironment(scope: Construct): CondaEnvironment {
  reportFault(scope, {
    prop: 'condaEnvironment',
    got: undefined,
    allowed: 'a conda environment that holds the packages of the server, for a score artifact',
    fix: 'publish one with the mcp package, or use McpServerSource.image(…)',
  });
  return { path: 'oci://none@none/none', pythonVersion: '3.12' };
}

function egressOf(props: ModelDeploymentHostingProps) {
  const networkAccessType = networkAccessOf(props);
  const custom = networkAccessType === 'CUSTOM_NETWORKING';
  return { networkAccessType, subnetId: custom ? props.network?.subnetId : undefined };
}

function networkAccessOf({ network, egress = network ? 'network' : 'internet' }: ModelDeploymentHostingProps): string {
  if (egress === 'network') return 'CUSTOM_NETWORKING';
  return egress === 'internet' ? 'MANAGED_NETWORKING_INTERNET_ACCESS' : 'MANAGED_NETWORKING_NO_INTERNET_ACCESS';
}
