import { Token } from 'cdktf';
import type { Construct } from 'constructs';
import { checkPattern, checkPort, checkVariableName, reportFault } from '../../core/validation';
import { refuseConfigMaps } from '../../mcp/mounted-config-map';
import { isVaultSecret } from '../../mcp/secret-reference';
import type { ContainerGroup, ContainerGroupProps } from './container-options';

/**
 * The most bytes all environment variables of a container may take, and all its arguments.
 * @see https://docs.oracle.com/en-us/iaas/api/#/en/container-instances/20210415/datatypes/CreateContainerDetails
 */
const containerMaxBytes = 64 * 1024;

/**
 * The most volumes an instance may have.
 * @see https://docs.oracle.com/en-us/iaas/api/#/en/container-instances/20210415/datatypes/CreateContainerInstanceDetails
 */
const volumesMax = 32;

/** Reports what an instance refuses of its containers and volumes, as they are rendered. */
export function checkContainerGroup(scope: Construct, props: ContainerGroupProps, group: ContainerGroup): void {
  checkSecrets(scope, props);
  checkSidecars(scope, props);
  for (const [i, container] of group.containers.entries()) {
    const of = i === 0 ? '' : `${container.displayName}: `;
    const bytesOf = (texts: readonly string[]) => Buffer.byteLength(texts.join(''));
    const sizes = {
      [`${of}environment`]: bytesOf(Object.entries(container.environmentVariables ?? {}).flat()),
      [`${of}args`]: bytesOf(container.arguments ?? []),
    };
    for (const [prop, bytes] of Object.entries(sizes)) {
      if (bytes <= containerMaxBytes) continue;
      const what = prop.endsWith('args') ? 'arguments' : 'names and values';
      reportFault(scope, {
        prop,
        got: bytes,
        allowed: `at most ${containerMaxBytes} bytes of ${what} together`,
      });
    }
  }
  if (group.volumes.length > volumesMax) {
    reportFault(scope, {
      prop: 'volumes',
      got: `${group.volumes.length} with those that this library adds`,
      allowed: `at most ${volumesMax} volumes in an instance`,
    });
  }
  for (const { path } of props.volumes) {
    checkPattern(scope, 'volumes.path', path, {
      pattern: /^\/[^:]*$/,
      allowed: 'absolute paths without colons, such as "/var/cache/mcp"',
    });
  }
  for (const volume of props.volumes) {
    for (const fileName of 'files' in volume ? Object.keys(volume.files) : []) {
      checkPattern(scope, 'volumes.files', fileName, {
        pattern: /^(?!\.\.?$)[A-Za-z0-9._-]+$/,
        allowed: 'file names of letters, digits, periods, hyphens and underscores',
      });
    }
  }
  const { configDirectories, secretDirectories } = props.workload;
  const paths = [{ path: '/tmp' }, ...configDirectories, ...secretDirectories, ...props.volumes].map(
    ({ path }) => path,
  );
  for (const path of repeated(paths)) {
    reportFault(scope, { prop: 'volumes', got: path, allowed: 'paths mounted once each' });
  }
}

function checkSidecars(scope: Construct, { sidecars, workload }: ContainerGroupProps): void {
  for (const { name, port, environment = {} } of sidecars) {
    for (const variable of Object.keys(environment)) checkVariableName(scope, 'sidecars.environment', variable);
    checkPattern(scope, 'sidecars.name', name, {
      pattern: /^(?!fetch-secret-)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
      allowed: 'at most 63 lower case letters, digits and hyphens, and no "fetch-secret-" in front',
    });
    checkPort(scope, 'sidecars.port', port);
  }
  for (const name of repeated(sidecars.map((sidecar) => sidecar.name))) {
    reportFault(scope, { prop: 'sidecars.name', got: name, allowed: 'a name of its own for each container' });
  }
  for (const port of repeated([workload.port, ...sidecars.flatMap((sidecar) => sidecar.port ?? [])])) {
    reportFault(scope, {
      prop: 'sidecars.port',
      got: port,
      allowed: 'a port of its own for each container: those of an instance share one address',
    });
  }
}

function checkSecrets(scope: Construct, { workload }: ContainerGroupProps): void {
  for (const [name, secret] of Object.entries(workload.secretEnvironment)) {
    reportFault(scope, {
      prop: 'secretEnvironment',
      got: name,
      allowed: isVaultSecret(secret)
        ? 'no secrets: a Container Instance takes none into variables'
        : 'secrets from Kubernetes on OKE only',
      fix: 'let the server read a Vault secret with its resource principal, by an OCID in environment',
    });
  }
  refuseConfigMaps(scope, 'a Container Instance', workload.configMaps);
  for (const { path, files } of workload.secretDirectories) {
    if (!('secretName' in files)) continue;
    reportFault(scope, {
      prop: 'secretDirectories',
      got: `the Kubernetes secret ${files.secretName} at ${path}`,
      allowed: 'secrets in Vault: a Container Instance has no access to a cluster',
      fix: 'pass { vaultSecrets, fetcherImage }',
    });
  }
}

/** What stands in a list more than once; references are never the same as anything. */
function repeated<T>(values: readonly T[]): Set<T> {
  return new Set(values.filter((value, i) => !Token.isUnresolved(value) && values.indexOf(value) !== i));
}
