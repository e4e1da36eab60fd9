import { Fn, Token } from 'cdktf';
import type { IConstruct } from 'constructs';
import { checkInteger, checkPattern, reportFault } from '../../core/validation';
import { type ImageSource, type McpServerSource, reportSource, requireImage } from '../../mcp/mcp-server-source';
import type { McpWorkload } from '../../mcp/mcp-workload';

/**
 * The most bytes all environment variables of a deployment may take, and its command with arguments: less than 2048.
 * @see https://docs.oracle.com/en-us/iaas/api/#/en/data-science/20190101/datatypes/OcirModelDeploymentEnvironmentConfigurationDetails
 */
const maxBytes = 2047;

/** Ports that the service itself uses inside the container. */
const takenPorts = [24224, 8446, 8447];

/** Tells OCI's own tools and SDKs which identity to use, and the service where a container answers health checks. */
export function environmentOf({ environment, healthPath }: McpWorkload): { [name: string]: string } {
  const health: { [name: string]: string } =
    healthPath === undefined || healthPath === '/health' ? {} : { MODEL_DEPLOY_HEALTH_ENDPOINT: healthPath };
  return { OCI_CLI_AUTH: 'resource_principal', ...health, ...environment };
}

/** How a container is started and which of its paths can be called. */
export function containerEnvironment(workload: McpWorkload, source: ImageSource) {
  const { command, args } = source;
  return {
    environmentConfigurationType: 'OCIR_CONTAINER',
    image: taggedImageOf(source),
    imageDigest: digestOf(source),
    entrypoint: command && [...command],
    cmd: args && [...args],
    serverPort: workload.port,
    healthCheckPort: workload.port,
    environmentVariables: environmentOf(workload),
    // Streams and sessions do not pass the endpoint, so GET and DELETE have nothing to do.
    customHttpEndpoints: [{ endpointUriSuffix: workload.path, httpMethods: ['POST'] }],
  };
}

function taggedImageOf({ image, taggedImage = image }: ImageSource): string {
  return taggedImage;
}

function digestOf({ image, taggedImage }: ImageSource): string | undefined {
  if (!Token.isUnresolved(image)) return image.split('@')[1];
  return taggedImage === undefined ? undefined : Fn.element(Fn.split('@', image), 1);
}

/** How the service loads `score.py`. */
export function scoreEnvironment(workload: McpWorkload) {
  return { environmentConfigurationType: 'DEFAULT', environmentVariables: environmentOf(workload) };
}

/** The image of a source, in OCI's own registry. */
export function requireOcirImage(scope: IConstruct, source: Exclude<McpServerSource, { kind: 'scoreArtifact' }>) {
  if (source.kind === 'command') {
    reportSource(scope, source, 'a container image or a score artifact on a model deployment', {
      command: 'use McpServerSource.image(…) or McpServerSource.scoreArtifact(…), or StdioHosting for a command',
    });
    return { kind: 'image', image: 'none' } as const;
  }
  const image = requireImage(scope, 'a model deployment', source);
  checkPattern(scope, 'source', taggedImageOf(image), {
    pattern: /^([a-z0-9-]+\.ocir\.io|ocir\.[a-z0-9-]+\.oci\.oraclecloud\.com)\/[^:@]+:[\w.-]+(@sha256:[0-9a-f]+)?$/,
    allowed: 'an image in OCI Container Registry by tag and digest: "fra.ocir.io/acme/logs-mcp:1.0@sha256:…"',
    fix: 'push it there, and name the tag in front of the digest',
  });
  return image;
}

/** Reports what a deployment's environment does not take, and what a workload cannot have there. */
export function checkWorkload(scope: IConstruct, workload: McpWorkload): void {
  checkEnvironmentVariables(scope, environmentOf(workload));
  checkInteger(scope, 'port', workload.port, { min: 1024, max: 65535 });
  if (takenPorts.includes(workload.port)) {
    const allowed = `another port than ${takenPorts.join(', ')}, which the service uses`;
    reportFault(scope, { prop: 'port', got: workload.port, allowed });
  }
  checkPattern(scope, 'path', workload.path, {
    pattern: workload.source.kind === 'scoreArtifact' ? /^\/mcp$/ : /^(\/[\w.~-]+)+$/,
    allowed:
      workload.source.kind === 'scoreArtifact'
        ? 'none: a score artifact is reached at /predict'
        : 'a path without a "/" at its end, of letters, digits, ".", "_", "~" and "-"',
  });
  if (workload.transport !== 'streamable_http') {
    reportFault(scope, {
      prop: 'transport',
      got: workload.transport,
      allowed: 'Streamable HTTP: a model deployment answers each request with one document',
    });
  }
  if (workload.source.kind === 'image') checkCommand(scope, workload.source);
  for (const name of Object.keys(workload.secretEnvironment)) {
    reportFault(scope, {
      prop: 'secretEnvironment',
      got: name,
      allowed: 'no secrets: environment variables of a model deployment are plain text',
      fix: 'let the server read a Vault secret with its resource principal, by an OCID in environment',
    });
  }
  const directories = [...workload.configDirectories, ...workload.secretDirectories];
  for (const { path } of directories) {
    reportFault(scope, {
      prop: 'hosting',
      got: `the folder ${path}`,
      allowed: 'workloads without folders: a model deployment mounts none, so neither can a gateway run there',
      fix: 'host this workload on OKE or on a Container Instance',
    });
  }
}

function checkEnvironmentVariables(scope: IConstruct, environment: { readonly [name: string]: string }): void {
  for (const name of Object.keys(environment)) {
    checkPattern(scope, 'environment', name, {
      pattern: /^[A-Za-z]\w{0,29}[A-Za-z0-9]$/,
      allowed: 'names of 2 to 31 letters, digits and underscores, a letter first and no underscore last',
    });
  }
  const texts = Object.entries(environment).flat();
  const bytes = texts.map((text) => (Token.isUnresolved(text) ? 0 : Buffer.byteLength(text)));
  checkBytes(scope, 'environment', bytes, 'names and values together');
}

function checkCommand(scope: IConstruct, { command = [], args = [] }: ImageSource): void {
  const bytes = [...command, ...args].map((text) => (Token.isUnresolved(text) ? 0 : Buffer.byteLength(text)));
  checkBytes(scope, 'source', bytes, 'command and arguments together');
}

function checkBytes(scope: IConstruct, prop: string, sizes: readonly number[], what: string): void {
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  if (bytes > maxBytes) reportFault(scope, { prop, got: bytes, allowed: `at most ${maxBytes} bytes of ${what}` });
}
