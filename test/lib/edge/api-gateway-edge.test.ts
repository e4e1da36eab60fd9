import { generateKeyPairSync } from 'node:crypto';
import { TerraformOutput, type TerraformStack } from 'cdktf';
import {
  AddressRange,
  ApiGatewayEdge,
  type ApiGatewayEdgeProps,
  ContainerInstanceHosting,
  type IInboundAuth,
  InboundAuth,
  type IPrivateNetwork,
  type JwtAuthOptions,
  McpGateway,
  McpServer,
  McpTransport,
  OutboundAuth,
  PrivateNetwork,
} from 'cdktf-oci-mcp';
import { evaluate, renderedConfig } from '../../helpers/rendered-config';
import { addressOf, type Block, faultsOf, type Synthesized, synth } from '../../helpers/synth';
import { compartmentId, containerInstanceServer, image, network, reference } from '../fixtures';

const tokens: JwtAuthOptions = {
  issuer: 'https://identity.oraclecloud.com/',
  audiences: ['mcp'],
  jwksUri: 'https://idcs.example/admin/v1/SigningCert/jwk',
};
const jwt = (options: Partial<JwtAuthOptions> = {}) => InboundAuth.jwt({ ...tokens, ...options });
const securityGroupId = 'ocid1.networksecuritygroup.oc1..shared';
const shared = { gatewayId: 'ocid1.apigateway.oc1..shared', compartmentId, securityGroupId };
const pem = (type: 'rsa' | 'ec') => {
  const { publicKey } =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
};

const gateway = (stack: TerraformStack, inboundAuth: IInboundAuth = jwt()) =>
  new McpGateway(stack, 'Gateway', {
    image,
    hosting: new ContainerInstanceHosting({ network: network(stack), compartmentId }),
    inboundAuth,
  });

function edge(stack: TerraformStack, props: Partial<ApiGatewayEdgeProps> = {}, inboundAuth?: IInboundAuth) {
  const target = props.target ?? gateway(stack, inboundAuth);
  const place = props.apiGateway ? {} : { network: network(stack) };
  return new ApiGatewayEdge(stack, 'Edge', { compartmentId, ...place, ...props, target });
}

const synthEdge = (props: Partial<ApiGatewayEdgeProps> = {}, inboundAuth?: IInboundAuth) =>
  synth((stack) => void edge(stack, props, inboundAuth));
const edgeFaults = (props: Partial<ApiGatewayEdgeProps>, inboundAuth?: IInboundAuth) =>
  faultsOf((stack) => void edge(stack, props, inboundAuth));
const deploymentOf = ({ resource }: Synthesized): Block =>
  resource('oci_apigateway_deployment', 'Edge_Deployment')['specification'];
const routeOf = (stack: Synthesized, path: string, method = 'POST'): Block =>
  deploymentOf(stack)['routes'].find((route: Block) => route['path'] === path && route['methods'].includes(method));
const ruleBlocks = ({ resources }: Synthesized, group: RegExp) =>
  resources('oci_core_network_security_group_security_rule').filter((rule) =>
    group.test(rule['network_security_group_id']),
  );
const rules = (stack: Synthesized, group = /Edge_SecurityGroup|shared$/) =>
  ruleBlocks(stack, group).map((rule) => rule['description']);

