import type { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { Tokenization } from 'cdktf';
import type { Construct } from 'constructs';
import { reportFault } from '../core/validation';
import { Grant } from '../iam/grant';
import type { IPrincipal } from '../iam/principal';
import { WorkloadIdentity } from '../iam/workload-identity';
import type { KubernetesSecretKey } from '../mcp/kubernetes-secret';
import type { McpEndpoint } from '../mcp/mcp-endpoint';
import type { IHostedWorkload, IMcpHosting } from '../mcp/mcp-hosting';
import type { McpWorkload } from '../mcp/mcp-workload';
import type { Connections } from '../network/connections';
import { ClusterConnections } from './kubernetes/cluster-connections';
import { type ContainerOptions, PodContainer } from './kubernetes/pod';
import { clusterService, podLabels, serviceEndpoint } from './kubernetes/service';
import type { IOkeCluster } from './oke-cluster';

export interface OkeSidecarHostingProps extends ContainerOptions {
  /** The cluster on which the application runs. */
  readonly cluster: IOkeCluster;
  /** The application's Deployment, in the same stack. The server becomes one more container of its pods. */
  readonly deployment: DeploymentV1;
  /**
   * Whether the application's pods are isolated by a NetworkPolicy already, so that callers of the server need one too.
   * A first policy would close the application's own ports. @default false
   */
  readonly isolated?: boolean;
}

/**
 * A server in a container beside an application's, in the same pods: it shares their life, their address and their service
 * account. A Service of its own leads to its port.
 *
 * @example
 * new McpServer(this, 'Orders', {
 *   source: McpServerSource.image('fra.ocir.io/acme/orders-mcp@sha256:…'),
 *   hosting: new OkeSidecarHosting({ cluster, deployment: ordersApp }),
 * });
 */
export class OkeSidecarHosting implements IMcpHosting {
  public constructor(private readonly props: OkeSidecarHostingProps) {}

  public bind(scope: Construct, name: string, workload: McpWorkload): IHostedWorkload {
    return new OkeSidecar(scope, name, workload, this.props);
  }
}

class OkeSidecar implements IHostedWorkload {
  public readonly endpoint: McpEndpoint;
  public readonly connections: Connections;
  public readonly grantPrincipal: IPrincipal;
  public readonly signingMethod = 'oke_workload_identity';
  public readonly primaryResource: DeploymentV1;
  private readonly container: PodContainer;

  public constructor(
    private readonly scope: Construct,
    name: string,
    workload: McpWorkload,
    props: OkeSidecarHostingProps,
  ) {
    const { cluster, deployment } = props;
    const { spec, metadata } = deployment;
    this.primaryResource = deployment;
    const namespace = metadata.namespaceInput ?? 'default';
    const selector = spec.selector.matchLabelsInput ?? {};
    if (Object.keys(selector).length === 0) {
      reportFault(scope, {
        prop: 'deployment',
        got: 'a Deployment without spec.selector.matchLabels',
        allowed: 'a Deployment whose pods a Service can select',
        fix: 'give its selector and its pod template the same labels',
      });
    }
    const labels = podLabels(name);
    checkPlace(scope, partsOf(scope, deployment), name, workload.port);
    this.container = new PodContainer(scope, { ...props, name, namespace, labels, workload, cluster });
    this.addToPod();
    if (this.container.initContainers.length > 0) checkTokenMounted(scope, deployment);
    if (Object.keys(this.container.annotations).length > 0) {
      const pod = spec.template.metadata;
      pod.annotations = { ...pod.annotationsInput, ...this.container.annotations };
    }
    this.grantPrincipal = new WorkloadIdentity(scope, {
      clusterId: cluster.clusterId,
      clusterCompartmentId: cluster.compartmentId,
      basic: cluster.basic,
      namespace,
      serviceAccount: spec.template.spec.serviceAccountNameInput ?? 'default',
    });
    const service = clusterService(scope, { metadata: { name, namespace, labels }, selector, workload });
    this.endpoint = serviceEndpoint(service, workload);
    this.connections = new ClusterConnections(scope, {
      cluster,
      pods: { clusterId: cluster.clusterId, namespace, labels: selector },
      name,
      port: workload.port,
      governs: props.isolated && !cluster.virtualNodes ? ['Ingress'] : [],
      egressPorts: [],
    });
  }

  public grantInvoke(): Grant {
    return Grant.none();
  }

  public mountSecret(secret: KubernetesSecretKey): string {
    const path = this.container.mountSecret(secret);
    this.addToPod();
    return path;
  }

  /** Other servers may have joined since this one did, so what is there now is kept. */
  private addToPod(): void {
    const { initContainers, containers, volumes } = partsOf(this.scope, this.primaryResource);
    const pod = this.primaryResource.spec.template.spec;
    if (this.container.initContainers.length > 0) {
      pod.putInitContainer(merged(initContainers, this.container.initContainers));
    }
    pod.putContainer(merged(containers, [this.container.render()]));
    pod.putVolume(merged(volumes, this.container.volumes));
  }
}

type PodSpec = NonNullable<DeploymentV1['spec']['template']['spec']['internalValue']>;

/** The containers and volumes which a Deployment has. */
interface PodParts {
  readonly initContainers: Exclude<NonNullable<PodSpec['initContainer']>, { resolve: unknown }>;
  readonly containers: Exclude<NonNullable<PodSpec['container']>, { resolve: unknown }>;
  readonly volumes: Exclude<NonNullable<PodSpec['volume']>, { resolve: unknown }>;
}

function partsOf(scope: Construct, deployment: DeploymentV1): PodParts {
  const { initContainerInput = [], containerInput = [], volumeInput = [] } = deployment.spec.template.spec;
  if (
    Tokenization.isResolvable(initContainerInput) ||
    Tokenization.isResolvable(containerInput) ||
    Tokenization.isResolvable(volumeInput)
  ) {
    reportFault(scope, {
      prop: 'deployment',
      got: 'a Deployment whose containers or volumes are a reference',
      allowed: 'a Deployment with a list of containers known at synth',
    });
    return { initContainers: [], containers: [], volumes: [] };
  }
  return { initContainers: initContainerInput, containers: containerInput, volumes: volumeInput };
}

/** `parts` in the place of those of the same name, and new ones at the end. */
function merged<T extends { readonly name?: string }>(existing: readonly T[], parts: readonly T[]): T[] {
  const isKnown = ({ name }: T) => existing.some((each) => each.name === name);
  const replaced = existing.map((each) => parts.find(({ name }) => name === each.name) ?? each);
  return [...replaced, ...parts.filter((part) => !isKnown(part))];
}

/** Containers of one pod have names and ports of their own. */
function checkPlace(scope: Construct, { containers }: PodParts, name: string, port: number): void {
  for (const other of containers) {
    if (other.name === name) {
      reportFault(scope, {
        prop: 'id',
        got: scope.node.id,
        allowed: `ids whose derived name "${name}" no other container of the pod has`,
        fix: 'change the id',
      });
    }
    const ports = Array.isArray(other.port) ? other.port : [];
    if (ports.some(({ containerPort }) => containerPort === port)) {
      reportFault(scope, {
        prop: 'port',
        got: port,
        allowed: `a port that no other container of the pod listens on, as "${other.name}" does`,
        fix: 'pass another port, and let the server listen on it: MCP_PORT tells it',
      });
    }
  }
}

/** What fetches secrets from Vault proves itself with the token of the pods' service account. */
function checkTokenMounted(scope: Construct, { spec }: DeploymentV1): void {
  if (spec.template.spec.automountServiceAccountTokenInput !== false) return;
  reportFault(scope, {
    prop: 'deployment',
    got: 'automountServiceAccountToken: false',
    allowed: 'a Deployment whose pods get the token of their service account, with which secrets are read from Vault',
    fix: 'set automountServiceAccountToken, or take the files from a Kubernetes Secret',
  });
}
