import { Annotations, type ITerraformDependable } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { type BackendInput, type GatewayConfigInput, restPath } from 'oci-mcp-gateway/config';
import { addPreconditions } from '../core/dependencies';
import { workloadNameOf } from '../core/names';
import { refuseSecrets } from '../core/secret-literal';
import { checkInteger, reportFault } from '../core/validation';
import type { IGrantable, IPrincipal } from '../iam/principal';
import { recordComponent } from '../mcp/component-record';
import type { IEdgeTarget, LoadBalancerTarget } from '../mcp/edge-target';
import type { IMcpServer } from '../mcp/imcp-server';
import type { IInboundAuth } from '../mcp/inbound-auth';
import type { HttpMcpEndpoint } from '../mcp/mcp-endpoint';
import type { IHostedWorkload } from '../mcp/mcp-hosting';
import { McpServerSource } from '../mcp/mcp-server-source';
import { McpTransport } from '../mcp/mcp-transport';
import type { Metric, MetricOptions } from '../mcp/metric';
import { checkConfigMapNames } from '../mcp/mounted-config-map';
import type { IOAuthClient } from '../mcp/oauth';
import type { SecretLocation } from '../mcp/outbound-auth';
import { checkSecretDirectories, vaultSecretsOf } from '../mcp/secret-directory';
import { isVaultSecret, permitReading, type SecretReference } from '../mcp/secret-reference';
import type { ISharedState, SharedStateConfig } from '../mcp/shared-state';
import type { Connections } from '../network/connections';
import { type BackendOptions, backendConfig, checkBackendOptions } from './backend-options';
import { auditConfig } from './gateway-audit';
import { catalogConfig, type GatewayCatalogProps, viewFaults } from './gateway-catalog';
import { checkGatewayConfig, literalConfig } from './gateway-config';
import { configDirectories, mountedBackends, secretDirectoriesOf } from './gateway-directories';
import { type CallLimit, checkLimit, type GatewayLimits, limitsConfig } from './gateway-limits';
import { type GatewayMetricOptions, GatewayMetrics, type LatencyPercentile } from './gateway-metrics';
import { monitoringConfig, watchGateway } from './gateway-monitoring';
import type { McpGatewayProps } from './gateway-props';
import { type ToolGrantOptions, ToolGrants } from './tool-grants';

const path = '/mcp';

/** A server behind a gateway. */
export interface ConnectedServer {
  /** Name of the backend, in front of its tools' names. */
  readonly name: string;
  readonly server: IMcpServer;
  /** The server's own names of the tools that clients see. @default - all of them */
  readonly allowedTools?: readonly string[];
}

/** A gateway as rules and reports look at it. */
export interface IMcpGateway extends IEdgeTarget {
  readonly inboundAuth: IInboundAuth;
  readonly servers: readonly ConnectedServer[];
  readonly gatewayToolScopes?: readonly string[];
}

/** Whether a construct is a gateway. */
export function isGateway(construct: IConstruct): construct is IMcpGateway {
  return 'servers' in construct && 'inboundAuth' in construct && 'endpoint' in construct;
}

/**
 * One endpoint in front of many MCP servers. Its configuration is rendered from the servers it is given, so an address that
 * changes changes there too.
 *
 * @example
 * const gateway = new McpGateway(this, 'Gateway', {
 *   image: 'fra.ocir.io/acme/oci-mcp-gateway@sha256:51aa…',
 *   hosting: new OkeHosting({ cluster, namespace: 'mcp', replicas: 3 }),
 *   inboundAuth: InboundAuth.jwt({ issuer, audiences: ['mcp'], jwksUri }),
 *   backends: [logs, forecast],
 * });
 */