describe('an API Gateway made for one target', () => {
  test('is private and lets nobody in', () => {
    const stack = synthEdge();
    expect(stack.resource('oci_apigateway_gateway')).toEqual({
      compartment_id: compartmentId,
      display_name: 'stack-edge',
      endpoint_type: 'PRIVATE',
      network_security_group_ids: [
        `\${${addressOf(stack, stack.resource('oci_core_network_security_group', 'Edge_SecurityGroup'))}.id}`,
      ],
      subnet_id: 'ocid1.subnet.oc1.eu-frankfurt-1.example',
    });
    expect(rules(stack)).toEqual(['TCP 9000 to gateway-security-group', 'TCP 443 to internet']);
    expect(rules(stack, /Gateway_SecurityGroup/)).toContain('TCP 9000 from edge-security-group');
    expect(stack.warnings).toEqual([]);
  });

  test('waits for the paths to its target and to the keys', () => {
    const stack = synthEdge();
    const paths = [...ruleBlocks(stack, /Edge_/), ...ruleBlocks(stack, /Gateway_/).slice(0, 1)].map((rule) =>
      addressOf(stack, rule),
    );
    expect(stack.resource('oci_apigateway_deployment')['depends_on'].sort()).toEqual(paths.sort());
  });

  test('lets in whom it is told to', () => {
    const stack = synth((scope) => {
      const clients = [new AddressRange(scope, 'Office', '10.20.0.0/16')];
      edge(scope, { clients }).connections.allowFrom(new AddressRange(scope, 'Agents', '10.30.0.0/16'));
    });
    expect(rules(stack)).toEqual(expect.arrayContaining(['TCP 443 from office', 'TCP 443 from agents']));
  });

  const withPublicSubnet = (scope: TerraformStack): IPrivateNetwork =>
    new PrivateNetwork(scope, 'Wide', { compartmentId, publicSubnetCidrBlock: '10.0.30.0/24' });

  test('is open to the internet when that is said', () => {
    const stack = synth((scope) => void edge(scope, { endpoint: 'PUBLIC', network: withPublicSubnet(scope) }));
    expect(stack.resource('oci_apigateway_gateway')).toMatchObject({
      endpoint_type: 'PUBLIC',
      subnet_id: expect.stringContaining('oci_core_subnet.Wide_Public'),
    });
    expect(rules(stack)).toContain('TCP 443 from edge-internet');
  });

  test('is open to some of the internet when that is said', () => {
    const stack = synth((scope) => {
      const clients = [new AddressRange(scope, 'Partner', '192.0.2.0/24')];
      edge(scope, { endpoint: 'PUBLIC', network: withPublicSubnet(scope), clients });
    });
    expect(rules(stack)).toContain('TCP 443 from partner');
    expect(rules(stack)).not.toContain('TCP 443 from edge-internet');
  });

  test('needs a network, and a public subnet to be public', () => {
    expect(edgeFaults({ network: undefined })).toEqual([
      '[stack/Edge] network: got undefined; allowed: the network of an API Gateway made here, or apiGateway',
    ]);
    expect(edgeFaults({ endpoint: 'PUBLIC' })).toEqual([
      '[stack/Edge] endpoint: got "PUBLIC"; allowed: PRIVATE in a network without a public subnet; fix: give the network publicSubnetCidrBlock, or publicSubnetId where it is imported',
    ]);
  });

  test('has a name and a certificate of its own, by which the gateway goes too', () => {
    const domain = { hostname: 'mcp.example.com', certificateId: 'ocid1.certificate.oc1..mcp' };
    const stack = synth((scope) => {
      const { url, endpoint } = edge(scope, { domain });
      expect([url, endpoint]).toEqual([
        'https://mcp.example.com/mcp',
        { transport: 'streamable_http', url: 'https://mcp.example.com/mcp', jsonOnly: undefined },
      ]);
    });
    expect(stack.resource('oci_apigateway_gateway')['certificate_id']).toBe('ocid1.certificate.oc1..mcp');
    expect(renderedConfig(stack).auth.resource_url).toBe('https://mcp.example.com/mcp');
    expect(edgeFaults({ domain: { ...domain, hostname: 'https://mcp.example.com' } })).toEqual([
      '[stack/Edge] domain.hostname: got "https://mcp.example.com"; allowed: a host name without scheme and path: "mcp.example.com"',
    ]);
  });
});

describe('routes', () => {
  test('are the endpoint, the health check and the metadata, with timeouts for tools that take their time', () => {
    const stack = synthEdge();
    const origin = `http://\${data.oci_core_vnic.Gateway_Vnic_BAF3F88E.private_ip_address}:9000`;
    const routes = deploymentOf(stack)['routes'].map(({ path, methods, backend, request_policies }: Block) => [
      `${methods.join(' ')} ${path}`,
      backend.url,
      request_policies.authorization.type,
    ]);
    const wellKnown = '/.well-known/oauth-protected-resource';
    expect(routes).toEqual([
      ['POST GET DELETE /mcp', `${origin}/mcp`, 'AUTHENTICATION_ONLY'],
      ['GET /health', `${origin}/health`, 'ANONYMOUS'],
      [`GET ${wellKnown}`, origin + wellKnown, 'ANONYMOUS'],
      [`GET ${wellKnown}/mcp`, origin + wellKnown, 'ANONYMOUS'],
    ]);
    expect(routeOf(stack, '/mcp')['backend']).toEqual({
      type: 'HTTP_BACKEND',
      url: `${origin}/mcp`,
      is_ssl_verify_disabled: false,
      connect_timeout_in_seconds: 10,
      read_timeout_in_seconds: 300,
      send_timeout_in_seconds: 30,
    });
  });

  test("have timeouts and paths of one's own", () => {
    const timeouts = { connectSeconds: 75, readSeconds: 1, sendSeconds: 300 };
    const stack = synthEdge({ timeouts, path: '/v1/mcp', healthPath: '/ready' });
    expect(routeOf(stack, '/v1/mcp')['backend']).toMatchObject({
      connect_timeout_in_seconds: 75,
      read_timeout_in_seconds: 1,
      send_timeout_in_seconds: 300,
    });
    expect(routeOf(stack, '/ready', 'GET')['backend'].url).toMatch(/:9000\/ready$/);
    expect(routeOf(stack, '/.well-known/oauth-protected-resource/v1/mcp', 'GET')).toBeDefined();
  });

  test.each<[Partial<ApiGatewayEdgeProps>, string]>([
    [{ timeouts: { connectSeconds: 76 } }, 'timeouts.connectSeconds: got 76; allowed: a whole number from 1 to 75'],
    [{ timeouts: { readSeconds: 301 } }, 'timeouts.readSeconds: got 301; allowed: a whole number from 1 to 300'],
    [{ timeouts: { readSeconds: 0 } }, 'timeouts.readSeconds: got 0; allowed: a whole number from 1 to 300'],
    [{ timeouts: { sendSeconds: 301 } }, 'timeouts.sendSeconds: got 301; allowed: a whole number from 1 to 300'],
    [{ timeouts: { connectSeconds: 0 } }, 'timeouts.connectSeconds: got 0; allowed: a whole number from 1 to 75'],
  ])('fail with %j', (props, fault) => {
    expect(edgeFaults(props)).toEqual([`[stack/Edge] ${fault}`]);
  });

  test.each(['mcp', '/mcp/', '/', '/{path*}', `/${'a'.repeat(2000)}`])('fail with the path %s', (path) => {
    expect(edgeFaults({ path })).toEqual([
      `[stack/Edge] path: got "${path}"; allowed: a path of at most 2000 letters, digits and - _ . / that starts with "/" and does not end with one`,
    ]);
  });

  test('may have a path of 2000 characters', () => {
    const path = `/${'a'.repeat(1999)}`;
    expect(routeOf(synthEdge({ path }), path)).toBeDefined();
  });
});

