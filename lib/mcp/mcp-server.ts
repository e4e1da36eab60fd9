import { Token } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { nameOf, workloadNameOf } from '../core/names';
import { refuseSecrets } from '../core/secret-literal';
import { checkPattern, checkPort, checkVariableName, reportFault } from '../core/validation';
import { Grant } from '../iam/grant';
import type { IGrantable, IPrincipal } from '../iam/principal';
import { type Connections, ExternalConnections, type IConnectable } from '../network/connections';
import { recordComponent } from './component-record';
import type { IEdgeTarget, LoadBalancerTarget } from './edge-target';
import { metricOf } from './host-metrics';
import type { HttpMcpEndpoint, McpEndpoint } from './mcp-endpoint';
import type { IHostedWorkload, IMcpHosting } from './mcp-hosting';
import type { McpServerSource } from './mcp-server-source';
import { McpTransport } from './mcp-transport';
import type { SecretDirectory } from './mcp-workload';
import type { Metric, MetricOptions } from './metric';
import type { IMonitoring } from './monitoring';
import type { IOutboundAuth } from './outbound-auth';
import { checkSecretDirectories, vaultSecretsOf } from './secret-directory';
import { isVaultSecret, permitReading, type SecretReference } from './secret-reference';

/** A server that a gateway can put behind its endpoint. */
export interface IMcpServer extends IConstruct, IConnectable {
  /** Name of the backend in the gateway, in front of its tools' names: 1 to 64 letters, digits, `-`, `_` and `.`. */
  readonly serverName: string;
  /** What the server is for, shown to operators. */
  readonly description?: string;
  readonly endpoint: McpEndpoint;
  /** Permits `grantee` to call this server, where that takes a policy. */
  grantInvoke(grantee: IGrantable): Grant;
}

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

/** Attributes of a server that runs somewhere else. */
export interface McpEndpointAttributes {
  /** URL of its MCP endpoint, with http or https. May be a reference. */
  readonly url: string;
  /** Name of the backend in the gateway. @default - derived from the construct's path */
  readonly serverName?: string;
  /** What the server is for, shown to operators. @default - none */
  readonly description?: string;
  /** @default McpTransport.STREAMABLE_HTTP */
  readonly transport?: McpTransport.STREAMABLE_HTTP | McpTransport.SSE;
  /** How the gateway proves itself to it. @default - no credentials */
  readonly outboundAuth?: IOutboundAuth;
  /** True where every message is one POST answered with one JSON document, as on a model deployment. @default false */
  readonly jsonOnly?: boolean;
  /** Headers of every request. Nothing in them may be secret. @default - none of its own */
  readonly headers?: { readonly [name: string]: string };
  /** TCP port of the URL, where the URL is a reference. @default - read from the URL; 443 for a reference */
  readonly port?: number;
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

class ExternalMcpServer extends Construct implements IMcpServer {
  public readonly serverName: string;
  public readonly description?: string;
  public readonly endpoint: HttpMcpEndpoint;
  public readonly connections: Connections;

  public constructor(scope: Construct, id: string, attributes: McpEndpointAttributes) {
    super(scope, id);
    const { url, transport = McpTransport.STREAMABLE_HTTP, outboundAuth, jsonOnly, headers } = attributes;
    checkServerName(this, attributes.serverName);
    checkPort(this, 'port', attributes.port);
    refuseSecrets(this, attributes);
    this.serverName = attributes.serverName ?? nameOf(this);
    this.description = attributes.description;
    this.endpoint = { transport, url, outboundAuth, jsonOnly, headers };
    const port = portOf(this, url);
    this.connections = new ExternalConnections(this, attributes.port ?? port);
    recordComponent(this);
  }

  public grantInvoke(): Grant {
    return Grant.none();
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

function portOf(scope: IConstruct, url: string): number {
  const https = 443;
  if (Token.isUnresolved(url)) return https;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.username && parsed.password === '') {
    reportFault(scope, {
      prop: 'url',
      got: 'a user in the URL',
      allowed: 'a URL without credentials: it lands in the state',
      fix: 'pass outboundAuth',
    });
  }
  if (parsed?.protocol === 'https:' || parsed?.protocol === 'http:') {
    return Number(parsed.port || (parsed.protocol === 'https:' ? https : 80));
  }
  reportFault(scope, { prop: 'url', got: url, allowed: 'a URL with http or https' });
  return https;
}

/** Reports a name that the gateway would not take for a backend. */
export function checkServerName(scope: IConstruct, serverName: string | undefined): void {
  checkPattern(scope, 'serverName', serverName, {
    pattern: /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/,
    allowed: '1 to 64 letters, digits, hyphens, underscores and periods, a letter or digit first',
  });
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
