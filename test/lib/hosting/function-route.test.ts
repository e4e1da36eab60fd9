import { TerraformOutput, type TerraformStack } from 'cdktf';
import {
  FunctionHosting,
  type FunctionRoute,
  type HttpMcpEndpoint,
  InboundAuth,
  type JwtAuthOptions,
  McpServer,
  McpServerSource,
  OkeHosting,
  OutboundAuth,
} from 'cdktf-oci-mcp';
import { addressOf, type Block, faultsOf, type Synthesized, synth } from '../../helpers/synth';
import { cluster, compartmentId, network, reference } from '../fixtures';

const source = McpServerSource.image(`fra.ocir.io/acme/logs-mcp:1.4@sha256:${'0f3a'.repeat(16)}`);
const apiGateway = { gatewayId: 'ocid1.apigateway..a', compartmentId: 'ocid1.compartment.oc1..edge' };
const tokens: JwtAuthOptions = {
  issuer: 'https://identity.oraclecloud.com/',
  audiences: ['mcp'],
  jwksUri: 'https://idcs.example/admin/v1/SigningCert/jwk',
};

const server = (stack: TerraformStack, route: Partial<FunctionRoute> = {}): McpServer =>
  new McpServer(stack, 'Logs', {
    source,
    hosting: new FunctionHosting({
      network: network(stack),
      compartmentId,
      route: { apiGateway, inboundAuth: InboundAuth.jwt(tokens), ...route },
    }),
  });
const synthRoute = (route: Partial<FunctionRoute> = {}) => synth((stack) => void server(stack, route));
const deploymentOf = ({ resource }: Synthesized): Block => resource('oci_apigateway_deployment');

test('a route leads POST to the function and refuses what asks for a stream', () => {
  const stack = synthRoute();
  const { path_prefix, gateway_id, specification } = deploymentOf(stack);
  expect({ path_prefix, gateway_id }).toEqual({ path_prefix: '/logs', gateway_id: 'ocid1.apigateway..a' });
  expect(specification.routes).toEqual([
    {
      path: '/mcp',
      methods: ['POST'],
      backend: {
        type: 'ORACLE_FUNCTIONS_BACKEND',
        function_id: `\${${addressOf(stack, stack.resource('oci_functions_function'))}.id}`,
      },
      request_policies: {
        header_transformations: { filter_headers: { type: 'BLOCK', items: [{ name: 'Authorization' }] } },
      },
    },
    {
      path: '/mcp',
      methods: ['GET', 'DELETE'],
      backend: { type: 'STOCK_RESPONSE_BACKEND', status: 405, headers: [{ name: 'Allow', value: 'POST' }] },
    },
  ]);
});

test('a route checks tokens of the issuer, for the audience and with the scope', () => {
  const inboundAuth = InboundAuth.jwt({ ...tokens, requiredScopes: ['mcp:call'] });
  const { specification } = deploymentOf(synthRoute({ inboundAuth }));
  expect(specification.request_policies.authentication).toEqual({
    type: 'TOKEN_AUTHENTICATION',
    token_header: 'Authorization',
    token_auth_scheme: 'Bearer',
    is_anonymous_access_allowed: false,
    max_clock_skew_in_seconds: 30,
    validation_policy: {
      type: 'REMOTE_JWKS',
      is_ssl_verify_disabled: false,
      uri: 'https://idcs.example/admin/v1/SigningCert/jwk',
      max_cache_duration_in_hours: 1,
      additional_validation_policy: { issuers: ['https://identity.oraclecloud.com/'], audiences: ['mcp'] },
    },
  });
  expect(specification.routes[0].request_policies.authorization).toEqual({
    type: 'ANY_OF',
    allowed_scope: ['mcp:call'],
  });
});

test('the API Gateways of a compartment may call functions before there is a route', () => {
  const stack = synthRoute();
  const policy = stack.resource('oci_identity_policy');
  expect(policy['statements']).toEqual([
    `Allow any-user to use functions-family in compartment id ${compartmentId} where all {request.principal.type='ApiGateway', request.resource.compartment.id='ocid1.compartment.oc1..edge'}`,
  ]);
  expect(deploymentOf(stack)['depends_on']).toEqual([addressOf(stack, policy)]);
});

test('callers get the URL of the route, credentials of their choice and no permission to invoke', () => {
  const stack = synth((scope) => {
    const outboundAuth = OutboundAuth.oauthClientCredentials({
      tokenUrl: 'https://idcs.example/oauth2/v1/token',
      clientId: 'gateway',
      clientSecret: { secretId: 'ocid1.vaultsecret..a', compartmentId },
    });
    const logs = server(scope, { outboundAuth, pathPrefix: '/team/logs' });
    const { url, ...endpoint } = logs.endpoint as HttpMcpEndpoint;
    expect(endpoint).toEqual({ transport: 'streamable_http', jsonOnly: true, outboundAuth });
    const caller = new McpServer(scope, 'Caller', { source, hosting: new OkeHosting({ cluster: cluster(scope) }) });
    expect(logs.grantInvoke(caller).statements).toEqual([]);
    new TerraformOutput(scope, 'url', { value: url });
  });
  const deployment = deploymentOf(stack);
  expect(deployment['path_prefix']).toBe('/team/logs');
  expect(stack.json['output'].url.value).toBe(`\${${addressOf(stack, deployment)}.endpoint}/mcp`);
});

