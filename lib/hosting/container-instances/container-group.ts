import type {
  ContainerInstancesContainerInstanceContainers as Container,
  ContainerInstancesContainerInstanceVolumes as Volume,
  ContainerInstancesContainerInstanceContainersVolumeMounts as VolumeMount,
} from '@cdktf/provider-oci/lib/container-instances-container-instance';
import { Fn, Lazy, Token } from 'cdktf';
import type { Construct } from 'constructs';
import { base64Json } from '../../core/json';
import { McpServerSource, requireImage } from '../../mcp/mcp-server-source';
import { type ConfigDirectory, environmentWithFiles } from '../../mcp/mcp-workload';
import { nonRootUser } from '../non-root-user';
import { checkContainerGroup } from './container-group-checks';
import type { ContainerGroup, ContainerGroupProps, ContainerInstanceSidecar } from './container-options';

/** Renders the containers of an instance, and reports what it does not take. */
export function containerGroup(scope: Construct, props: ContainerGroupProps): ContainerGroup {
  const { workload, sidecars } = props;
  const { image, command, args } = requireImage(scope, 'Container Instances', workload.source);
  const configs = workload.configDirectories;
  const secrets = workload.secretDirectories.map((directory, i) => ({ ...directory, name: `secret-${i + 1}` }));
  const shared = props.volumes.map((volume, i) => ({ ...volume, name: `volume-${i + 1}` }));
  const sharedMounts = shared.map(({ name, path, ...volume }) => mount(name, path, 'files' in volume));
  const group = {
    containers: [
      container({
        displayName: props.displayName,
        imageUrl: image,
        command,
        args,
        environment: environmentWithFiles(workload),
        healthChecks: [healthCheck(workload.port, workload.healthPath)],
        mounts: [
          mount('tmp', '/tmp'),
          ...[...configs, ...secrets].map(({ name, path }) => mount(name, path, true)),
          ...sharedMounts,
        ],
      }),
      ...sidecars.map((sidecar) => sidecarContainer(scope, sidecar, sharedMounts)),
      ...secrets.flatMap(({ name, path, files }) =>
        'secretName' in files
          ? []
          : container({
              displayName: `fetch-${name}`,
              imageUrl: files.fetcherImage,
              args: [
                'fetch-secrets',
                path,
                ...Object.entries(files.vaultSecrets).map(([file, { secretId }]) => `${file}=${secretId}`),
                '--auth-method',
                'resource_principal',
                '--stay',
              ],
              mounts: [mount(`tmp-fetch-${name}`, '/tmp'), mount(name, path)],
            }),
      ),
    ],
    volumes: [
      emptyVolume('tmp'),
      ...configs.map(configVolume),
      ...shared.map((volume) =>
        'files' in volume ? filesVolume(volume.name, volume.files) : emptyVolume(volume.name, volume.empty),
      ),
      ...secrets.map(({ name }) => emptyVolume(name, 'MEMORY')),
      ...sidecars.map(({ name }) => emptyVolume(`tmp-${name}`)),
      ...secrets.map(({ name }) => emptyVolume(`tmp-fetch-${name}`)),
    ],
  };
  checkContainerGroup(scope, props, group);
  return group;
}

function sidecarContainer(scope: Construct, sidecar: ContainerInstanceSidecar, sharedMounts: VolumeMount[]): Container {
  const { name, port, healthPath, vcpus, memoryGib } = sidecar;
  const { image } = requireImage(scope, 'Container Instances', McpServerSource.image(sidecar.image));
  const limited = vcpus !== undefined || memoryGib !== undefined;
  return container({
    displayName: name,
    imageUrl: image,
    command: sidecar.command,
    args: sidecar.args,
    environment: sidecar.environment,
    healthChecks: port === undefined ? undefined : [healthCheck(port, healthPath)],
    resourceConfig: limited ? { vcpusLimit: vcpus, memoryLimitInGbs: memoryGib } : undefined,
    mounts: [mount(`tmp-${name}`, '/tmp'), ...sharedMounts],
  });
}

interface ContainerProps extends Pick<Container, 'displayName' | 'imageUrl' | 'healthChecks' | 'resourceConfig'> {
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly environment?: { readonly [name: string]: string };
  readonly mounts: VolumeMount[];
}

/** A container that is not root, has no capability and a read-only root file system, and acts as the instance. */
function container({ command, args, environment, mounts, ...props }: ContainerProps): Container {
  return {
    ...props,
    command: command && [...command],
    arguments: args && [...args],
    // Tells OCI's own tools and SDKs which identity to use.
    environmentVariables: { OCI_CLI_AUTH: 'resource_principal', ...environment },
    isResourcePrincipalDisabled: false,
    securityContext: {
      securityContextType: 'LINUX',
      isNonRootUserCheckEnabled: true,
      isRootFileSystemReadonly: true,
      runAsUser: nonRootUser,
      runAsGroup: nonRootUser,
      capabilities: { dropCapabilities: ['ALL'] },
    },
    volumeMounts: mounts,
  };
}

function mount(volumeName: string, mountPath: string, isReadOnly?: boolean): VolumeMount {
  return { volumeName, mountPath, isReadOnly: isReadOnly ? true : undefined };
}

function emptyVolume(name: string, backingStore: 'EPHEMERAL_STORAGE' | 'MEMORY' = 'EPHEMERAL_STORAGE'): Volume {
  return { name, volumeType: 'EMPTYDIR', backingStore };
}

/** A volume of files. The provider wants their content in Base64 and writes it into the state. */
function configVolume(directory: ConfigDirectory): Volume {
  const configs = () =>
    Object.entries(directory.files()).map(([fileName, content]) => ({
      file_name: fileName,
      data: base64Json(content),
    }));
  return { name: directory.name, volumeType: 'CONFIGFILE', configs: Lazy.anyValue({ produce: configs }) };
}

function filesVolume(name: string, files: { readonly [fileName: string]: string }): Volume {
  const configs = Object.entries(files).map(([fileName, text]) => ({ fileName, data: base64(text) }));
  return { name, volumeType: 'CONFIGFILE', configs };
}

function base64(text: string): string {
  return Token.isUnresolved(text) ? Fn.base64encode(text) : Buffer.from(text).toString('base64');
}

function healthCheck(port: number, path: string | undefined) {
  const check = path === undefined ? { healthCheckType: 'TCP' } : { healthCheckType: 'HTTP', path };
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
