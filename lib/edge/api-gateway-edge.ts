import type { ApigatewayDeploymentSpecificationRoutes } from '@cdktf/provider-oci/lib/apigateway-deployment';
import { type ITerraformDependable, TerraformStack, Token } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { addPreconditions } from '../core/dependencies';
import { nameOf } from '../core/names';
import { refuseSecrets } from '../core/secret-literal';
import { reportFault } from '../core/validation';
import { checkPathPrefix } from '../mcp/api-gateway';
import { recordComponent } from '../mcp/component-record';
import type { HttpMcpEndpoint } from '../mcp/mcp-endpoint';
import { McpTransport } from '../mcp/mcp-transport';
import type { Metric, MetricOptions } from '../mcp/metric';
import type { Connections, IConnectable } from '../network/connections';
import type { ApiGatewayEdgeProps } from './api-gateway/api-gateway-edge-props';
import { type ApiGatewayPlace, allowToKeys, placeOf } from './api-gateway/api-gateway-place';
import { checkProps, endpointOf } from './api-gateway/checks';
import { deploy } from './api-gateway/deployment';
import {
  authorizationServersOf,
  challengeOf,
  metadataOf,
  type ProtectedResource,
} from './api-gateway/protected-resource';
import {
  documentRoute,
  mcpRoute,
  openRoute,
  preflightRoute,
  type RouteTarget,
  restRoute,
  wellKnown,
} from './api-gateway/routes';
import { isOfTarget, TokenGate } from './api-gateway/token-gate';
import { makeUsagePlans } from './api-gateway/usage-plans';
import { apiGatewayMetrics, type EdgeMetrics, edgeAlarms } from './edge-metrics';
import { LoadBalancerEdge } from './load-balancer-edge';

type Route = ApigatewayDeploymentSpecificationRoutes;

/** Routes of a deployment. https://docs.oracle.com/en-us/iaas/Content/APIGateway/Reference/apigatewaylimits.htm */
const mostRoutes = 50;

/**
 * An API Gateway in front of a gateway or a server. It checks tokens as its target does, tells clients without one where to
 * get it, and routes the MCP endpoint, its OAuth metadata and the health check; anything else is answered with 404.
 *
 * @example
 * const edge = new ApiGatewayEdge(this, 'Edge', { compartmentId, network, target: gateway });
 * edge.connections.allowFrom(new AddressRange(this, 'Office', '10.20.0.0/16'));
 */
export class ApiGatewayEdge extends Construct implements IConnectable {
  /** Where clients reach the target through this edge. */
  public readonly endpoint: HttpMcpEndpoint;
  public readonly connections: Connections;
  /** OCID of the API Gateway. */
  public readonly apiGatewayId: string;
  /** OCID of the deployment that holds the MCP endpoint. */
  public readonly deploymentId: string;
  private readonly props: ApiGatewayEdgeProps;
  /** What is told where clients reach it. */
  private readonly told: IConstruct;
  private readonly place: ApiGatewayPlace;
  private readonly gate: TokenGate;
  private readonly pathPrefix: string;
  private readonly path: string;
  private readonly resource: ProtectedResource;
  private readonly routeTarget: RouteTarget;
  private readonly metrics: EdgeMetrics;

