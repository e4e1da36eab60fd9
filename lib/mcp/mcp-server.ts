import { Construct, type IConstruct } from 'constructs';
import { workloadNameOf } from '../core/names';
import { refuseSecrets } from '../core/secret-literal';
import { checkPattern, checkPort, checkVariableName, reportFault } from '../core/validation';
import type { Grant } from '../iam/grant';
import type { IGrantable, IPrincipal } from '../iam/principal';
import type { Connections } from '../network/connections';
import { recordComponent } from './component-record';
import type { IEdgeTarget, LoadBalancerTarget } from './edge-target';
import {
  ExternalMcpServer,
  ExternalService,
  type McpEndpointAttributes,
  type OpenApiAttributes,
} from './external-server';
import { metricOf } from './host-metrics';
import { checkServerName, type IMcpServer } from './imcp-server';
import type { McpEndpoint } from './mcp-endpoint';
import type { IHostedWorkload, IMcpHosting } from './mcp-hosting';
import type { McpServerSource } from './mcp-server-source';
import { McpTransport } from './mcp-transport';
import type { SecretDirectory } from './mcp-workload';
import type { Metric, MetricOptions } from './metric';
import type { IMonitoring } from './monitoring';
import { checkSecretDirectories, vaultSecretsOf } from './secret-directory';
import { isVaultSecret, permitReading, type SecretReference } from './secret-reference';

export interface McpServerProps {
  /** What runs. */
  readonly source: McpServerSource;
  /** Where it runs. */
  readonly hosting: IMcpHosting;
  /** Name of the backend in the gateway. @default - derived from the construct's path */
  readonly serverName?: string;
  /** What the server is for, shown to operators. @default - none */
  readonly description?: string;
  /** TCP port it listens on, 1 to 65535. @default 8000 */
  readonly port?: number;
  /** Path of its MCP endpoint. @default "/mcp", or "/sse" for SSE */
  readonly path?: string;
  /** How it is talked to over HTTP. A hosting for child processes uses stdio whatever stands here. @default McpTransport.STREAMABLE_HTTP */
  readonly transport?: McpTransport.STREAMABLE_HTTP | McpTransport.SSE;
  /** Path that answers 200 to `GET` while it is healthy. @default - the port only has to accept connections */
  readonly healthPath?: string;
  /**
   * Environment variables. They land in Terraform's state: secrets go into `secretEnvironment`.
   * @default - for an image `MCP_TRANSPORT`, `MCP_PORT` and `MCP_PATH`, which say what is asked of it; for a command none
   */
  readonly environment?: { readonly [name: string]: string };
  /** Environment variables from secrets of a kind that the hosting can pass on. @default - none */
  readonly secretEnvironment?: { readonly [name: string]: SecretReference };
  /** Folders of secret files, such as a wallet. @default - none */
  readonly secretDirectories?: readonly SecretDirectory[];
  /** Where the host's logs and alarms go. @default - wherever the hosting says */
  readonly monitoring?: IMonitoring;
}

/**
 * One MCP server: `source` says what runs, `hosting` says where. Moving it to another host changes one line.
 *
 * @example
 * const logs = new McpServer(this, 'Logs', {
 *   source: McpServerSource.image('fra.ocir.io/acme/logs-mcp@sha256:0f3a…'),
 *   hosting: new OkeHosting({ cluster, namespace: 'mcp', replicas: 2 }),
 * });
 */
export class McpServer extends Construct implements IMcpServer, IGrantable, IEdgeTarget {
  /**
   * A server that runs somewhere else, known by its URL.
   * @example McpServer.fromEndpoint(this, 'Docs', { url: 'https://docs.example/mcp' });
   */
  public static fromEndpoint(scope: Construct, id: string, attributes: McpEndpointAttributes): IMcpServer {
    return new ExternalMcpServer(scope, id, attributes);
  }

  /**
   * A service that speaks no MCP, known by its URL and an OpenAPI or Swagger document, whose operations become tools.
   * @example
   * McpServer.fromOpenApi(this, 'Orders', {
   *   url: 'https://orders.example/v1',
   *   documentUrl: 'https://orders.example/openapi.json',
   *   operations: { methods: ['GET'] },
   * });
   */
  public static fromOpenApi(scope: Construct, id: string, attributes: OpenApiAttributes): IMcpServer {
    return new ExternalService(scope, id, attributes);
  }