describe('a shared API Gateway', () => {
  test('gets two deployments: the endpoint below the prefix, the metadata where clients look for it', () => {
    const stack = synthEdge({ apiGateway: shared, pathPrefix: '/team' });
    const deployments = stack
      .resources('oci_apigateway_deployment')
      .map(({ gateway_id, path_prefix, specification }) => [
        gateway_id,
        path_prefix,
        specification.routes.map(({ path }: Block) => path),
        specification.request_policies?.authentication?.type,
      ]);
    expect(deployments).toEqual([
      [shared.gatewayId, '/team', ['/mcp', '/health'], 'TOKEN_AUTHENTICATION'],
      [shared.gatewayId, '/.well-known/oauth-protected-resource/team', ['/mcp'], undefined],
    ]);
    expect(stack.resources('oci_apigateway_gateway')).toEqual([]);
    expect(rules(stack)).toEqual(['TCP 9000 to gateway-security-group', 'TCP 443 to internet']);
    expect(rules(stack, /Gateway_/)).toContain('TCP 9000 from edge');
  });

  test('is known by its own name, or by the one it is given', () => {
    const unnamed = synth((scope) => {
      new TerraformOutput(scope, 'url', { value: edge(scope, { apiGateway: shared }).url });
    });
    expect(unnamed.json['output'].url.value).toBe(
      'https://${data.oci_apigateway_gateway.Edge_Gateway_99F586E5.hostname}/edge/mcp',
    );
    const named = synth((scope) => {
      const apiGateway = { ...shared, hostname: 'api.example.com' };
      expect(edge(scope, { apiGateway }).url).toBe('https://api.example.com/edge/mcp');
    });
    expect(named.dataSources('oci_apigateway_gateway')).toEqual([]);
  });

  test('may be the one that another edge made, where that left room', () => {
    const twoEdges = (pathPrefix?: string) => (stack: TerraformStack) => {
      const { apiGatewayId: gatewayId } = edge(stack, { pathPrefix });
      const target = McpServer.fromEndpoint(stack, 'Docs', { url: 'https://docs.example/mcp' });
      const apiGateway = { gatewayId, compartmentId };
      new ApiGatewayEdge(stack, 'Second', { compartmentId, target, apiGateway, inboundAuth: jwt() });
    };
    expect(synth(twoEdges('/first')).resources('oci_apigateway_deployment')).toHaveLength(4);
    expect(faultsOf(twoEdges())).toEqual([
      '[stack/Edge] pathPrefix: got "/"; allowed: a longer path beside other deployments: "/" must be alone on an API Gateway',
    ]);
  });

  test('is let in by the addresses of its subnet', () => {
    const apiGateway = { gatewayId: shared.gatewayId, compartmentId, cidrBlock: '10.0.40.0/24' };
    expect(rules(synthEdge({ apiGateway }), /Gateway_/)).toContain('TCP 9000 from edge-api-gateway');
    expect(rules(synthEdge({ apiGateway }))).toEqual([]);
  });

  test('has settings of its own, and must be known to the target', () => {
    const domain = { hostname: 'mcp.example.com', certificateId: 'ocid1.certificate.oc1..mcp' };
    const apiGateway = { gatewayId: shared.gatewayId, compartmentId };
    const of = (prop: string) =>
      `[stack/Edge] ${prop}: got "a setting of the API Gateway"; allowed: settings of an API Gateway made here: apiGateway names one that has its own; fix: remove ${prop} or apiGateway`;
    expect(edgeFaults({ apiGateway, domain, endpoint: 'PUBLIC', clients: [] })).toEqual([
      of('endpoint'),
      of('domain'),
      of('clients'),
      '[stack/Edge] apiGateway: got "neither securityGroupId nor cidrBlock"; allowed: one of them, so that the target can let the API Gateway in',
    ]);
  });

  test.each(['team', '/team/', '//team', '/team?a=b', `/${'a'.repeat(218)}`])(
    'fails with the prefix %s',
    (pathPrefix) => {
      expect(edgeFaults({ apiGateway: shared, pathPrefix })).toEqual([
        `[stack/Edge] pathPrefix: got "${pathPrefix}"; allowed: a path of at most 218 letters, digits and - _ . / that starts with "/" and does not end with one`,
      ]);
    },
  );

  test('takes a prefix which the metadata fits behind', () => {
    const pathPrefix = `/${'a'.repeat(217)}`;
    const prefixes = synthEdge({ apiGateway: shared, pathPrefix })
      .resources('oci_apigateway_deployment')
      .map((deployment) => deployment['path_prefix'].length);
    expect(prefixes).toEqual([218, 255]);
  });

  const several = (count: number, prefix: (i: number) => string) => (stack: TerraformStack) => {
    const target = McpServer.fromEndpoint(stack, 'Docs', { url: 'https://docs.example/mcp' });
    for (let i = 1; i <= count; i++) {
      const props = {
        compartmentId,
        target,
        apiGateway: shared,
        pathPrefix: prefix(i),
        authentication: 'NONE',
      } as const;
      new ApiGatewayEdge(stack, `Edge${i}`, props);
    }
  };

  test('holds 20 deployments', () => {
    expect(synth(several(20, (i) => `/team-${i}`)).resources('oci_apigateway_deployment')).toHaveLength(20);
    expect(faultsOf(several(21, (i) => `/team-${i}`))).toEqual([
      '[stack/Edge21] pathPrefix: got 21; allowed: at most 20 deployments on one API Gateway',
    ]);
  });

  test('holds one deployment of a prefix, and nothing beside "/"', () => {
    expect(faultsOf(several(2, () => '/team'))).toEqual([
      '[stack/Edge2] pathPrefix: got "/team"; allowed: a path that no other deployment has, as stack/Edge1/Deployment does',
    ]);
    expect(faultsOf(several(2, (i) => (i === 1 ? '/' : '/team')))).toEqual([
      '[stack/Edge1] pathPrefix: got "/"; allowed: a longer path beside other deployments: "/" must be alone on an API Gateway',
    ]);
    expect(synth(several(1, () => '/')).resources('oci_apigateway_deployment')).toHaveLength(1);
  });
});