  public constructor(scope: Construct, id: string, asked: ApiGatewayEdgeProps) {
    super(scope, id);
    refuseSecrets(this, asked);
    checkProps(this, asked);
    const props = this.inReach(asked);
    this.props = props;
    this.told = asked.target;
    this.path = props.path ?? '/mcp';
    this.pathPrefix = this.prefixOf(props);
    this.gate = new TokenGate(this, props);
    this.place = placeOf(this, props);
    this.connections = this.place.connections;
    this.apiGatewayId = this.place.gatewayId;
    const target = endpointOf(this, props);
    const url = `https://${this.place.hostname}${this.isAlone ? '' : this.pathPrefix}${this.path}`;
    this.endpoint = { transport: McpTransport.STREAMABLE_HTTP, url, jsonOnly: target.jsonOnly };
    const config = () => this.gate.config();
    this.resource = { url: config().resource_url ?? url, name: nameOf(this), config };
    this.routeTarget = {
      endpoint: target,
      timeouts: props.timeouts ?? {},
      checkedConfig: this.gate.isClosed ? config : undefined,
      takesTokens: this.gate.targetChecks,
    };
    this.deploymentId = this.deploy(this.openPaths());
    this.metrics = apiGatewayMetrics((props.apiGateway ?? props).compartmentId, this.deploymentId);
    edgeAlarms(this, this.metrics, props.monitoring);
    recordComponent(this);
  }

  /** Public URL of the MCP endpoint. */
  public get url(): string {
    return this.endpoint.url;
  }

  /** Calls of clients. */
  public metricCalls(options: MetricOptions = {}): Metric {
    return this.metrics.calls.with(options);
  }

  /** Answers with a status of 5xx. */
  public metricErrors(options: MetricOptions = {}): Metric {
    return this.metrics.errors.with(options);
  }

  /** Milliseconds that clients wait for the whole answer to a POST. */
  public metricLatency(options: MetricOptions = {}): Metric {
    return this.metrics.latency.with(options);
  }

  /** Whether the API Gateway holds one deployment and no other. */
  private get isAlone(): boolean {
    return this.pathPrefix === '/';
  }

  /** Pods have no address outside of their cluster: a private load balancer gives them one. */
  private inReach(props: ApiGatewayEdgeProps): ApiGatewayEdgeProps {
    const { compartmentId, network, target } = props;
    const { pods, healthPath } = target.loadBalancerTarget ?? {};
    const known = { ...props, healthPath: props.healthPath ?? target.healthPath ?? healthPath };
    if (pods === undefined) return known;
    if (network !== undefined) {
      return { ...known, target: new LoadBalancerEdge(this, 'LoadBalancer', { compartmentId, network, target }) };
    }
    if (props.apiGateway !== undefined) {
      reportFault(this, {
        prop: 'network',
        got: undefined,
        allowed: 'the network of the load balancer in front of pods, which an API Gateway cannot reach',
        fix: 'pass network, or a LoadBalancerEdge as target',
      });
    }
    return known;
  }

  private prefixOf({ apiGateway, usagePlans = [], ...props }: ApiGatewayEdgeProps): string {
    const isShared = apiGateway !== undefined || usagePlans.length > 0;
    const pathPrefix = props.pathPrefix ?? (isShared ? `/${nameOf(this)}` : '/');
    checkPathPrefix(this, 'pathPrefix', pathPrefix, 255 - wellKnown.length);
    if (pathPrefix === '/' && usagePlans.length > 0) {
      reportFault(this, {
        prop: 'pathPrefix',
        got: '/',
        allowed:
          'a longer path with usagePlans: they hold for a whole deployment, and the OAuth metadata needs another',
      });
    }
    return pathPrefix;
  }

  /** Opens the ways that calls and keys take. */
  private openPaths(): ITerraformDependable[] {
    const { keysPort } = this.gate;
    const { connections, loadBalancerTarget } = this.props.target;
    return [
      // Pods without a load balancer in front are reported already.
      ...(loadBalancerTarget?.pods === undefined ? connections.allowFrom(this) : []),
      ...(keysPort === undefined ? [] : allowToKeys(this.place, keysPort)),
    ];
  }

