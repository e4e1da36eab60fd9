import { TerraformOutput, type TerraformStack } from 'cdktf';
import { ApiGatewayEdge, InboundAuth, McpServer } from 'cdktf-oci-mcp';
import { evaluate } from '../../helpers/rendered-config';
import { type Block, faultsOf, synth } from '../../helpers/synth';
import { compartmentId, reference } from '../fixtures';
import { edge, edgeFaults, jwt, routeOf, rules, shared, synthEdge } from './api-gateway/fixtures';

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