describe('authentication', () => {
  const challenge = {
    type: 'MODIFY_RESPONSE',
    response_code: '401',
    response_header_transformations: {
      set_headers: {
        items: [
          {
            if_exists: 'OVERWRITE',
            name: 'WWW-Authenticate',
            values: [
              'Bearer resource_metadata="https://${oci_apigateway_gateway.Edge_Gateway_99F586E5.hostname}/.well-known/oauth-protected-resource/mcp"',
            ],
          },
        ],
      },
    },
  };

  test('checks what the gateway checks', () => {
    expect(deploymentOf(synthEdge())['request_policies'].authentication).toEqual({
      type: 'TOKEN_AUTHENTICATION',
      token_header: 'Authorization',
      token_auth_scheme: 'Bearer',
      is_anonymous_access_allowed: true,
      max_clock_skew_in_seconds: 30,
      validation_policy: {
        type: 'REMOTE_JWKS',
        uri: 'https://idcs.example/admin/v1/SigningCert/jwk',
        is_ssl_verify_disabled: false,
        max_cache_duration_in_hours: 1,
        additional_validation_policy: { issuers: ['https://identity.oraclecloud.com/'], audiences: ['mcp'] },
      },
      validation_failure_policy: challenge,
    });
  });

  test('checks further claims with the same patience', () => {
    const inboundAuth = jwt({
      clockSkewSeconds: 120,
      keyCacheHours: 24,
      requiredClaims: { tenant: ['acme', 'umbrella'] },
    });
    expect(deploymentOf(synthEdge({}, inboundAuth))['request_policies'].authentication).toMatchObject({
      max_clock_skew_in_seconds: 120,
      validation_policy: {
        max_cache_duration_in_hours: 24,
        additional_validation_policy: {
          verify_claims: [{ key: 'tenant', values: ['acme', 'umbrella'], is_required: true }],
        },
      },
    });
  });

  test('goes out to the port where keys are published', () => {
    const stack = synthEdge({}, jwt({ jwksUri: 'https://id.example:8443/jwks' }));
    expect(rules(stack)).toEqual(['TCP 9000 to gateway-security-group', 'TCP 8443 to internet']);
  });

  test('takes the older policy, whose 401 stays as it is', () => {
    const stack = synthEdge({ authentication: 'JWT_AUTHENTICATION' });
    expect(deploymentOf(stack)['request_policies'].authentication).toEqual({
      type: 'JWT_AUTHENTICATION',
      token_header: 'Authorization',
      token_auth_scheme: 'Bearer',
      is_anonymous_access_allowed: true,
      max_clock_skew_in_seconds: 30,
      issuers: ['https://identity.oraclecloud.com/'],
      audiences: ['mcp'],
      public_keys: {
        type: 'REMOTE_JWKS',
        uri: 'https://idcs.example/admin/v1/SigningCert/jwk',
        is_ssl_verify_disabled: false,
        max_cache_duration_in_hours: 1,
      },
    });
  });

  test.each(['TOKEN_AUTHENTICATION', 'JWT_AUTHENTICATION'] as const)('takes one key for %s', (authentication) => {
    const publicKey = pem('rsa');
    const stack = synthEdge({ authentication, publicKeyId: 'k1' }, jwt({ jwksUri: undefined, publicKey }));
    const policy = deploymentOf(stack)['request_policies'].authentication;
    const keys = { type: 'STATIC_KEYS', keys: [{ format: 'PEM', kid: 'k1', key: publicKey }] };
    expect(policy.validation_policy ?? policy.public_keys).toMatchObject(keys);
    expect(rules(stack)).not.toContain('TCP 443 to internet');
  });

  test('asks for the scopes that get something out of the gateway, whenever they were added', () => {
    let scopes: string[] = [];
    const inboundAuth: IInboundAuth = {
      anonymous: false,
      renderConfig: () => ({ ...jwt().renderConfig(() => ''), tool_scopes: { 'logs_*': scopes } }),
    };
    const stack = synth((scope) => {
      edge(scope, {}, inboundAuth);
      scopes = ['logs:read', 'logs:write'];
    });
    expect(routeOf(stack, '/mcp')['request_policies'].authorization).toEqual({
      type: 'ANY_OF',
      allowed_scope: ['logs:read', 'logs:write'],
    });
    const header = deploymentOf(stack)['request_policies'].authentication.validation_failure_policy;
    expect(header.response_header_transformations.set_headers.items[0].values[0]).toMatch(
      /^Bearer scope="logs:read logs:write", resource_metadata="/,
    );
  });

  test('lets required scopes speak for themselves', () => {
    const stack = synthEdge({}, jwt({ requiredScopes: ['mcp:use'], toolScopes: { logs_delete: ['write'] } }));
    expect(routeOf(stack, '/mcp')['request_policies'].authorization).toEqual({
      type: 'ANY_OF',
      allowed_scope: ['mcp:use'],
    });
  });

  test('names the URL which the inbound auth names', () => {
    const stack = synthEdge({}, jwt({ resourceUrl: 'https://cdn.example/agents/mcp/' }));
    const header = deploymentOf(stack)['request_policies'].authentication.validation_failure_policy;
    expect(header.response_header_transformations.set_headers.items[0].values).toEqual([
      'Bearer resource_metadata="https://cdn.example/.well-known/oauth-protected-resource/agents/mcp/"'.replace(
        'mcp/"',
        'mcp"',
      ),
    ]);
    expect(renderedConfig(stack).auth.resource_url).toBe('https://cdn.example/agents/mcp/');
  });

  /** As `InboundAuth.staticTokens`, in a file which is there already. */
  const fixed: IInboundAuth = {
    anonymous: false,
    renderConfig: () => ({ enabled: true, static_tokens_file: '/run/tokens.json', required_scopes: ['mcp:use'] }),
  };

  test('leaves fixed tokens to the gateway when that is said', () => {
    const stack = synthEdge({ authentication: 'NONE' }, fixed);
    expect(deploymentOf(stack)['request_policies']).toBeUndefined();
    expect(routeOf(stack, '/mcp')['request_policies']).toBeUndefined();
    expect(stack.warnings).toEqual([]);
    expect(edgeFaults({}, fixed)).toEqual([
      '[stack/Edge] authentication: got "fixed tokens, of which an API Gateway knows nothing"; allowed: signed tokens, or "NONE", with which the target alone checks them',
    ]);
  });

  test('is left out where nobody has to prove anything, with a warning of gateway and edge', () => {
    const stack = synthEdge({}, InboundAuth.none());
    expect(deploymentOf(stack)['routes'].map(({ path }: Block) => path)).toEqual(['/mcp', '/health']);
    expect(deploymentOf(stack)['request_policies']).toBeUndefined();
    expect(stack.warnings.map((warning) => warning.split(';')[0])).toEqual([
      '[stack/Gateway] inboundAuth: everybody who reaches this gateway may call every tool',
      '[stack/Edge] inboundAuth: everybody who reaches this edge may call the target',
    ]);
  });

  const values = (count: number) => Array.from({ length: count }, (_, i) => `https://issuer-${i}.example/`);
  const claims = (count: number) => Object.fromEntries(values(count).map((claim) => [claim, ['a']]));

  test('takes five issuers, five audiences and ten claims', () => {
    const inboundAuth = jwt({ issuer: values(5), audiences: values(5), requiredClaims: claims(10) });
    const { validation_policy } = deploymentOf(synthEdge({}, inboundAuth))['request_policies'].authentication;
    expect(validation_policy.additional_validation_policy.verify_claims).toHaveLength(10);
  });

  test.each<[string, Partial<JwtAuthOptions>, string]>([
    ['six issuers', { issuer: values(6) }, `got ${JSON.stringify(values(6))}; allowed: at most 5 values of jwt_issuer`],
    [
      'six audiences',
      { audiences: values(6) },
      `got ${JSON.stringify(values(6))}; allowed: at most 5 values of jwt_audience`,
    ],
    ['no issuer', { issuer: [] }, 'got undefined; allowed: at least one value of jwt_issuer'],
    [
      'eleven claims',
      { requiredClaims: claims(11) },
      `got ${JSON.stringify(values(11))}; allowed: at most 10 claims on an API Gateway`,
    ],
    [
      'curves',
      { algorithms: ['RS256', 'ES256'] },
      'got ["ES256"]; allowed: RS256, RS384, RS512: an API Gateway checks no other signatures',
    ],
    ['keys kept for 25 hours', { keyCacheHours: 25 }, 'got 25; allowed: a whole number from 1 to 24'],
    ['keys kept for no time', { keyCacheHours: 0 }, 'got 0; allowed: a whole number from 1 to 24'],
  ])('fails with %s', (_, options, fault) => {
    expect(edgeFaults({}, jwt(options))).toContain(`[stack/Edge] inboundAuth: ${fault}`);
  });

  test('fails with a key that is not RSA, and without its id', () => {
    const publicKey = pem('ec');
    expect(edgeFaults({}, jwt({ jwksUri: undefined, publicKey }))).toEqual([
      '[stack/Edge] inboundAuth: got "a public key of type ec"; allowed: an RSA key in PEM form',
      '[stack/Edge] publicKeyId: got undefined; allowed: the kid in the header of the tokens: an API Gateway finds a PEM key by it',
    ]);
    expect(edgeFaults({ publicKeyId: 'k1' })).toEqual([
      '[stack/Edge] publicKeyId: got "k1"; allowed: nothing where the inbound auth has a key set',
    ]);
  });

  test('fails with a kind that the platform does not have', () => {
    expect(edgeFaults({ authentication: 'CUSTOM_AUTHENTICATION' as never })).toEqual([
      '[stack/Edge] authentication: got "CUSTOM_AUTHENTICATION"; allowed: one of TOKEN_AUTHENTICATION, JWT_AUTHENTICATION, NONE',
    ]);
  });
});

