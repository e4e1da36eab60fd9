import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import type {
  DeploymentV1SpecTemplateSpecContainer,
  DeploymentV1SpecTemplateSpecContainerEnv,
  DeploymentV1SpecTemplateSpecContainerLivenessProbe,
  DeploymentV1SpecTemplateSpecContainerVolumeMount,
  DeploymentV1SpecTemplateSpecInitContainer,
  DeploymentV1SpecTemplateSpecVolume,
} from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { Fn, Lazy, Token } from 'cdktf';
import type { Construct } from 'constructs';
import { jsonTemplate } from '../../core/json';
import { shorten } from '../../core/names';
import { describeFault, reportFault } from '../../core/validation';
import type { KubernetesSecretKey } from '../../mcp/kubernetes-secret';
import { requireImage } from '../../mcp/mcp-server-source';
import {
  type ConfigDirectory,
  environmentWithFiles,
  type McpWorkload,
  type SecretDirectory,
} from '../../mcp/mcp-workload';
import { isVaultSecret } from '../../mcp/secret-reference';
import { nonRootUser } from '../non-root-user';
import type { IOkeCluster } from '../oke-cluster';
import { type ContainerResources, checkResources, limits } from './resources';
import { checkVirtualNodes } from './virtual-nodes';

/** The user and group of the containers, as Kubernetes' provider takes it. */
const nonRootId = String(nonRootUser);

const secretsDirectory = '/etc/mcp/secrets';

/**
 * The most bytes the files of a ConfigMap may take.
 * @see https://kubernetes.io/docs/concepts/configuration/configmap/#motivation
 */
const configMapMaxBytes = 1024 * 1024;

/** What a folder of secrets from Vault may take of the node's memory: wallets are some tens of kilobytes. */
const secretFilesMaxSize = '4Mi';

/** What a hosting on OKE lets its user say about the container. */
export interface ContainerOptions {
  /** CPU and memory of the container. @default - a tenth of a core and 128 MiB, at most one core and 512 MiB */
  readonly resources?: ContainerResources;
}

export interface PodContainerProps extends ContainerOptions {
  /** Name of the container and prefix of the names of what it mounts. */
  readonly name: string;
  readonly namespace: string;
  readonly labels: { readonly [name: string]: string };
  readonly workload: McpWorkload;
  /** Virtual nodes refuse some of what other nodes take. */
  readonly cluster: IOkeCluster;
}

/**
 * One container of a pod and the volumes it mounts: no root, no capability, a read-only root file system with a writable
 * `/tmp`, limits, and probes on its own port.
 */
export class PodContainer {
  /** Hashes of the configuration files, by annotation: a change of a file changes the pod, which restarts it. */
  public readonly annotations: { [name: string]: string } = {};
  private readonly mounts: DeploymentV1SpecTemplateSpecContainerVolumeMount[] = [];
  private readonly volumeList: DeploymentV1SpecTemplateSpecVolume[] = [];
  private readonly fetchers: DeploymentV1SpecTemplateSpecInitContainer[] = [];
  private readonly secretPaths = new Map<string, string>();

  public constructor(
    private readonly scope: Construct,
    private readonly props: PodContainerProps,
  ) {
    checkPodContainer(scope, props);
    this.mount('tmp', '/tmp', { emptyDir: {} }, false);
    for (const directory of props.workload.configDirectories) this.mountDirectory(directory);
    for (const [i, { name, path }] of (props.workload.configMaps ?? []).entries()) {
      this.mount(`config-map-${i}`, path, { configMap: { name } });
    }
    for (const [i, directory] of props.workload.secretDirectories.entries()) {
      this.mountSecretDirectory(`secret-${i}`, directory);
    }
  }

  /** The volumes of the pod that this container needs. */
  public get volumes(): DeploymentV1SpecTemplateSpecVolume[] {
    return [...this.volumeList];
  }

  /** The containers that run before this one: each fetches the files of one folder from Vault. */
  public get initContainers(): DeploymentV1SpecTemplateSpecInitContainer[] {
    return [...this.fetchers];
  }

  /** Puts one key of a Secret into a file, the same file when asked again. @returns absolute path of the file */
  public mountSecret(secret: KubernetesSecretKey): string {
    const id = `${secret.name}/${secret.key}`;
    const existing = this.secretPaths.get(id);
    if (existing !== undefined) return existing;
    const folder = `${secretsDirectory}/${this.secretPaths.size}`;
    this.mount(`key-${this.secretPaths.size}`, folder, {
      secret: { secretName: secret.name, items: [{ key: secret.key, path: secret.key }] },
    });
    this.secretPaths.set(id, `${folder}/${secret.key}`);
    return `${folder}/${secret.key}`;
  }

  /** The container, with what is mounted so far. */
  public render(): DeploymentV1SpecTemplateSpecContainer {
    const { name, workload } = this.props;
    const { image, command, args } = requireImage(this.scope, 'OKE', workload.source);
    return {
      name,
      image,
      command: command && [...command],
      args: args && [...args],
      imagePullPolicy: 'IfNotPresent',
      port: [{ name: 'mcp', containerPort: workload.port, protocol: 'TCP' }],
      env: this.environment(),
      resources: limits(this.props.cluster, this.props.resources),
      livenessProbe: probe(workload.port, workload.healthPath),
      readinessProbe: probe(workload.port, workload.healthPath),
      startupProbe: { ...probe(workload.port, workload.healthPath), periodSeconds: 2, failureThreshold: 60 },
      securityContext: securityContext(this.props.cluster),
      volumeMount: this.mounts.map((mount) => ({ ...mount })),
    };
  }

