import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { HorizontalPodAutoscalerV2 } from '@cdktf/provider-kubernetes/lib/horizontal-pod-autoscaler-v2';
import { PodDisruptionBudgetV1 } from '@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1';
import { ServiceAccountV1 } from '@cdktf/provider-kubernetes/lib/service-account-v1';
import { Annotations, Lazy, type TerraformResource } from 'cdktf';
import type { Construct } from 'constructs';
import { checkInteger, checkPattern, checkPort, reportFault } from '../core/validation';
import { Grant } from '../iam/grant';
import { IdentityPolicy } from '../iam/identity-policy';
import { WorkloadIdentity } from '../iam/workload-identity';
import type { LoadBalancerTarget } from '../mcp/edge-target';
import type { KubernetesSecretKey } from '../mcp/kubernetes-secret';
import type { McpEndpoint } from '../mcp/mcp-endpoint';
import type { IHostedWorkload, IMcpHosting } from '../mcp/mcp-hosting';
import type { McpWorkload } from '../mcp/mcp-workload';
import type { Connections } from '../network/connections';
import { ClusterConnections } from './kubernetes/cluster-connections';
import { type ContainerOptions, PodContainer, podSecurityContext } from './kubernetes/pod';
import { clusterService, podLabels, serviceEndpoint } from './kubernetes/service';
import type { IOkeCluster } from './oke-cluster';

/** What pods may reach anywhere unless told otherwise: HTTPS, and OKE's token exchange for workload identity. */
const defaultEgressPorts = [443, 12250];

/**
 * Seconds for which calls may still come to a pod that was told to end: nodes hear of it at the same time.
 * @see https://kubernetes.io/docs/tutorials/services/pods-and-endpoint-termination-flow/
 */
const drainDelay = 5;

/** Seconds until such a pod is killed. The gateway takes `drainDelay`, ten for calls in flight, and four for everything else. */
const terminationGracePeriodSeconds = 30;

/** Scaling by CPU load. */
export interface OkeAutoscaling {
  /** Fewest pods, at least 1. */
  readonly minReplicas: number;
  /** Most pods, at least `minReplicas`. */
  readonly maxReplicas: number;
  /** CPU load to aim at, in percent of the CPU set aside, 1 to 100. @default 70 */
  readonly targetCpuPercent?: number;
}

export interface OkeHostingProps extends ContainerOptions {
  /** The cluster, made in another stack or imported. */
  readonly cluster: IOkeCluster;
  /** Kubernetes namespace. It must exist. @default "mcp" */
  readonly namespace?: string;
  /** Fixed number of pods. @default 2, or what `autoscaling` decides */
  readonly replicas?: number;
  /** Scaling between two numbers of pods, in place of `replicas`. @default - a fixed number */
  readonly autoscaling?: OkeAutoscaling;
  /** Names of Secrets for pulling the image. @default - none: the nodes may pull it */
  readonly imagePullSecrets?: readonly string[];
  /** Nodes to run on, by label. @default - any node */
  readonly nodeSelector?: { readonly [label: string]: string };
  /**
   * TCP ports that pods may reach anywhere, beside name resolution and the paths which this stack opens.
   * @default [443, 12250] - HTTPS, and the token exchange of workload identity
   */
  readonly egressPorts?: readonly number[];
  /**
   * Whether pods get the token with which they act towards OCI.
   * @default - they do once something is granted to them
   * @see https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contenggrantingworkloadaccesstoresources.htm
   */
  readonly workloadIdentity?: boolean;
  /**
   * Whether applying waits until every pod is ready. A server that cannot start then fails the run, and Terraform
   * replaces the Deployment at the next one. @default false
   */
  readonly waitForRollout?: boolean;
}

/**
 * A Deployment on OKE behind a ClusterIP Service, with a service account of its own, a NetworkPolicy that starts closed, a
 * disruption budget, and pods spread over nodes and availability domains.
 *
 * @example
 * new OkeHosting({ cluster, namespace: 'mcp', autoscaling: { minReplicas: 2, maxReplicas: 6 } });
 */
export class OkeHosting implements IMcpHosting {
  public constructor(private readonly props: OkeHostingProps) {}

  public bind(scope: Construct, name: string, workload: McpWorkload): IHostedWorkload {
    return new OkeDeployment(scope, name, workload, this.props);
  }
}

class OkeDeployment implements IHostedWorkload {
  public readonly endpoint: McpEndpoint;
  public readonly connections: Connections;
  public readonly primaryResource: TerraformResource;
  public readonly mostReplicas: number;
  public readonly loadBalancerTarget: LoadBalancerTarget;
  private readonly deployment: DeploymentV1;
  private readonly container: PodContainer;
  public readonly grantPrincipal: WorkloadIdentity;
  public readonly signingMethod = 'oke_workload_identity';
  public readonly drainDelay = drainDelay;