describe('a target that checks no tokens', () => {
  const block = { filter_headers: { type: 'BLOCK', items: [{ name: 'Authorization' }] } };
  const server = (props: Partial<ApiGatewayEdgeProps>) => (stack: TerraformStack) =>
    void edge(stack, { target: containerInstanceServer(stack, {}, { healthPath: '/healthz' }), ...props });

  test('never sees one, and the edge says where to get it', () => {
    const inboundAuth = jwt({ requiredScopes: ['mcp:use'], scopePrefix: 'mcp/' });
    const stack = synth(server({ inboundAuth, pathPrefix: '/cost' }));
    expect(routeOf(stack, '/mcp')['request_policies']).toEqual({
      authorization: { type: 'ANY_OF', allowed_scope: ['mcp:use'] },
      header_transformations: block,
    });
    expect(routeOf(stack, '/healthz', 'GET')['request_policies']).toEqual({
      authorization: { type: 'ANONYMOUS' },
      header_transformations: block,
    });
    const metadata = stack.resource('oci_apigateway_deployment', 'Edge_Metadata_Deployment');
    expect(metadata['path_prefix']).toBe('/.well-known/oauth-protected-resource/cost');
    const [{ backend, request_policies }] = metadata['specification'].routes;
    expect(request_policies).toBeUndefined();
    expect({ ...backend, body: JSON.parse(String(evaluate(backend.body))) }).toEqual({
      type: 'STOCK_RESPONSE_BACKEND',
      status: 200,
      headers: [{ name: 'Content-Type', value: 'application/json' }],
      body: {
        resource: 'https://reference.example/cost/mcp',
        authorization_servers: ['https://identity.oraclecloud.com/'],
        scopes_supported: ['mcp/mcp:use'],
        bearer_methods_supported: ['header'],
        resource_name: 'edge',
      },
    });
  });

  test('needs somebody who checks them, or a word that nobody does', () => {
    expect(faultsOf(server({}))).toEqual([
      '[stack/Edge] inboundAuth: got undefined; allowed: how clients prove themselves, which this target does not say; fix: pass InboundAuth.jwt({ issuer, audiences, jwksUri })',
    ]);
    const warning =
      '[stack/Edge] inboundAuth: everybody who reaches this edge may call the target; use InboundAuth.jwt({ issuer, audiences, jwksUri })';
    expect(synth(server({ inboundAuth: InboundAuth.none() })).warnings).toContain(warning);
    expect(synth(server({ authentication: 'NONE' })).warnings).toContain(warning);
    expect(synth(server({ authentication: 'NONE', inboundAuth: jwt() })).warnings).toContain(warning);
    expect(synth(server({ inboundAuth: jwt() })).warnings).not.toContain(warning);
  });

  test('can rely on no more than an API Gateway checks', () => {
    const inboundAuth = jwt({ requiredScopes: ['a', 'b'], toolScopes: { logs_delete: ['write'] } });
    expect(faultsOf(server({ inboundAuth }))).toEqual([
      '[stack/Edge] inboundAuth: got "tool_scopes"; allowed: what an API Gateway can check, where the target checks nothing',
      '[stack/Edge] inboundAuth: got ["a","b"]; allowed: one required scope: an API Gateway asks for any of several, not for all',
    ]);
  });

  test('may be somewhere else, and want headers', () => {
    const stack = synth((scope) => {
      const headers = { 'X-Team': 'agents' };
      const target = McpServer.fromEndpoint(scope, 'Docs', { url: 'https://docs.example/v2/mcp', headers });
      edge(scope, { target, inboundAuth: jwt() });
    });
    expect(routeOf(stack, '/mcp')['backend'].url).toBe('https://docs.example/v2/mcp');
    expect(routeOf(stack, '/mcp')['request_policies'].header_transformations).toEqual({
      ...block,
      set_headers: { items: [{ name: 'X-Team', values: ['agents'], if_exists: 'OVERWRITE' }] },
    });
    expect(rules(stack)).toEqual(['TCP 443 to internet']);
  });

  test('cannot want credentials of its caller, nor speak another transport', () => {
    const elsewhere = (attributes: object) => (stack: TerraformStack) => {
      const target = McpServer.fromEndpoint(stack, 'Docs', { url: 'https://docs.example/mcp', ...attributes });
      edge(stack, { target, inboundAuth: jwt() });
    };
    expect(faultsOf(elsewhere({ outboundAuth: OutboundAuth.ociSignature() }))).toEqual([
      '[stack/Edge] target: got "an endpoint that wants credentials of its caller"; allowed: one that wants none: an API Gateway signs nothing; fix: put an McpGateway in between',
    ]);
    expect(faultsOf(elsewhere({ transport: McpTransport.SSE }))).toEqual([
      '[stack/Edge] target: got "sse"; allowed: a target that speaks streamable_http; fix: put an McpGateway in between',
    ]);
  });
});

