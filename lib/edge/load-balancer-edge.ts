import { Annotations, TerraformStack, Token } from 'cdktf';
import { Construct } from 'constructs';
import { refuseSecrets } from '../core/secret-literal';
import { pathOf } from '../core/urls';
import { reportFault } from '../core/validation';
import { unhealthyReplicasAlarm } from '../mcp/balancer-alarm';
import { recordComponent } from '../mcp/component-record';
import type { IEdgeTarget, LoadBalancerTarget } from '../mcp/edge-target';
import type { IInboundAuth } from '../mcp/inbound-auth';
import type { HttpMcpEndpoint } from '../mcp/mcp-endpoint';
import { McpTransport } from '../mcp/mcp-transport';
import { serviceLog } from '../mcp/service-log';
import { AddressRange } from '../network/address-range';
import { type Connections, ExternalConnections, type PodPeer } from '../network/connections';
import { NetworkLoadBalancer, type NetworkLoadBalancerPolicy } from '../network/network-load-balancer';
import { LoadBalancer } from './load-balancer/load-balancer';
import { checkLoadBalancerEdge, checkTarget } from './load-balancer/load-balancer-checks';
import type { LoadBalancerEdgeProps } from './load-balancer/load-balancer-props';
import { ServiceLoadBalancer } from './load-balancer/service-load-balancer';
import { type Settings, settingsOf } from './load-balancer/settings';
import { WebAppFirewall } from './load-balancer/web-app-firewall';

const httpsPort = 443;

/** What an edge stands on, of whichever kind. */
type Balancer = Construct & { readonly ipAddress: string; readonly connections: Connections };

/**
 * A load balancer or network load balancer in front of a gateway or a server, which lets streams through as they come. In
 * front of pods OKE makes it for a Service; in front of Container Instances it is a resource. It is private unless told
 * otherwise.
 *
 * @example
 * const edge = new LoadBalancerEdge(this, 'LoadBalancer', { compartmentId, network, target: gateway });
 */
export class LoadBalancerEdge extends Construct implements IEdgeTarget {
  public readonly endpoint: HttpMcpEndpoint;
  public readonly connections: Connections;
  public readonly inboundAuth?: IInboundAuth;
  public readonly healthPath?: string;
  public readonly views?: readonly string[];
  public readonly restPath?: string;
  private readonly balancer?: Balancer;
  private readonly settings: Settings;

  public constructor(
    scope: Construct,
    id: string,
    private readonly props: LoadBalancerEdgeProps,
  ) {
    super(scope, id);
    refuseSecrets(this, props);
    const { target } = props;
    this.inboundAuth = target.inboundAuth;
    this.views = target.views;
    this.restPath = target.restPath;
    this.healthPath = target.loadBalancerTarget?.healthPath;
    this.settings = settingsOf(props);
    checkLoadBalancerEdge(this, props, this.settings);
    this.balancer = this.balance(target.loadBalancerTarget);
    this.node.defaultChild = this.balancer?.node.defaultChild;
    this.connections = this.balancer?.connections ?? new ExternalConnections(this);
    const everybody = () => new AddressRange(this, 'Internet', '0.0.0.0/0');
    for (const client of props.clients ?? (this.settings.isPrivate ? [] : [everybody()])) {
      this.connections.allowFrom(client);
    }
    this.endpoint = this.publicEndpoint(this.connections.defaultPort ?? httpsPort);
    this.publish(this.endpoint.url);
    recordComponent(this);
  }

  /** Address that the DNS record of `hostname` leads to. Terraform waits for it where OKE makes the balancer. */
  public get ipAddress(): string {
    return this.balancer?.ipAddress ?? 'reference.invalid';
  }

  /**
   * Tells the target under which URL clients reach it, as an edge in front of this one does.
   * @param url Public URL of the MCP endpoint; the last one told counts.
   * @returns whether the target says so: one in another stack cannot wait for a name that only Terraform knows
   */
  public publishAt(url: string): boolean {
    const { target } = this.props;
    if (TerraformStack.of(target) !== TerraformStack.of(this) && Token.isUnresolved(url)) return false;
    return target.publishAt?.(url) ?? false;
  }

  private balance(target: LoadBalancerTarget | undefined): Balancer | undefined {
    const port = this.props.port ?? (this.settings.hasTls ? httpsPort : target?.port);
    if (target === undefined || port === undefined) {
      reportFault(this, {
        prop: 'target',
        got: this.props.target.node.path,
        allowed: 'a gateway or a server on OKE or on Container Instances',
        fix: 'host it there, or put an ApiGatewayEdge in front of it',
      });
      return undefined;
    }
    checkTarget(this, this.props, this.settings, target);
    if (target.pods !== undefined) return this.balancePods(target, target.pods, port);
    return this.settings.type === 'LOAD_BALANCER'
      ? this.balanceConnections(target, port)
      : this.balancePackets(target, port);
  }