  public constructor(
    private readonly scope: Construct,
    name: string,
    workload: McpWorkload,
    private readonly props: OkeHostingProps,
  ) {
    const { cluster, namespace = 'mcp' } = props;
    checkOkeHosting(scope, props);
    const labels = podLabels(name);
    const metadata = { name, namespace, labels };
    this.container = new PodContainer(scope, { ...props, name, namespace, labels, workload, cluster });
    const account = new ServiceAccountV1(scope, 'ServiceAccount', { metadata, automountServiceAccountToken: false });
    this.grantPrincipal = new WorkloadIdentity(scope, {
      clusterId: cluster.clusterId,
      clusterCompartmentId: cluster.compartmentId,
      basic: cluster.basic,
      namespace,
      serviceAccount: name,
    });
    this.deployment = new DeploymentV1(scope, 'Deployment', {
      metadata,
      waitForRollout: props.waitForRollout ?? false,
      spec: {
        replicas: props.autoscaling ? undefined : String(props.replicas ?? 2),
        selector: { matchLabels: labels },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '1', maxUnavailable: '0' } },
        template: {
          metadata: { labels, annotations: this.container.annotations },
          spec: {
            serviceAccountName: account.metadata.name,
            automountServiceAccountToken: Lazy.anyValue({ produce: () => this.usesWorkloadIdentity() }),
            enableServiceLinks: false,
            terminationGracePeriodSeconds,
            securityContext: podSecurityContext(cluster),
            nodeSelector: props.nodeSelector && { ...props.nodeSelector },
            imagePullSecrets: props.imagePullSecrets?.map((secret) => ({ name: secret })),
            topologySpreadConstraint: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
              topologyKey,
              maxSkew: 1,
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: [{ matchLabels: labels }],
            })),
            initContainer: this.container.initContainers,
            container: [this.container.render()],
            volume: this.container.volumes,
          },
        },
      },
      lifecycle: props.autoscaling ? { ignoreChanges: ['spec[0].replicas'] } : undefined,
    });
    this.primaryResource = this.deployment;
    this.mostReplicas = props.autoscaling?.maxReplicas ?? props.replicas ?? 2;
    const service = clusterService(scope, { metadata, selector: labels, workload });
    this.endpoint = serviceEndpoint(service, workload);
    const pods = { clusterId: cluster.clusterId, namespace, labels };
    this.loadBalancerTarget = { port: workload.port, healthPath: workload.healthPath, pods };
    this.connections = new ClusterConnections(scope, {
      cluster,
      pods,
      name,
      port: workload.port,
      governs: cluster.virtualNodes ? [] : ['Ingress', 'Egress'],
      egressPorts: props.egressPorts ?? defaultEgressPorts,
    });
    this.keepAvailable(metadata);
    if (cluster.virtualNodes) warnOfOpenPods(scope);
    if (props.workloadIdentity) this.grantPrincipal.requireEnhancedCluster();
  }

  public grantInvoke(): Grant {
    return Grant.none();
  }

  public mountSecret(secret: KubernetesSecretKey): string {
    const path = this.container.mountSecret(secret);
    this.deployment.spec.template.spec.putContainer([this.container.render()]);
    this.deployment.spec.template.spec.putVolume(this.container.volumes);
    return path;
  }

  private usesWorkloadIdentity(): boolean {
    return this.props.workloadIdentity ?? this.scope.node.children.some((child) => child instanceof IdentityPolicy);
  }

  private keepAvailable(metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Labels;
  }): void {
    const { autoscaling, replicas = 2 } = this.props;
    if ((autoscaling?.minReplicas ?? replicas) > 1) {
      new PodDisruptionBudgetV1(this.scope, 'DisruptionBudget', {
        metadata,
        spec: { maxUnavailable: '1', selector: { matchLabels: metadata.labels } },
      });
    }
    if (autoscaling === undefined) return;
    new HorizontalPodAutoscalerV2(this.scope, 'Autoscaler', {
      metadata,
      spec: {
        minReplicas: autoscaling.minReplicas,
        maxReplicas: autoscaling.maxReplicas,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: this.deployment.metadata.name },
        metric: [
          {
            type: 'Resource',
            resource: {
              name: 'cpu',
              target: { type: 'Utilization', averageUtilization: autoscaling.targetCpuPercent ?? 70 },
            },
          },
        ],
      },
    });
  }
}

/** @see https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengcomparingvirtualwithmanagednodes_topic.htm */
function warnOfOpenPods(scope: Construct): void {
  Annotations.of(scope).addWarning(
    'cluster: virtual nodes have no NetworkPolicy, so every pod of the cluster reaches this one and it reaches every one of them',
  );
}

type Labels = { [label: string]: string };

function checkOkeHosting(scope: Construct, props: OkeHostingProps): void {
  const { autoscaling, replicas, namespace } = props;
  checkPattern(scope, 'namespace', namespace, {
    pattern: /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    allowed: 'a Kubernetes namespace: at most 63 lower case letters, digits and hyphens',
  });
  checkInteger(scope, 'replicas', replicas, { min: 1 });
  for (const port of props.egressPorts ?? []) checkPort(scope, 'egressPorts', port);
  if (autoscaling === undefined) return;
  checkInteger(scope, 'autoscaling.minReplicas', autoscaling.minReplicas, { min: 1 });
  checkInteger(scope, 'autoscaling.maxReplicas', autoscaling.maxReplicas, {
    min: Math.max(1, autoscaling.minReplicas),
  });
  checkInteger(scope, 'autoscaling.targetCpuPercent', autoscaling.targetCpuPercent, { min: 1, max: 100 });
  if (replicas !== undefined) {
    reportFault(scope, {
      prop: 'replicas',
      got: replicas,
      allowed: 'either replicas or autoscaling',
      fix: 'remove replicas: autoscaling decides the number',
    });
  }
}
