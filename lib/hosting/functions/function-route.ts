import { ApigatewayDeployment } from '@cdktf/provider-oci/lib/apigateway-deployment';
import type { FunctionsFunction } from '@cdktf/provider-oci/lib/functions-function';
import { Annotations } from 'cdktf';
import type { Construct } from 'constructs';
import { qualifiedNameOf } from '../../core/names';
import { reportFault } from '../../core/validation';
import { IdentityPolicy } from '../../iam/identity-policy';
import { PolicyVerb } from '../../iam/policy-statement';
import type { IPrincipal } from '../../iam/principal';
import { type ApiGatewayAttributes, checkDeployments, checkPathPrefix } from '../../mcp/api-gateway';
import { checkTokens, type TokenCheck, tokenAuthentication } from '../../mcp/api-gateway-tokens';
import type { IInboundAuth, InboundAuthConfig } from '../../mcp/inbound-auth';
import type { HttpMcpEndpoint } from '../../mcp/mcp-endpoint';
import { McpTransport } from '../../mcp/mcp-transport';
import type { IOutboundAuth } from '../../mcp/outbound-auth';

/**
 * What an API Gateway checks in a token, and what only tells clients where to get one. All else in an `InboundAuth` only the
 * gateway of this library can do.
 */
const understood: ReadonlySet<string> = new Set([
  'enabled',
  'jwt_issuer',
  'jwt_audience',
  'jwt_jwks_uri',
  'jwt_clock_skew',
  'jwt_claims',
  'required_scopes',
  'authorization_servers',
  'scope_prefix',
]);

/** A way to a function through an API Gateway. */
export interface FunctionRoute {
  readonly apiGateway: ApiGatewayAttributes;
  /** Path of the deployment on the API Gateway, unique there: `/forecast`. @default "/<name of the server>" */
  readonly pathPrefix?: string;
  /**
   * How callers prove themselves: `InboundAuth.jwt` with a key set. `InboundAuth.none()` is possible and has to be said.
   * @see https://docs.oracle.com/en-us/iaas/Content/APIGateway/Tasks/apigatewayusingjwttokens.htm
   */
  readonly inboundAuth: IInboundAuth;
  /** How the gateway of this library gets in. @default - no credentials */
  readonly outboundAuth?: IOutboundAuth;
}

interface GatewayRouteProps extends FunctionRoute {
  /** OCID of the compartment of function and deployment. */
  readonly compartmentId: string;
  readonly function: FunctionsFunction;
  /** Path of the MCP endpoint below the prefix. */
  readonly path: string;
}

/**
 * One path of an API Gateway that leads to a function. The caller's token ends here: the function never sees it.
 * @see https://docs.oracle.com/en-us/iaas/Content/APIGateway/Tasks/apigatewayusingfunctionsbackend.htm
 */
export class GatewayRoute {
  public readonly endpoint: HttpMcpEndpoint;

  public constructor(
    private readonly scope: Construct,
    name: string,
    props: GatewayRouteProps,
  ) {
    const { apiGateway, compartmentId, path, pathPrefix = `/${name}` } = props;
    checkPathPrefix(scope, 'route.pathPrefix', pathPrefix);
    const config = props.inboundAuth.renderConfig(() => '');
    const check = { keyCacheHours: props.inboundAuth.keyCacheHours, hasOpenRoutes: false };
    if (!props.inboundAuth.anonymous) this.checkTokens(config, check);
    const deployment = new ApigatewayDeployment(scope, 'Route', {
      compartmentId,
      displayName: qualifiedNameOf(scope, 255),
      gatewayId: apiGateway.gatewayId,
      pathPrefix,
      specification: {
        requestPolicies: props.inboundAuth.anonymous
          ? undefined
          : { authentication: tokenAuthentication(config, check) },
        routes: [
          {
            path,
            methods: ['POST'],
            backend: { type: 'ORACLE_FUNCTIONS_BACKEND', functionId: props.function.id },
            requestPolicies: {
              authorization: this.authorization(config),
              headerTransformations: { filterHeaders: { type: 'BLOCK', items: [{ name: 'Authorization' }] } },
            },
          },
          // A client that asks for a stream is told so by the specification's own answer, without a call of the function.
          {
            path,
            methods: ['GET', 'DELETE'],
            backend: { type: 'STOCK_RESPONSE_BACKEND', status: 405, headers: [{ name: 'Allow', value: 'POST' }] },
          },
        ],
      },
    });
    checkDeployments(scope, 'route.pathPrefix', deployment);
    IdentityPolicy.allow({
      grantee: { grantPrincipal: apiGatewaysOf(scope, apiGateway.compartmentId) },
      verb: PolicyVerb.USE,
      resourceType: 'functions-family',
      compartmentId,
    }).applyBefore(deployment);
    if (props.inboundAuth.anonymous) {
      Annotations.of(scope).addWarning(
        'route.inboundAuth: everybody who reaches this API Gateway may call the function; use InboundAuth.jwt({ issuer, audiences, jwksUri })',
      );
    }
    this.endpoint = {
      transport: McpTransport.STREAMABLE_HTTP,
      url: `${deployment.endpoint}${path}`,
      outboundAuth: props.outboundAuth,
      jsonOnly: true,
    };
  }

  private authorization({ required_scopes: scopes = [] }: InboundAuthConfig) {
    return scopes.length > 0 ? { type: 'ANY_OF', allowedScope: [...scopes] } : undefined;
  }

  private checkTokens(config: InboundAuthConfig, check: TokenCheck): void {
    const report = (got: unknown, allowed: string) =>
      reportFault(this.scope, { prop: 'route.inboundAuth', got, allowed });
    const others = Object.entries(config).filter(([field, value]) => value !== undefined && !understood.has(field));
    for (const [field] of others) {
      report(field, 'issuers, audiences, claims, a key set and one scope on an API Gateway');
    }
    const scopes = config.required_scopes ?? [];
    if (scopes.length > 1) report(scopes, 'one required scope: an API Gateway asks for any of several, not for all');
    checkTokens(this.scope, 'route.inboundAuth', config, check);
  }
}

/**
 * Every API Gateway of a compartment, in the words that Oracle documents for calls of functions.
 * @see https://docs.oracle.com/en-us/iaas/Content/APIGateway/Tasks/apigatewaycreatingpolicies.htm
 */
function apiGatewaysOf(policyScope: Construct, compartmentId: string): IPrincipal {
  return {
    policySubject: 'any-user',
    policyConditions: [`request.principal.type='ApiGateway'`, `request.resource.compartment.id='${compartmentId}'`],
    preconditions: [],
    namesItself: false,
    policyScope,
  };
}