export class McpGateway extends Construct implements IMcpGateway, IGrantable {
  /** Where clients reach the gateway. */
  public readonly endpoint: HttpMcpEndpoint;
  public readonly connections: Connections;
  public readonly grantPrincipal: IPrincipal;
  /** What the gateway was given, with the grants that were added. */
  public readonly inboundAuth: IInboundAuth;
  private readonly toolGrants: ToolGrants;
  public readonly loadBalancerTarget?: LoadBalancerTarget;
  private readonly hosted: IHostedWorkload;
  private readonly settings: Omit<GatewayConfigInput, 'auth' | 'backends'>;
  private readonly catalog: GatewayCatalogProps;
  private readonly limits?: GatewayLimits;
  private readonly metrics: GatewayMetrics;
  private publicUrl?: string;
  private readonly backends: {
    readonly server: IMcpServer;
    readonly config: BackendInput;
    readonly limit?: CallLimit;
  }[] = [];

  public constructor(scope: Construct, id: string, props: McpGatewayProps) {
    super(scope, id);
    const { port = 9000 } = props;
    const secretDirectories = secretDirectoriesOf(props);
    const configMaps = mountedBackends(props.backendsConfigMaps);
    checkConfigMapNames(this, 'backendsConfigMaps', props.backendsConfigMaps ?? []);
    checkSecretDirectories(this, secretDirectories);
    refuseSecrets(this, props);
    checkInteger(this, 'port', port, { min: 1024, max: 65535 });
    const name = workloadNameOf(this);
    this.hosted = props.hosting.bind(this, name, {
      source: McpServerSource.image(props.image),
      port,
      path,
      transport: McpTransport.STREAMABLE_HTTP,
      healthPath: '/health',
      environment: {},
      secretEnvironment: {},
      configDirectories: configDirectories({
        settings: () => this.publishedSettings(),
        backends: () => this.backends.map(({ config }) => config),
        configMaps,
      }),
      configMaps,
      secretDirectories,
      monitoring: props.monitoring,
      // What is shared does not hold for old clients.
      sharesSessions: props.sharedState !== undefined && props.enableSse !== true,
    });
    this.endpoint = requireHttp(this, this.hosted);
    this.connections = this.hosted.connections;
    this.grantPrincipal = this.hosted.grantPrincipal;
    this.loadBalancerTarget = this.hosted.loadBalancerTarget;
    this.toolGrants = new ToolGrants(this, props.inboundAuth);
    this.inboundAuth = this.toolGrants;
    this.node.defaultChild = this.hosted.primaryResource;
    recordComponent(this, {
      gateway: () => ({
        settings: literalConfig(this.publishedSettings()),
        backends: this.backends.map(({ config }) => literalConfig(config)),
      }),
    });

    this.catalog = props;
    this.limits = props.limits;
    checkLimit(this, 'limits.client', props.limits?.client);
    for (const [tool, limit] of Object.entries(props.limits?.tools ?? {}))
      checkLimit(this, `limits.tools.${tool}`, limit);
    this.settings = {
      name: props.gatewayName ?? name,
      host: '0.0.0.0',
      port,
      path,
      log_level: props.logLevel ?? 'INFO',
      enable_sse: props.enableSse,
      rest_api: props.restApi,
      console: props.console && { enabled: true, required_scopes: [...props.console.requiredScopes] },
      drain_delay: this.hosted.drainDelay,
      oci_auth_method: this.hosted.signingMethod,
      state: props.sharedState && this.shareState(props.sharedState),
      sealing: props.sealingKey && this.sealWith(props.sealingKey),
      audit: auditConfig(this, this.hosted, props.audit, props.monitoring),
      ...(props.monitoring &&
        monitoringConfig(this, this.hosted, props.monitoring, (secret) => this.locateSecret(secret))),
    };
    this.metrics = new GatewayMetrics(this, {
      gatewayName: this.settings.name ?? name,
      monitoring: props.monitoring,
      nameOf: (server) => this.nameOf(server),
    });
    if (props.monitoring) watchGateway(this, this.hosted, this.metrics, props.monitoring);
    // Grants come later, and secrets have to be mounted now.
    const auth = this.inboundAuth.renderConfig((secret) => this.hosted.mountSecret(secret));
    refuseSecrets(this, { inboundAuth: auth });
    if (props.inboundAuth.anonymous) {
      Annotations.of(this).addWarning(
        'inboundAuth: everybody who reaches this gateway may call every tool; use InboundAuth.jwt({ issuer, audiences, jwksUri })',
      );
    }
    if (props.sealingKey === undefined) this.warnOfOwnKeys();
    this.node.addValidation({ validate: () => this.configFaults() });
    for (const secret of vaultSecretsOf(secretDirectories)) this.locateSecret(secret);
    for (const server of props.backends ?? []) this.addBackend(server);
  }

