import type { TerraformStack } from 'cdktf';
import {
  type ApiGatewayEdgeProps,
  ContainerInstanceHosting,
  InboundAuth,
  LoadBalancerEdge,
  McpGateway,
  McpServer,
  McpTransport,
  OutboundAuth,
} from 'cdktf-oci-mcp';
import { evaluate, renderedConfig } from '../../../helpers/rendered-config';
import { type Block, faultsOf, synth } from '../../../helpers/synth';
import { compartmentId, containerInstanceServer, image, network } from '../../fixtures';
import { deploymentOf, edge, edgeFaults, jwt, routeOf, rules, synthEdge } from './fixtures';

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

  test.each(['mcp', '/mcp/', '/', '/{path*}', `/${'a'.repeat(1963)}`])('fail with the path %s', (path) => {
    expect(edgeFaults({ path })).toEqual([
      `[stack/Edge] path: got "${path}"; allowed: a path of at most 1963 letters, digits and - _ . / that starts with "/" and does not end with one`,
    ]);
  });

  test('may have a path which the metadata fits in front of', () => {
    const paths = deploymentOf(synthEdge({ path: `/${'a'.repeat(1962)}` }))['routes'].map(
      ({ path }: Block) => path.length,
    );
    expect(Math.max(...paths)).toBe(2000);
  });

  test('may have a health path of 2000 characters', () => {
    const healthPath = `/${'a'.repeat(1999)}`;
    expect(routeOf(synthEdge({ healthPath }), healthPath, 'GET')).toBeDefined();
    expect(edgeFaults({ healthPath: `${healthPath}a` })).toEqual([
      `[stack/Edge] healthPath: got "${healthPath}a"; allowed: a path of at most 2000 letters, digits and - _ . / that starts with "/" and does not end with one`,
    ]);
  });
});

