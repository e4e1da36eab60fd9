import { FunctionsApplication } from '@cdktf/provider-oci/lib/functions-application';
import { FunctionsFunction } from '@cdktf/provider-oci/lib/functions-function';
import { Token } from 'cdktf';
import { Construct } from 'constructs';
import { qualifiedNameOf } from '../core/names';
import { Grant } from '../iam/grant';
import { IdentityPolicy } from '../iam/identity-policy';
import { PolicyCondition } from '../iam/policy-condition';
import { PolicyVerb } from '../iam/policy-statement';
import { type IGrantable, type IPrincipal, principalNamed } from '../iam/principal';
import { ResourcePrincipal } from '../iam/resource-principal';
import { permitPulling } from '../mcp/container-image';
import { type HostMetrics, hostAlarms } from '../mcp/host-metrics';
import type { KubernetesSecretKey } from '../mcp/kubernetes-secret';
import type { HttpMcpEndpoint } from '../mcp/mcp-endpoint';
import type { IHostedWorkload, IMcpHosting } from '../mcp/mcp-hosting';
import { requireImage } from '../mcp/mcp-server-source';
import { McpTransport } from '../mcp/mcp-transport';
import type { McpWorkload } from '../mcp/mcp-workload';
import type { IMonitoring, TraceDestination } from '../mcp/monitoring';
import { OutboundAuth } from '../mcp/outbound-auth';
import { serviceLog } from '../mcp/service-log';
import { type Connections, ExternalConnections } from '../network/connections';
import { NetworkSecurityGroup } from '../network/network-security-group';
import { refuseClusterSecret } from './cluster-secret';
import { checkFunction, functionConfig } from './functions/function-checks';
import { functionImage } from './functions/function-image';
import type { FunctionHostingProps } from './functions/function-props';
import { GatewayRoute } from './functions/function-route';
import { functionMetrics } from './host-metrics';
import { ServiceConnections } from './service-connections';

/**
 * A function of OCI Functions: it runs only while it is called, and answers each message with one JSON document. The image
 * holds an adapter between the function's protocol and a stateless MCP server; the library ships one for Python and one for
 * Node.
 *
 * @example
 * new FunctionHosting({ network, compartmentId, memoryMib: 512, timeoutSeconds: 120 });
 */
export class FunctionHosting implements IMcpHosting {
  public constructor(private readonly props: FunctionHostingProps) {}

  public bind(scope: Construct, name: string, workload: McpWorkload): IHostedWorkload {
    return new McpFunction(scope, name, workload, this.props);
  }
}

class McpFunction implements IHostedWorkload {
  public readonly endpoint: HttpMcpEndpoint;
  public readonly connections: Connections;
  public readonly grantPrincipal: IPrincipal;
  public readonly signingMethod = 'resource_principal';
  public readonly primaryResource: FunctionsFunction;
  public readonly metrics: HostMetrics;
  private readonly routed: boolean;

  public constructor(
    private readonly scope: Construct,
    name: string,
    workload: McpWorkload,
    private readonly props: FunctionHostingProps,
  ) {
    const source = requireImage(scope, 'Functions', workload.source);
    checkFunction(scope, props, workload);
    const { memoryMib = 512, provisionedConcurrency, route } = props;
    const group = this.makeSecurityGroup();
    this.connections = group
      ? new ServiceConnections(scope, 'FunctionHosting', group)
      : new ExternalConnections(scope, 443);
    const config = functionConfig(workload);
    this.primaryResource = new FunctionsFunction(scope, 'Function', {
      applicationId: props.applicationId ?? this.makeApplication(group, workload.monitoring),
      displayName: qualifiedNameOf(scope, 255),
      ...functionImage(source),
      memoryInMbs: Token.isUnresolved(memoryMib) ? Token.asString(memoryMib) : String(memoryMib),
      timeoutInSeconds: props.timeoutSeconds ?? 60,
      config,
      provisionedConcurrencyConfig:
        provisionedConcurrency === undefined ? undefined : { strategy: 'CONSTANT', count: provisionedConcurrency },
      traceConfig: this.traceDomainOf(workload.monitoring) === undefined ? undefined : { isEnabled: true },
    });
    this.metrics = functionMetrics(props.compartmentId, this.primaryResource.id);
    hostAlarms(scope, this.metrics, workload.monitoring);
    // The service pulls with its own identity, before there is a function to act as.
    const puller = { grantPrincipal: principalNamed(scope, 'service FaaS') };
    permitPulling(puller, props.imageRepository ?? source.repository).applyBefore(this.primaryResource);
    this.grantPrincipal = props.dynamicGroup ?? ResourcePrincipal.byId(scope, 'fnfunc', this.primaryResource.id);
    this.routed = route !== undefined;
    this.endpoint = route
      ? new GatewayRoute(scope, name, {
          ...route,
          compartmentId: props.compartmentId,
          function: this.primaryResource,
          path: workload.path,
        }).endpoint
      : invokeEndpoint(this.primaryResource);
  }