  private deploy(paths: readonly ITerraformDependable[]): string {
    const { props, gate, path } = this;
    const { usagePlans = [], clientClaim = 'client_id' } = props;
    const { gatewayId } = this.place;
    const corsOrigins = gate.config().cors_origins ?? [];
    const metadata = this.metadataRoutes();
    const served = [mcpRoute(path, this.routeTarget), ...this.viewRoutes(), ...this.restRoutes()];
    const open = [
      ...(corsOrigins.length > 0 ? served.map((route) => preflightRoute(route.path, this.routeTarget)) : []),
      ...this.healthRoutes(),
      ...(this.isAlone ? metadata : []),
    ];
    const challenge = metadata.length > 0 ? challengeOf(this.resource) : undefined;
    const routes = [...served, ...open];
    if (routes.length > mostRoutes) {
      reportFault(this, {
        prop: 'target',
        got: `${this.viewRoutes().length} views`,
        allowed: `as many as leave the deployment ${mostRoutes} routes: each view needs one, and one more where browsers call`,
        fix: 'put a LoadBalancerEdge in front of the gateway',
      });
    }
    const main = deploy(this, props, {
      gatewayId,
      pathPrefix: this.pathPrefix,
      corsOrigins,
      policies: {
        authentication: gate.policy({ hasOpenRoutes: open.length > 0, challenge }),
        usagePlans: usagePlans.length > 0 ? { tokenLocations: [`request.auth[${clientClaim}]`] } : undefined,
      },
      routes,
    });
    addPreconditions(main, paths);
    this.node.defaultChild = main;
    makeUsagePlans(this, { compartmentId: props.compartmentId, deployment: main, plans: usagePlans });
    if (!this.isAlone && metadata.length > 0) {
      // Clients look for the metadata at the root of the host, which lies outside of the prefix.
      const pathPrefix = `${wellKnown}${this.pathPrefix}`;
      const open = deploy(new Construct(this, 'Metadata'), props, {
        gatewayId,
        pathPrefix,
        corsOrigins,
        routes: metadata,
      });
      addPreconditions(open, paths);
    }
    return main.id;
  }

  private viewRoutes(): Route[] {
    const { endpoint } = this.routeTarget;
    return (this.props.target.views ?? []).map((view) =>
      mcpRoute(`${this.path}/${view}`, {
        ...this.routeTarget,
        endpoint: { ...endpoint, url: `${endpoint.url}/${view}` },
      }),
    );
  }

  private restRoutes(): Route[] {
    const { restPath } = this.props.target;
    return restPath === undefined ? [] : [restRoute(this.path, restPath, this.routeTarget)];
  }

  /**
   * A usage plan refuses whoever has no token, which is everybody who asks for health, and so does the MCP endpoint, which some
   * targets name as their health.
   */
  private healthRoutes(): Route[] {
    const { healthPath, usagePlans = [] } = this.props;
    if (healthPath === undefined || healthPath === this.path || usagePlans.length > 0) return [];
    return [openRoute(healthPath, healthPath, this.routeTarget)];
  }

  private metadataRoutes(): Route[] {
    if (authorizationServersOf(this.gate.config()).length === 0) return [];
    const own = this.isAlone ? wellKnown + this.path : this.path;
    const hasViews = this.props.target.views !== undefined && this.props.target.views.length > 0;
    const paths = [...(this.isAlone ? [wellKnown] : []), own, ...(hasViews ? [`${own}/{view}`] : [])];
    // A deployment of its own has no authentication policy, and then takes none about authorization.
    const target = this.isAlone ? this.routeTarget : { ...this.routeTarget, checkedConfig: undefined };
    const route = this.publish()
      ? (path: string) => openRoute(path, wellKnown, target)
      : (path: string) => documentRoute(path, metadataOf(this.resource), target);
    return paths.map(route);
  }

  /** Whether the target says itself what clients have to know. Another stack cannot wait for the name of this API Gateway. */
  private publish(): boolean {
    const { target } = this.props;
    if (!isOfTarget(this.props)) return false;
    if (TerraformStack.of(this.told) !== TerraformStack.of(this) && Token.isUnresolved(this.url)) return false;
    return target.publishAt?.(this.url) ?? false;
  }
}