describe('a target that checks no tokens', () => {
  const block = { filter_headers: { type: 'BLOCK', items: [{ name: 'Authorization' }] } };
  const server = (props: Partial<ApiGatewayEdgeProps>) => (stack: TerraformStack) =>
    void edge(stack, { target: containerInstanceServer(stack, {}, { healthPath: '/healthz' }), ...props });

  test('may tell of its health where it is called, which opens nothing', () => {
    const build = (props: Partial<ApiGatewayEdgeProps>) => (stack: TerraformStack) => {
      const target = containerInstanceServer(stack, {}, { healthPath: '/mcp' });
      edge(stack, { target, inboundAuth: jwt(), ...props });
    };
    const routes = deploymentOf(synth(build({})))['routes'].filter(({ path }: Block) => path === '/mcp');
    expect(routes.map((route: Block) => route['request_policies'].authorization.type)).toEqual(['AUTHENTICATION_ONLY']);
    expect(faultsOf(build({ healthPath: '/mcp' }))).toEqual([
      '[stack/Edge] healthPath: got "/mcp"; allowed: another path than that of the MCP endpoint: everybody may read it',
    ]);
  });

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

describe('views of a gateway', () => {
  const target = (count: number, corsOrigins?: string[]) => (stack: TerraformStack) =>
    new McpGateway(stack, 'Gateway', {
      image,
      hosting: new ContainerInstanceHosting({ network: network(stack), compartmentId }),
      inboundAuth: jwt({ requiredScopes: ['mcp'], corsOrigins }),
      views: Object.fromEntries(Array.from({ length: count }, (_, n) => [`view-${n}`, {}])),
    });

  test('are routed as the whole, each to its own path', () => {
    const stack = synth((scope) => void edge(scope, { target: target(2, ['https://app.example'])(scope) }));
    const [whole, view] = [routeOf(stack, '/mcp'), routeOf(stack, '/mcp/view-1')];
    expect(view).toEqual({
      ...whole,
      path: '/mcp/view-1',
      backend: { ...whole['backend'], url: `${whole['backend'].url}/view-1` },
    });
    expect(view['request_policies'].authorization).toBeDefined();
    expect(routeOf(stack, '/mcp/view-1', 'OPTIONS')['backend']).toMatchObject({ status: 204 });
  });

  test.each(['/', '/team'])('have the metadata of the whole, with prefix %s', (pathPrefix) => {
    const stack = synth((scope) => void edge(scope, { target: target(2)(scope), pathPrefix }));
    const place = '/.well-known/oauth-protected-resource';
    const routes = stack
      .resources('oci_apigateway_deployment')
      .flatMap(({ path_prefix, specification }) =>
        specification.routes.map(({ path, backend }: Block) => [path_prefix.replace(/\/$/, '') + path, backend.url]),
      );
    const whole = `${place}${pathPrefix.replace(/\/$/, '')}/mcp`;
    const ofViews = routes.filter(([path]) => path.startsWith(`${whole}/`));
    expect(ofViews).toEqual([[`${whole}/{view}`, expect.stringMatching(new RegExp(`${place}$`))]]);
    expect(routes).toContainEqual([whole, ofViews[0]?.[1]]);
  });

  test('are routed behind a load balancer, too', () => {
    const stack = synth((scope) => {
      const balancer = new LoadBalancerEdge(scope, 'Balancer', {
        compartmentId,
        network: network(scope),
        target: target(1)(scope),
      });
      edge(scope, { target: balancer });
    });
    expect(routeOf(stack, '/mcp/view-0')['backend'].url).toMatch(/\/mcp\/view-0$/);
  });

  test('fail when there are more than a deployment has routes for', () => {
    expect(deploymentOf(synth((scope) => void edge(scope, { target: target(45)(scope) })))['routes']).toHaveLength(50);
    expect(faultsOf((scope) => void edge(scope, { target: target(46)(scope) }))).toEqual([
      '[stack/Edge] target: got "46 views"; allowed: as many as leave the deployment 50 routes: each view needs one, and one more where browsers call; fix: put a LoadBalancerEdge in front of the gateway',
    ]);
  });
});

describe('the REST API of a gateway', () => {
  const target = (stack: TerraformStack, corsOrigins?: string[]) =>
    new McpGateway(stack, 'Gateway', {
      image,
      hosting: new ContainerInstanceHosting({ network: network(stack), compartmentId }),
      inboundAuth: jwt({ requiredScopes: ['mcp'], corsOrigins }),
      restApi: true,
    });
  const path = '/api/v1/{rest*}';

  test('is routed with everything below, and asks for the same as MCP', () => {
    const stack = synth((scope) => void edge(scope, { target: target(scope, ['https://app.example']) }));
    const [mcp, rest] = [routeOf(stack, '/mcp'), routeOf(stack, path)];
    expect(rest).toEqual({
      ...mcp,
      path,
      methods: ['POST', 'GET'],
      backend: { ...mcp['backend'], url: mcp['backend'].url.replace(/\/mcp$/, '/api/v1/$$$${request.path[rest]}') },
    });
    expect(rest['request_policies'].authorization).toBeDefined();
    expect(routeOf(stack, path, 'OPTIONS')['backend']).toMatchObject({ status: 204 });
    expect(renderedConfig(stack)).toMatchObject({ rest_api: true });
  });

  test('stands beside MCP, whatever that is called', () => {
    const stack = synth((scope) => void edge(scope, { target: target(scope), path: '/v1/tools', pathPrefix: '/team' }));
    expect(routeOf(stack, `/v1${path}`)).toBeDefined();
  });

  test('is routed behind a load balancer, too, and not where there is none', () => {
    const stack = synth((scope) => {
      const options = { compartmentId, network: network(scope), target: target(scope) };
      edge(scope, { target: new LoadBalancerEdge(scope, 'Balancer', options) });
    });
    expect(routeOf(stack, path)['backend'].url).toContain('/api/v1/');
    expect(deploymentOf(synthEdge())['routes'].map((route: Block) => route['path'])).not.toContain(path);
  });
});