  /**
   * Permits one call at a time to nothing but this function.
   * @see https://docs.oracle.com/en-us/iaas/Content/Functions/Tasks/functionsrestrictinguseraccess.htm
   */
  public grantInvoke(grantee: IGrantable): Grant {
    if (this.routed) return Grant.none();
    return IdentityPolicy.allow({
      grantee,
      policyScope: this.policyScopeOf(grantee),
      verb: PolicyVerb.USE,
      resourceType: 'fn-invocation',
      compartmentId: this.props.compartmentId,
      conditions: [PolicyCondition.equals('target.function.id', this.primaryResource.id)],
      askedBy: this.scope,
    });
  }

  /**
   * Policies about a dynamic group stand at the group, which may be in a stack that knows no function, and the function may
   * wait for them. One that names the function stands here instead.
   */
  private policyScopeOf({ grantPrincipal }: IGrantable): Construct | undefined {
    if (!grantPrincipal.policySubject.startsWith('dynamic-group ')) return undefined;
    const existing = this.scope.node.tryFindChild('Callers') as Construct | undefined;
    return existing ?? new Construct(this.scope, 'Callers');
  }

  public mountSecret(secret: KubernetesSecretKey): string {
    return refuseClusterSecret(this.scope, 'a function', secret);
  }

  private makeSecurityGroup(): NetworkSecurityGroup | undefined {
    const { applicationId, compartmentId, network, egressPorts = [443] } = this.props;
    if (applicationId !== undefined || network === undefined) return undefined;
    const group = new NetworkSecurityGroup(this.scope, 'SecurityGroup', { compartmentId, vcnId: network.vcnId });
    for (const port of egressPorts) group.connections.allowToInternet(port);
    return group;
  }

  /** An application is the network of its functions, so that sharing one would share what it may reach. */
  private makeApplication(group: NetworkSecurityGroup | undefined, monitoring: IMonitoring | undefined): string {
    const { compartmentId, network, shape } = this.props;
    const traceDomainId = this.traceDomainOf(monitoring);
    const displayName = qualifiedNameOf(this.scope, 255);
    const application = new FunctionsApplication(this.scope, 'Application', {
      compartmentId,
      displayName,
      subnetIds: network ? [network.subnetId] : [],
      networkSecurityGroupIds: group && [group.securityGroupId],
      shape: shape ?? 'GENERIC_X86',
      traceConfig: traceDomainId === undefined ? undefined : { isEnabled: true, domainId: traceDomainId },
    });
    const logGroupId = this.props.logGroupId ?? monitoring?.logGroupId;
    if (logGroupId !== undefined) {
      const retentionDays = this.props.logGroupId === undefined ? monitoring?.logRetentionDays : undefined;
      const log = { service: 'functions', category: 'invoke', resource: application.id };
      serviceLog(this.scope, 'InvocationLog', { logGroupId, compartmentId, retentionDays, ...log });
    }
    if (this.props.traceDomainId === undefined && monitoring?.traces !== undefined) {
      permitTracing(this.scope, monitoring.traces).applyBefore(application);
    }
    return application.id;
  }

  /** Functions of an application that exists already send their spans where that one says. */
  private traceDomainOf(monitoring: IMonitoring | undefined): string | undefined {
    if (this.props.applicationId !== undefined) return undefined;
    return this.props.traceDomainId ?? monitoring?.traces?.domainId;
  }
}

/** The endpoint of every function: one signed POST for one message. */
function invokeEndpoint({ id, invokeEndpoint }: FunctionsFunction): HttpMcpEndpoint {
  return {
    transport: McpTransport.STREAMABLE_HTTP,
    url: `${invokeEndpoint}/20181201/functions/${id}/actions/invoke`,
    outboundAuth: OutboundAuth.ociSignature(),
    jsonOnly: true,
    headers: { 'fn-intent': 'httprequest', 'fn-invoke-type': 'sync' },
  };
}

/** @see https://docs.oracle.com/en-us/iaas/Content/Functions/Tasks/functionscreatingpolicies.htm */
function permitTracing(scope: Construct, { compartmentId }: TraceDestination): Grant {
  return IdentityPolicy.allow({
    grantee: { grantPrincipal: principalNamed(scope, 'service FaaS') },
    verb: PolicyVerb.USE,
    resourceType: 'apm-domains',
    compartmentId,
  });
}
