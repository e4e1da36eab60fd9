import { Token } from 'cdktf';
import type { Construct } from 'constructs';
import { checkInteger, checkOneOf, checkPattern, reportFault } from '../../core/validation';
import type { InboundAuthConfig } from '../../mcp/inbound-auth';
import type { HttpMcpEndpoint } from '../../mcp/mcp-endpoint';
import { McpTransport } from '../../mcp/mcp-transport';
import type { ApiGatewayEdgeProps } from './api-gateway-edge-props';
import { wellKnown } from './routes';
import { checkUsagePlans } from './usage-plans';

/** Characters of a route's path. */
const routeMax = 2000;

/** Subject alternative names that one deployment may ask for. */
const allowedNamesMax = 10;

/** What an API Gateway cannot look at in a token; only the gateway of this library does. */
const onlyBehind = [
  'tool_scopes',
  'prompt_scopes',
  'resource_scopes',
  'scope_hierarchy',
  'issuers',
  'introspection',
  'static_tokens',
  'static_tokens_file',
] as const;

/**
 * Reports props that the service refuses.
 * @see https://docs.oracle.com/en-us/iaas/Content/APIGateway/Reference/apigatewaylimits.htm
 */
export function checkProps(scope: Construct, props: ApiGatewayEdgeProps): void {
  const { timeouts = {}, rateLimit, usagePlans = [] } = props;
  checkOneOf(scope, 'authentication', props.authentication, ['TOKEN_AUTHENTICATION', 'JWT_AUTHENTICATION', 'NONE']);
  checkPath(scope, 'path', props.path, routeMax - wellKnown.length);
  checkPath(scope, 'healthPath', props.healthPath, routeMax);
  if (props.healthPath !== undefined && props.healthPath === (props.path ?? '/mcp')) {
    const allowed = 'another path than that of the MCP endpoint: everybody may read it';
    reportFault(scope, { prop: 'healthPath', got: props.healthPath, allowed });
  }
  checkInteger(scope, 'timeouts.connectSeconds', timeouts.connectSeconds, { min: 1, max: 75 });
  checkInteger(scope, 'timeouts.readSeconds', timeouts.readSeconds, { min: 1, max: 300 });
  checkInteger(scope, 'timeouts.sendSeconds', timeouts.sendSeconds, { min: 1, max: 300 });
  checkInteger(scope, 'rateLimit.requestsPerSecond', rateLimit?.requestsPerSecond, { min: 1 });
  checkOneOf(scope, 'rateLimit.per', rateLimit?.per, ['CLIENT_IP', 'TOTAL']);
  checkOneOf(scope, 'executionLogLevel', props.executionLogLevel, ['INFO', 'WARN', 'ERROR']);
  checkPattern(scope, 'domain.hostname', props.domain?.hostname, {
    pattern: /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/i,
    allowed: 'a host name without scheme and path: "mcp.example.com"',
  });
  checkPattern(scope, 'clientClaim', props.clientClaim, {
    pattern: /^[\w.:/-]+$/,
    allowed: 'the name of a claim',
  });
  for (const header of props.browserHeaders ?? []) {
    checkPattern(scope, 'browserHeaders', header, {
      pattern: /^[\w!#$%&'+.^`|~-]+$/,
      allowed: 'the whole name of a header, such as "Mcp-Param-Region": an API Gateway knows no patterns',
    });
  }
  checkMutualTls(scope, props);
  checkUsagePlans(scope, usagePlans);
}

function checkPath(scope: Construct, prop: string, path: string | undefined, maxLength: number): void {
  checkPattern(scope, prop, path, {
    pattern: new RegExp(`^(?=.{2,${maxLength}}$)(/[A-Za-z0-9_\\-.]+)+$`),
    allowed: `a path of at most ${maxLength} letters, digits and - _ . / that starts with "/" and does not end with one`,
  });
}

function checkMutualTls(scope: Construct, { mutualTls, apiGateway }: ApiGatewayEdgeProps): void {
  if (mutualTls === undefined) return;
  const { caBundleIds = [], certificateAuthorityIds = [], allowedNames = [] } = mutualTls;
  const trusted = caBundleIds.length + certificateAuthorityIds.length;
  if (apiGateway === undefined ? trusted === 0 : trusted > 0) {
    reportFault(scope, {
      prop: 'mutualTls',
      got: `${trusted} authorities`,
      allowed:
        apiGateway === undefined
          ? 'at least one of caBundleIds and certificateAuthorityIds: clients with certificates of public authorities are refused'
          : 'allowedNames alone: an API Gateway that exists has a trust store of its own',
    });
  }
  if (allowedNames.length > allowedNamesMax) {
    reportFault(scope, {
      prop: 'mutualTls.allowedNames',
      got: allowedNames.length,
      allowed: `at most ${allowedNamesMax}`,
    });
  }
}

/** The target's endpoint, if an API Gateway can pass calls to it. */
export function endpointOf(scope: Construct, { target }: ApiGatewayEdgeProps): HttpMcpEndpoint {
  const { endpoint } = target;
  const report = (got: string, allowed: string, fix: string) =>
    reportFault(scope, { prop: 'target', got, allowed, fix });
  if (endpoint.transport !== McpTransport.STREAMABLE_HTTP) {
    report(endpoint.transport, 'a target that speaks streamable_http', 'put an McpGateway in between');
    return { transport: McpTransport.STREAMABLE_HTTP, url: 'http://reference.invalid' };
  }
  if (endpoint.outboundAuth !== undefined) {
    report(
      'an endpoint that wants credentials of its caller',
      'one that wants none: an API Gateway signs nothing',
      'put an McpGateway in between',
    );
  }
  return endpoint;
}

/**
 * Reports what nobody would check: this API Gateway cannot, and the target does not.
 * @param config What is asked of tokens.
 */
export function checkUnchecked(scope: Construct, config: InboundAuthConfig): void {
  const report = (got: unknown, allowed: string) => reportFault(scope, { prop: 'inboundAuth', got, allowed });
  for (const field of onlyBehind.filter((each) => config[each] !== undefined)) {
    report(field, 'what an API Gateway can check, where the target checks nothing');
  }
  const scopes = config.required_scopes ?? [];
  if (scopes.length > 1) report(scopes, 'one required scope: an API Gateway asks for any of several, not for all');
}

/** Reports a PEM key without the id by which tokens name it, and the other way round. */
export function checkPublicKeyId(scope: Construct, config: InboundAuthConfig, publicKeyId: string | undefined): void {
  if (Boolean(config.jwt_public_key) === (publicKeyId !== undefined) || Token.isUnresolved(publicKeyId)) return;
  reportFault(scope, {
    prop: 'publicKeyId',
    got: publicKeyId,
    allowed: config.jwt_public_key
      ? 'the kid in the header of the tokens: an API Gateway finds a PEM key by it'
      : 'nothing where the inbound auth has a key set',
  });
}
