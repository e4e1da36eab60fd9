import type { ApiGatewayEdgeProps } from 'cdktf-oci-mcp';
import { addressOf } from '../../../helpers/synth';
import { compartmentId } from '../../fixtures';
import { deploymentOf, edgeFaults, jwt, routeOf, shared, synthEdge } from './fixtures';

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

  test('take headers of tools by name, for browsers', () => {
    const auth = jwt({ corsOrigins: ['https://console.example'] });
    const { cors } = deploymentOf(synthEdge({ browserHeaders: ['Mcp-Param-Region'] }, auth))['request_policies'];
    expect(cors.allowed_headers.slice(-2)).toEqual(['Mcp-Name', 'Mcp-Param-Region']);
    expect(edgeFaults({ browserHeaders: ['Mcp-Param-*'] })).toEqual([
      '[stack/Edge] browserHeaders: got "Mcp-Param-*"; allowed: the whole name of a header, such as "Mcp-Param-Region": an API Gateway knows no patterns',
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
