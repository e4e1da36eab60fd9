import type {
  ApigatewayDeploymentSpecificationRoutes,
  ApigatewayDeploymentSpecificationRoutesBackend,
} from '@cdktf/provider-oci/lib/apigateway-deployment';
import { originOf } from '../../core/urls';
import { scopeAuthorization } from '../../mcp/api-gateway-tokens';
import type { InboundAuthConfig } from '../../mcp/inbound-auth';
import type { HttpMcpEndpoint } from '../../mcp/mcp-endpoint';
import type { ApiGatewayTimeouts } from './api-gateway-edge-props';

/** Where OAuth clients look for the metadata of an endpoint. https://www.rfc-editor.org/rfc/rfc9728#section-3 */
export const wellKnown = '/.well-known/oauth-protected-resource';

type Route = ApigatewayDeploymentSpecificationRoutes;
type Backend = ApigatewayDeploymentSpecificationRoutesBackend;

/** What stands behind the routes of one edge. */
export interface RouteTarget {
  readonly endpoint: HttpMcpEndpoint;
  readonly timeouts: ApiGatewayTimeouts;
  /** The scopes of tokens are looked at here. @default - the API Gateway checks no tokens */
  readonly checkedConfig?: () => InboundAuthConfig;
  /** Whether the target checks tokens itself; any other never sees one. */
  readonly takesTokens: boolean;
}

/** The MCP endpoint. */
export function mcpRoute(path: string, target: RouteTarget): Route {
  const { endpoint, checkedConfig } = target;
  const authorization = checkedConfig && scopeAuthorization(checkedConfig);
  const headerTransformations = headersFor(target);
  return {
    path,
    methods: ['POST', 'GET', 'DELETE'],
    backend: passedTo(endpoint.url, target),
    requestPolicies: authorization || headerTransformations ? { authorization, headerTransformations } : undefined,
  };
}

/**
 * Tools as plain HTTP, beside the MCP endpoint and with everything below.
 * @see https://docs.oracle.com/en-us/iaas/Content/APIGateway/Tasks/apigatewayaddingparamswildcards.htm
 * @see https://docs.oracle.com/en-us/iaas/Content/APIGateway/Tasks/apigatewaycontextvariables.htm
 */
export function restRoute(mcpPath: string, restPath: string, target: RouteTarget): Route {
  const { endpoint } = target;
  // Terraform would look for what a dollar sign and a brace mean.
  const url = `${originOf(endpoint.url)}${restPath}/$\${request.path[rest]}`;
  const path = `${mcpPath.replace(/\/[^/]*$/, '')}${restPath}/{rest*}`;
  return { ...mcpRoute(path, { ...target, endpoint: { ...endpoint, url } }), methods: ['POST', 'GET'] };
}

function headersFor({ endpoint, takesTokens }: RouteTarget) {
  const items = Object.entries(endpoint.headers ?? {}).map(([name, value]) => ({
    name,
    values: [value],
    ifExists: 'OVERWRITE',
  }));
  const setHeaders = items.length > 0 ? { items } : undefined;
  const filterHeaders = takesTokens ? undefined : withoutToken;
  return setHeaders || filterHeaders ? { setHeaders, filterHeaders } : undefined;
}

/** Answers what a browser asks before it sends a page's request; the CORS policy adds what the answer says. */
export function preflightRoute(path: string, target: RouteTarget): Route {
  return {
    path,
    methods: ['OPTIONS'],
    backend: { type: 'STOCK_RESPONSE_BACKEND', status: 204 },
    requestPolicies: openTo(target),
  };
}

/** A document of the target that everybody may read. */
export function openRoute(path: string, targetPath: string, target: RouteTarget): Route {
  return {
    path,
    methods: ['GET'],
    backend: passedTo(originOf(target.endpoint.url) + targetPath, target),
    requestPolicies: { ...openTo(target), headerTransformations: { filterHeaders: withoutToken } },
  };
}

/** A document that the API Gateway itself holds and that everybody may read. */
export function documentRoute(path: string, body: string, target: RouteTarget): Route {
  return {
    path,
    methods: ['GET'],
    backend: {
      type: 'STOCK_RESPONSE_BACKEND',
      status: 200,
      headers: [{ name: 'Content-Type', value: 'application/json' }],
      body,
    },
    requestPolicies: openTo(target),
  };
}

const withoutToken = { type: 'BLOCK', items: [{ name: 'Authorization' }] };

function openTo({ checkedConfig }: RouteTarget) {
  return checkedConfig && { authorization: { type: 'ANONYMOUS' } };
}

function passedTo(url: string, { timeouts }: RouteTarget): Backend {
  const { connectSeconds = 10, readSeconds = 300, sendSeconds = 30 } = timeouts;
  return {
    type: 'HTTP_BACKEND',
    url,
    isSslVerifyDisabled: false,
    connectTimeoutInSeconds: connectSeconds,
    readTimeoutInSeconds: readSeconds,
    sendTimeoutInSeconds: sendSeconds,
  };
}