  public readonly serverName: string;
  public readonly description?: string;
  public readonly endpoint: McpEndpoint;
  public readonly connections: Connections;
  public readonly grantPrincipal: IPrincipal;
  public readonly loadBalancerTarget?: LoadBalancerTarget;
  private readonly hosted: IHostedWorkload;

  public constructor(scope: Construct, id: string, props: McpServerProps) {
    super(scope, id);
    const name = workloadNameOf(this);
    const { port = 8000, transport = McpTransport.STREAMABLE_HTTP } = props;
    const path = props.path ?? (transport === McpTransport.SSE ? '/sse' : '/mcp');
    checkPort(this, 'port', port);
    checkPath(this, 'path', path);
    checkPath(this, 'healthPath', props.healthPath);
    checkServerName(this, props.serverName);
    checkEnvironment(this, props);
    refuseSecrets(this, props);
    checkSecretDirectories(this, props.secretDirectories ?? []);

    this.serverName = props.serverName ?? name;
    this.description = props.description;
    this.hosted = props.hosting.bind(this, name, {
      source: props.source,
      port,
      path,
      transport,
      healthPath: props.healthPath,
      environment: { ...transportEnvironment(props.source, { transport, port, path }), ...props.environment },
      secretEnvironment: props.secretEnvironment ?? {},
      configDirectories: [],
      secretDirectories: props.secretDirectories ?? [],
      monitoring: props.monitoring,
    });
    this.endpoint = this.hosted.endpoint;
    this.connections = this.hosted.connections;
    this.grantPrincipal = this.hosted.grantPrincipal;
    this.loadBalancerTarget = this.hosted.loadBalancerTarget;
    this.node.defaultChild = this.hosted.primaryResource;
    recordComponent(this, props);
    this.permitReading(props);
  }

  public grantInvoke(grantee: IGrantable): Grant {
    return this.hosted.grantInvoke(grantee);
  }

  /** Calls, as the host counts them. */
  public metricCalls(options?: MetricOptions): Metric {
    return metricOf(this, this.hosted.metrics, 'calls', options);
  }

  /** Calls that the host answered with an error, or turned away. */
  public metricErrors(options?: MetricOptions): Metric {
    return metricOf(this, this.hosted.metrics, 'errors', options);
  }

  /** Milliseconds that calls took on the host. */
  public metricLatency(options?: MetricOptions): Metric {
    return metricOf(this, this.hosted.metrics, 'latency', options);
  }

  /** Percent of the host's processors in use. */
  public metricCpu(options?: MetricOptions): Metric {
    return metricOf(this, this.hosted.metrics, 'cpu', options);
  }

  /** Percent of the host's memory in use. */
  public metricMemory(options?: MetricOptions): Metric {
    return metricOf(this, this.hosted.metrics, 'memory', options);
  }

  /** Whatever is kept in Vault is read with the server's own identity. */
  private permitReading({ secretEnvironment = {}, secretDirectories = [] }: McpServerProps): void {
    const secrets = [...Object.values(secretEnvironment).filter(isVaultSecret), ...vaultSecretsOf(secretDirectories)];
    for (const secret of secrets) permitReading(this, secret).applyBefore(this);
  }
}

/** Tells a container which transport, port and path are expected of it, under the names that servers commonly read. */
function transportEnvironment(
  source: McpServerSource,
  asked: { readonly transport: McpTransport; readonly port: number; readonly path: string },
): { [name: string]: string } {
  if (source.kind !== 'image') return {};
  return { MCP_TRANSPORT: asked.transport, MCP_PORT: String(asked.port), MCP_PATH: asked.path };
}

function checkPath(scope: IConstruct, prop: string, path: string | undefined): void {
  checkPattern(scope, prop, path, { pattern: /^\/[^\s?#]*$/, allowed: 'a path that starts with "/"' });
}

function checkEnvironment(scope: IConstruct, props: McpServerProps): void {
  const secretNames = Object.keys(props.secretEnvironment ?? {});
  for (const name of [...Object.keys(props.environment ?? {}), ...secretNames]) {
    checkVariableName(scope, 'environment', name);
  }
  for (const name of secretNames.filter((secret) => props.environment?.[secret] !== undefined)) {
    reportFault(scope, {
      prop: 'secretEnvironment',
      got: name,
      allowed: 'names that environment does not hold as well',
      fix: `remove ${name} from environment`,
    });
  }
}