  private environment(): DeploymentV1SpecTemplateSpecContainerEnv[] {
    const { workload } = this.props;
    const plain = Object.entries(environmentWithFiles(workload)).map(([name, value]) => ({ name, value }));
    const secret = Object.entries(workload.secretEnvironment).flatMap(([name, key]) =>
      isVaultSecret(key) ? [] : [{ name, valueFrom: { secretKeyRef: { name: key.name, key: key.key } } }],
    );
    return [...plain, ...secret];
  }

  private mountDirectory(directory: ConfigDirectory): void {
    const name = shorten(`${this.props.name}-${directory.name}`, 63);
    const { namespace, labels } = this.props;
    this.scope.node.addValidation({ validate: () => sizeFaults(directory) });
    const configMap = new ConfigMapV1(this.scope, `ConfigMap-${directory.name}`, {
      metadata: { name, namespace, labels },
      // The API server keeps no empty map, which would be a change at every plan.
      data: Token.asStringMap(Lazy.anyValue({ produce: () => (isEmpty(directory) ? undefined : filesOf(directory)) })),
    });
    this.mount(directory.name, directory.path, { configMap: { name: configMap.metadata.name } });
    const data = Token.asAny(configMap.interpolationForAttribute('data'));
    this.annotations[`mcp/${directory.name}-sha256`] = Fn.sha256(Fn.jsonencode(data));
  }

  /** Secrets from Vault are fetched into memory by a container that runs before this one and ends. */
  private mountSecretDirectory(id: string, { path, files }: SecretDirectory): void {
    if ('secretName' in files) {
      this.mount(id, path, { secret: { secretName: files.secretName } });
      return;
    }
    const name = this.mount(id, path, { emptyDir: { medium: 'Memory', sizeLimit: secretFilesMaxSize } });
    const secrets = Object.entries(files.vaultSecrets).map(([file, { secretId }]) => `${file}=${secretId}`);
    this.fetchers.push({
      name: shorten(`${this.props.name}-fetch-${id}`, 63),
      image: files.fetcherImage,
      args: ['fetch-secrets', path, ...secrets, '--auth-method', 'oke_workload_identity'],
      imagePullPolicy: 'IfNotPresent',
      resources: limits(this.props.cluster, this.props.resources),
      securityContext: securityContext(this.props.cluster),
      volumeMount: [{ name, mountPath: path, readOnly: false }],
    });
  }

  /** @returns the name of the volume */
  private mount(
    id: string,
    mountPath: string,
    volume: Omit<DeploymentV1SpecTemplateSpecVolume, 'name'>,
    readOnly = true,
  ): string {
    const name = shorten(`${this.props.name}-${id}`, 63);
    if (this.mounts.some((mount) => mount.mountPath === mountPath)) {
      reportFault(this.scope, { prop: 'secretDirectories', got: mountPath, allowed: 'paths mounted once each' });
    }
    this.volumeList.push({ name, ...volume });
    this.mounts.push({ name, mountPath, readOnly });
    return name;
  }
}

function filesOf(directory: ConfigDirectory): { [fileName: string]: string } {
  return Object.fromEntries(Object.entries(directory.files()).map(([name, content]) => [name, jsonTemplate(content)]));
}

function isEmpty(directory: ConfigDirectory): boolean {
  return Object.keys(directory.files()).length === 0;
}

function sizeFaults(directory: ConfigDirectory): string[] {
  const bytes = Buffer.byteLength(Object.values(filesOf(directory)).join(''));
  if (bytes <= configMapMaxBytes) return [];
  const fault = {
    prop: directory.name,
    got: `${bytes} bytes of files in ${directory.path}`,
    allowed: `at most ${configMapMaxBytes} bytes, which is what a ConfigMap holds`,
    fix: 'shorten the environment and the arguments of servers on stdio, or spread the servers over several gateways',
  };
  return [describeFault(fault)];
}

/** The security context of a pod. Whatever is left out the provider sends as false, which a restricted namespace refuses. */
export function podSecurityContext({ virtualNodes }: IOkeCluster) {
  return virtualNodes
    ? { runAsNonRoot: true, runAsUser: nonRootId, runAsGroup: nonRootId }
    : { fsGroup: nonRootId, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
}

function securityContext({ virtualNodes }: IOkeCluster) {
  return {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    runAsUser: nonRootId,
    runAsGroup: nonRootId,
    capabilities: { drop: ['ALL'] },
    seccompProfile: virtualNodes ? undefined : { type: 'RuntimeDefault' },
  };
}

function probe(port: number, path: string | undefined): DeploymentV1SpecTemplateSpecContainerLivenessProbe {
  const target = String(port);
  const check =
    path === undefined ? { tcpSocket: [{ port: target }] } : { httpGet: { path, port: target, scheme: 'HTTP' } };
  return { ...check, periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 3 };
}

function checkPodContainer(scope: Construct, props: PodContainerProps): void {
  const { workload } = props;
  if (props.cluster.virtualNodes) checkVirtualNodes(scope, workload, props.resources);
  for (const [name, secret] of Object.entries(workload.secretEnvironment)) {
    if (!isVaultSecret(secret)) continue;
    reportFault(scope, {
      prop: 'secretEnvironment',
      got: `${name} from Vault`,
      allowed: 'keys of Kubernetes Secrets on OKE',
      fix: 'let the server read the secret with its workload identity, by an OCID in environment',
    });
  }
  checkResources(scope, props.resources);
}