describe('what holds for a whole deployment', () => {
  test('is nothing unless told', () => {
    expect(Object.keys(deploymentOf(synthEdge())['request_policies'])).toEqual(['authentication']);
  });

  test('is a rate limit', () => {
    const policies = (rateLimit: ApiGatewayEdgeProps['rateLimit']) =>
      deploymentOf(synthEdge({ rateLimit }))['request_policies'].rate_limiting;
    expect(policies({ requestsPerSecond: 10 })).toEqual({ rate_in_requests_per_second: 10, rate_key: 'CLIENT_IP' });
    expect(policies({ requestsPerSecond: 1, per: 'TOTAL' })).toEqual({
      rate_in_requests_per_second: 1,
      rate_key: 'TOTAL',
    });
    expect(edgeFaults({ rateLimit: { requestsPerSecond: 0, per: 'HOST' as never } })).toEqual([
      '[stack/Edge] rateLimit.requestsPerSecond: got 0; allowed: a whole number of at least 1',
      '[stack/Edge] rateLimit.per: got "HOST"; allowed: one of CLIENT_IP, TOTAL',
    ]);
  });

  test('are the origins of browsers, which may ask before they send', () => {
    const stack = synthEdge({}, jwt({ corsOrigins: ['https://console.example'] }));
    expect(deploymentOf(stack)['request_policies'].cors).toEqual({
      allowed_origins: ['https://console.example'],
      allowed_methods: ['GET', 'POST', 'DELETE', 'OPTIONS'],
      allowed_headers: [
        ...['Authorization', 'Content-Type', 'Accept', 'Last-Event-ID'],
        ...['Mcp-Session-Id', 'MCP-Protocol-Version', 'Mcp-Method', 'Mcp-Name'],
      ],
      exposed_headers: ['Mcp-Session-Id', 'WWW-Authenticate'],
      max_age_in_seconds: 600,
    });
    expect(routeOf(stack, '/mcp', 'OPTIONS')).toEqual({
      path: '/mcp',
      methods: ['OPTIONS'],
      backend: { type: 'STOCK_RESPONSE_BACKEND', status: 204 },
      request_policies: { authorization: { type: 'ANONYMOUS' } },
    });
  });

  test('are certificates of clients', () => {
    const mutualTls = {
      caBundleIds: ['ocid1.cabundle.oc1..partners'],
      certificateAuthorityIds: ['ocid1.certificateauthority.oc1..own'],
      allowedNames: ['agent.example.com'],
    };
    const stack = synthEdge({ mutualTls });
    expect(deploymentOf(stack)['request_policies'].mutual_tls).toEqual({
      is_verified_certificate_required: true,
      allowed_sans: ['agent.example.com'],
    });
    expect(stack.resource('oci_apigateway_gateway')['ca_bundles']).toEqual([
      { type: 'CA_BUNDLE', ca_bundle_id: 'ocid1.cabundle.oc1..partners' },
      { type: 'CERTIFICATE_AUTHORITY', certificate_authority_id: 'ocid1.certificateauthority.oc1..own' },
    ]);
    const alone = deploymentOf(synthEdge({ apiGateway: shared, mutualTls: {} }));
    expect(alone['request_policies'].mutual_tls).toEqual({ is_verified_certificate_required: true });
  });

  test('fail where no certificate could be trusted, and with more than ten names', () => {
    const names = (count: number) => Array.from({ length: count }, (_, i) => `agent-${i}.example.com`);
    const caBundleIds = ['ocid1.cabundle.oc1..partners'];
    expect(synthEdge({ mutualTls: { caBundleIds, allowedNames: names(10) } }).warnings).toEqual([]);
    expect(edgeFaults({ mutualTls: { allowedNames: names(11) } })).toEqual([
      '[stack/Edge] mutualTls: got "0 authorities"; allowed: at least one of caBundleIds and certificateAuthorityIds: clients with certificates of public authorities are refused',
      '[stack/Edge] mutualTls.allowedNames: got 11; allowed: at most 10',
    ]);
    expect(edgeFaults({ apiGateway: shared, mutualTls: { caBundleIds } })).toEqual([
      '[stack/Edge] mutualTls: got "1 authorities"; allowed: allowedNames alone: an API Gateway that exists has a trust store of its own',
    ]);
  });

  test('are the logs, of the metadata as well', () => {
    const monitoring = {
      compartmentId,
      logCompartmentId: compartmentId,
      logGroupId: 'ocid1.loggroup.oc1..mcp',
      logRetentionDays: 60,
      topicId: 'ocid1.onstopic.oc1..mcp',
    };
    const stack = synthEdge({ monitoring, apiGateway: shared, executionLogLevel: 'WARN' });
    expect(deploymentOf(stack)['logging_policies']).toEqual({ execution_log: { is_enabled: true, log_level: 'WARN' } });
    expect(stack.resources('oci_logging_log').map((log) => [log['display_name'], log['retention_duration']])).toEqual([
      ['stack-edge-access', 60],
      ['stack-edge-execution', 60],
      ['stack-edge-metadata-access', 60],
      ['stack-edge-metadata-execution', 60],
    ]);
    const deployment = stack.resource('oci_apigateway_deployment', 'Edge_Deployment');
    expect(stack.resource('oci_logging_log', 'Edge_AccessLog')['configuration']).toEqual({
      compartment_id: compartmentId,
      source: {
        source_type: 'OCISERVICE',
        service: 'apigateway',
        category: 'access',
        resource: `\${${addressOf(stack, deployment)}.id}`,
      },
    });
    expect(synthEdge().resources('oci_logging_log')).toEqual([]);
    expect(deploymentOf(synthEdge({ monitoring }))['logging_policies'].execution_log.log_level).toBe('INFO');
  });
});