  /**
   * Puts a server behind the gateway: adds the route, opens the network path and grants the call. The path and the
   * permission exist before the gateway starts.
   *
   * @example gateway.addBackend(docs, { allowedTools: ['search'] });
   */
  public addBackend(server: IMcpServer, options: BackendOptions = {}): void {
    checkBackendOptions(this, options);
    const config = backendConfig(server, options, {
      signingMethod: this.hosted.signingMethod ?? 'resource_principal',
      locateSecret: (secret) => this.locateSecret(secret),
    });
    this.backends.push({ server, config, limit: options.limit });
    const { primaryResource, replicas = [] } = this.hosted;
    if (primaryResource === undefined) return;
    this.waitFor(server.connections.allowFrom(this));
    const grant = server.grantInvoke(this);
    grant.applyBefore(primaryResource, ...replicas);
  }

  /** Path below which it serves its tools as plain HTTP; undefined where it does not. */
  public get restPath(): string | undefined {
    return this.settings.rest_api ? restPath : undefined;
  }

  /** Names of its views: each is served at `<url>/<name>`. */
  public get views(): readonly string[] {
    return Object.keys(this.catalog.views ?? {});
  }

  /** Scopes that its own tools need besides those of `inboundAuth`; undefined where it offers none. */
  public get gatewayToolScopes(): readonly string[] | undefined {
    return this.catalog.gatewayTools?.requiredScopes;
  }

  /** The servers behind the gateway, in the order in which they were added. */
  public get servers(): readonly ConnectedServer[] {
    return this.backends.map(({ server, config: { name, allowed_tools: allowedTools } }) => ({
      name,
      server,
      ...(allowedTools && { allowedTools }),
    }));
  }

  /**
   * Tells the gateway under which URL clients reach it, as an edge in front of it does. It stands in what clients without a
   * token are told, unless `resourceUrl` of the inbound auth says otherwise.
   * @param url Public URL of the MCP endpoint; the last one told counts.
   * @returns true: it always says so
   */
  public publishAt(url: string): boolean {
    this.publicUrl = url;
    return true;
  }

  /**
   * Lets a client use tools, and from the first grant on no client any other: makes a scope known to the identity provider,
   * lets the client ask for it, and has the gateway and the edges in front of it look for it. Needs
   * {@link InboundAuth.identityDomain}. It takes a token and a network path to call, and no policy.
   *
   * @returns the scopes that the client has to ask for when it gets its token.
   * @example gateway.grantInvoke(assistant, { tools: ['logs_*', 'docs_search'] });
   */
  public grantInvoke(client: IOAuthClient, options: ToolGrantOptions): readonly string[] {
    return this.toolGrants.grant(client, options);
  }

  /** Calls of tools that were handed to a backend. */
  public metricCalls(options?: GatewayMetricOptions): Metric {
    return this.metrics.calls(options);
  }

  /** Calls that failed for whatever reason, wrong arguments of a model among them. */
  public metricErrors(options?: GatewayMetricOptions): Metric {
    return this.metrics.errors(options);
  }

  /** Calls that failed because the backend was not there, answered too late or with an error of its own. */
  public metricUnavailable(options?: GatewayMetricOptions): Metric {
    return this.metrics.unavailable(options);
  }

  /** Calls that the gateway refused because the caller's token lacks a scope. */
  public metricDenied(options?: GatewayMetricOptions): Metric {
    return this.metrics.denied(options);
  }

  /** Milliseconds that all but the slowest calls take. */
  public metricLatency(percentile: LatencyPercentile = 'p99', options?: GatewayMetricOptions): Metric {
    return this.metrics.latency(percentile, options);
  }