test('takes references', () => {
  const stack = synth((scope) => {
    server(scope, {
      apiGateway: { gatewayId: reference(scope, 'gateway'), compartmentId: reference(scope, 'edge') },
      pathPrefix: reference(scope, 'prefix'),
      inboundAuth: InboundAuth.jwt({
        issuer: reference(scope, 'issuer'),
        audiences: [reference(scope, 'audience')],
        jwksUri: reference(scope, 'keys'),
      }),
    });
  });
  expect(deploymentOf(stack)).toMatchObject({
    gateway_id: '${var.gateway}',
    path_prefix: '${var.prefix}',
    specification: {
      request_policies: {
        authentication: {
          validation_policy: {
            uri: '${var.keys}',
            additional_validation_policy: { issuers: ['${var.issuer}'], audiences: ['${var.audience}'] },
          },
        },
      },
    },
  });
});

test('is open only where that is said, with a warning', () => {
  const stack = synthRoute({ inboundAuth: InboundAuth.none() });
  expect(deploymentOf(stack)['specification'].request_policies).toBeUndefined();
  expect(stack.warnings).toEqual([
    '[stack/Logs] route.inboundAuth: everybody who reaches this API Gateway may call the function; use InboundAuth.jwt({ issuer, audiences, jwksUri })',
  ]);
});

describe('inbound auth', () => {
  const values = (count: number) => Array.from({ length: count }, (_, i) => `https://issuer-${i}.example/`);
  const only = 'issuers, audiences, claims, a key set and one scope on an API Gateway';

  test.each<[string, Partial<JwtAuthOptions>, string]>([
    [
      'no key set',
      { jwksUri: undefined, publicKey: '-----BEGIN PUBLIC KEY-----' },
      `got "jwt_public_key"; allowed: ${only}`,
    ],
    ['scopes by tool', { toolScopes: { logs_delete: ['write'] } }, `got "tool_scopes"; allowed: ${only}`],
    ['browsers', { corsOrigins: ['https://console.example'] }, `got "cors_origins"; allowed: ${only}`],
    [
      'a URL for clients without a token',
      { resourceUrl: 'https://a.example/mcp' },
      `got "resource_url"; allowed: ${only}`,
    ],
    ['algorithms', { algorithms: ['ES256'] }, `got "jwt_algorithms"; allowed: ${only}`],
    [
      'two scopes',
      { requiredScopes: ['a', 'b'] },
      'got ["a","b"]; allowed: one required scope: an API Gateway asks for any of several, not for all',
    ],
    ['six issuers', { issuer: values(6) }, `got ${JSON.stringify(values(6))}; allowed: at most 5 values of jwt_issuer`],
    [
      'six audiences',
      { audiences: values(6) },
      `got ${JSON.stringify(values(6))}; allowed: at most 5 values of jwt_audience`,
    ],
  ])('fails with %s', (_, options, fault) => {
    const inboundAuth = InboundAuth.jwt({ ...tokens, ...options });
    const faults = faultsOf((stack) => void server(stack, { inboundAuth }));
    expect(faults[0]).toBe(`[stack/Logs] route.inboundAuth: ${fault}`);
  });

  test('fails with fixed tokens, of which an API Gateway knows nothing', () => {
    const inboundAuth = InboundAuth.staticTokens({ tokens: { name: 'tokens', key: 'tokens.json' } });
    expect(faultsOf((stack) => void server(stack, { inboundAuth }))).toEqual([
      `[stack/Logs] route.inboundAuth: got "static_tokens_file"; allowed: ${only}`,
      '[stack/Logs] route.inboundAuth: got undefined; allowed: jwksUri, which the API Gateway must be able to read',
    ]);
  });

  test('takes five issuers and five audiences', () => {
    const inboundAuth = InboundAuth.jwt({ ...tokens, issuer: values(5), audiences: values(5) });
    expect(deploymentOf(synthRoute({ inboundAuth }))['specification'].routes).toHaveLength(2);
  });
});

describe('the path', () => {
  test.each(['logs', '/logs?a=b', '/logs/', `/${'a'.repeat(255)}`])('fails when it is %s', (pathPrefix) => {
    expect(faultsOf((stack) => void server(stack, { pathPrefix }))).toEqual([
      `[stack/Logs] route.pathPrefix: got "${pathPrefix}"; allowed: a path of at most 255 letters, digits and - _ . / that starts with "/" and does not end with one`,
    ]);
  });

  test('may have 255 characters', () => {
    const pathPrefix = `/${'a'.repeat(254)}`;
    expect(deploymentOf(synthRoute({ pathPrefix }))['path_prefix']).toBe(pathPrefix);
  });

  const twoServers = (pathPrefix?: string) => (stack: TerraformStack) => {
    const hosting = new FunctionHosting({
      network: network(stack),
      compartmentId,
      route: { apiGateway, inboundAuth: InboundAuth.jwt(tokens), pathPrefix },
    });
    for (const id of ['One', 'Two']) new McpServer(stack, id, { source, hosting });
  };

  test('is one for each server of a hosting', () => {
    const prefixes = synth(twoServers())
      .resources('oci_apigateway_deployment')
      .map(({ path_prefix }) => path_prefix);
    expect(prefixes).toEqual(['/one', '/two']);
  });

  test('fails when one is to serve two servers', () => {
    expect(faultsOf(twoServers('/logs'))).toEqual([
      '[stack/Two] route.pathPrefix: got "/logs"; allowed: a path that no other deployment has, as stack/One/Route does',
    ]);
  });
});