test('takes references', () => {
  const stack = synth((scope) => {
    const value = (name: string) => reference(scope, name);
    const target = McpServer.fromEndpoint(scope, 'Docs', { url: value('docs') });
    const inboundAuth = InboundAuth.jwt({
      issuer: value('issuer'),
      audiences: [value('audience')],
      jwksUri: value('keys'),
    });
    const apiGateway = {
      gatewayId: value('gateway'),
      compartmentId: value('edge_compartment'),
      securityGroupId: value('group'),
    };
    new ApiGatewayEdge(scope, 'Edge', {
      compartmentId: value('compartment'),
      target,
      inboundAuth,
      apiGateway,
      pathPrefix: value('prefix'),
      healthPath: '/health',
    });
  });
  const [main, metadata] = stack.resources('oci_apigateway_deployment');
  expect(main).toMatchObject({ gateway_id: '${var.gateway}', path_prefix: '${var.prefix}' });
  expect(metadata?.['path_prefix']).toBe('/.well-known/oauth-protected-resource${var.prefix}');
  const values = { 'var.docs': 'https://docs.example:8443/v2/mcp?x=1' };
  expect(evaluate(routeOf(stack, '/mcp')['backend'].url, values)).toBe('https://docs.example:8443/v2/mcp?x=1');
  expect(evaluate(routeOf(stack, '/health', 'GET')['backend'].url, values)).toBe('https://docs.example:8443/health');
});