  /** 1 while the gateway reaches a server behind it, and 0 while it does not. */
  public metricBackendUp(backend: IMcpServer, options?: MetricOptions): Metric {
    return this.metrics.backendUp({ ...options, backend });
  }

  private nameOf(server: IMcpServer): string | undefined {
    return this.backends.find((backend) => backend.server === server)?.config.name;
  }

  /** The path to it, and the right to log in, exist before the gateway starts. */
  private shareState(state: ISharedState): SharedStateConfig {
    this.waitFor([...state.connections.allowFrom(this), ...state.preconditions]);
    return state.renderConfig({ locateSecret: (secret) => this.locateSecret(secret) });
  }

  private sealWith(key: SecretReference): GatewayConfigInput['sealing'] {
    const location = this.locateSecret(key);
    return 'file' in location ? { key_file: location.file } : { key_secret_id: location.secretId };
  }

  private warnOfOwnKeys(): void {
    const { replicas = [], mostReplicas = replicas.length + 1 } = this.hosted;
    if (mostReplicas <= 1) return;
    Annotations.of(this).addWarning(
      'sealingKey: each replica seals with a key of its own, so what a client of MCP 2026-07-28 answers begins anew at another replica than the one that asked, and tasks are unknown there; pass a secret that all replicas read',
    );
  }

  private waitFor(preconditions: readonly ITerraformDependable[]): void {
    const { primaryResource, replicas = [] } = this.hosted;
    for (const resource of primaryResource ? [primaryResource, ...replicas] : []) {
      addPreconditions(resource, preconditions);
    }
  }

  /** A secret in Vault is read by the gateway itself, any other mounted by its host. */
  private locateSecret(secret: SecretReference): SecretLocation {
    if (!isVaultSecret(secret)) return { file: this.hosted.mountSecret(secret) };
    const { primaryResource, replicas = [] } = this.hosted;
    const grant = permitReading(this, secret);
    if (primaryResource !== undefined) grant.applyBefore(primaryResource, ...replicas);
    return { secretId: secret.secretId };
  }

  private publishedSettings(): Omit<GatewayConfigInput, 'backends'> {
    const auth = this.inboundAuth.renderConfig((secret) => this.hosted.mountSecret(secret));
    const isPublished = auth.enabled !== false && !auth.resource_url && this.publicUrl !== undefined;
    return {
      ...this.settings,
      ...catalogConfig(this.catalog, (server) => this.nameOf(server)),
      limits: limitsConfig(this.limits, this.backendLimits),
      auth: isPublished ? { ...auth, resource_url: this.publicUrl } : auth,
    };
  }

  private get backendLimits(): ReadonlyMap<string, CallLimit> {
    const limited = this.backends.flatMap(({ config, limit }) => (limit ? [[config.name, limit] as const] : []));
    return new Map(limited);
  }

  private configFaults(): string[] {
    const strangers = viewFaults(this.catalog, (server) => this.nameOf(server));
    const config = { ...this.publishedSettings(), backends: this.backends.map((backend) => backend.config) };
    const faults = checkGatewayConfig(config).map((fault) => {
      const index = /^backends\[(\d+)\]/.exec(fault.path)?.[1];
      const server = index && this.backends[Number(index)]?.server.node.path;
      const origin = server ? `server ${server}` : fault.path.startsWith('auth') ? 'inboundAuth' : undefined;
      return `${fault.path}: ${fault.message}${origin ? ` (${origin})` : ''}`;
    });
    return [...faults, ...strangers];
  }
}

function requireHttp(scope: IConstruct, hosted: IHostedWorkload): HttpMcpEndpoint {
  if (hosted.endpoint.transport !== McpTransport.STDIO) return hosted.endpoint;
  reportFault(scope, { prop: 'hosting', got: 'StdioHosting', allowed: 'a hosting that clients can reach over HTTP' });
  return { transport: McpTransport.STREAMABLE_HTTP, url: 'http://reference.invalid' };
}