  private balancePods(target: LoadBalancerTarget, pods: PodPeer, port: number): Balancer {
    const { compartmentId, network, privateIp, tlsSecretName, nodeSecurityGroupId } = this.props;
    return new ServiceLoadBalancer(this, 'Service', {
      ...this.settings,
      compartmentId,
      vcnId: network.vcnId,
      subnetId: this.subnetId,
      target: this.props.target,
      pods,
      podPort: target.port,
      port,
      privateIp,
      tlsSecretName,
      nodeSecurityGroupId,
    });
  }

  private balancePackets(target: LoadBalancerTarget, port: number): Balancer {
    const { compartmentId, network, privateIp, monitoring } = this.props;
    const balancer = new NetworkLoadBalancer(this, 'NetworkLoadBalancer', {
      compartmentId,
      vcnId: network.vcnId,
      subnetId: this.subnetId,
      port,
      backendPort: target.port,
      healthPath: target.healthPath,
      privateIp,
      policy: this.settings.policy as NetworkLoadBalancerPolicy,
      backends: target.addresses ?? [],
      backendConnections: target.members ?? this.props.target,
    });
    unhealthyReplicasAlarm(balancer, { compartmentId, balancerId: balancer.balancerId, monitoring });
    return balancer;
  }

  private balanceConnections(target: LoadBalancerTarget, port: number): Balancer {
    const { compartmentId, network, certificateId, waf, monitoring } = this.props;
    const balancer = new LoadBalancer(this, 'LoadBalancer', {
      ...this.settings,
      compartmentId,
      vcnId: network.vcnId,
      subnetId: this.subnetId,
      port,
      protocol: waf === undefined ? 'TCP' : 'HTTP',
      certificateId,
      backendPort: target.port,
      healthPath: target.healthPath,
      backends: target.addresses ?? [],
      backendConnections: target.members ?? this.props.target,
    });
    const { loadBalancerId } = balancer;
    const firewall = waf && new WebAppFirewall(this, 'Firewall', { ...waf, compartmentId, loadBalancerId });
    this.keepLogs(loadBalancerId, firewall?.firewallId);
    unhealthyReplicasAlarm(balancer, { namespace: 'oci_lbaas', compartmentId, balancerId: loadBalancerId, monitoring });
    return balancer;
  }

  /** @see https://docs.oracle.com/en-us/iaas/Content/Logging/Reference/details_for_load_balancer_logs.htm */
  private keepLogs(loadBalancerId: string, firewallId: string | undefined): void {
    const { compartmentId, monitoring } = this.props;
    if (monitoring === undefined) return;
    const { logGroupId, logRetentionDays: retentionDays } = monitoring;
    const common = { logGroupId, retentionDays, compartmentId };
    const ofBalancer = { ...common, service: 'loadbalancer', resource: loadBalancerId };
    serviceLog(this, 'AccessLog', { ...ofBalancer, category: 'access' });
    serviceLog(this, 'ErrorLog', { ...ofBalancer, category: 'error' });
    if (firewallId !== undefined) {
      serviceLog(this, 'FirewallLog', { ...common, service: 'waf', category: 'all', resource: firewallId });
    }
  }

  private get subnetId(): string {
    const { network, subnetId } = this.props;
    return subnetId ?? (this.settings.isPrivate ? network.subnetId : (network.publicSubnetId ?? network.subnetId));
  }

  private publicEndpoint(port: number): HttpMcpEndpoint {
    const { endpoint } = this.props.target;
    const { hasTls } = this.settings;
    const host = this.props.hostname ?? this.ipAddress;
    const place = port === (hasTls ? httpsPort : 80) ? host : `${host}:${port}`;
    const { STDIO, OPENAPI } = McpTransport;
    const inner = endpoint.transport === STDIO || endpoint.transport === OPENAPI ? undefined : endpoint;
    const url = `${hasTls ? 'https' : 'http'}://${place}${pathOf(inner?.url ?? '') ?? '/mcp'}`;
    return { transport: McpTransport.STREAMABLE_HTTP, ...inner, url };
  }

  private publish(url: string): void {
    if (this.publishAt(url) || this.props.target.publishAt === undefined) return;
    Annotations.of(this).addWarning(
      'hostname: the target stands in another stack and cannot wait for this address to name it; pass hostname or privateIp',
    );
  }
}
