import { TerraformOutput, type TerraformStack } from 'cdktf';
import {
  ApiGatewayEdge,
  ContainerInstanceHosting,
  InboundAuth,
  LoadBalancerEdge,
  McpGateway,
  type Metric,
  Monitoring,
} from 'cdktf-oci-mcp';
import { isAlarmQuery } from '../../helpers/mql';
import { addressOf, synth } from '../../helpers/synth';
import { compartmentId, image, network } from '../fixtures';

const inboundAuth = InboundAuth.jwt({
  issuer: ['https://id.example/'],
  audiences: ['mcp'],
  jwksUri: 'https://id.example/jwks',
});

const monitoringOf = (stack: TerraformStack, alarms?: 'none') =>
  new Monitoring(stack, 'Monitoring', { compartmentId, alarms, notifications: { topicId: 'ocid1.onstopic.oc1..own' } });

const gatewayOf = (stack: TerraformStack) =>
  new McpGateway(stack, 'Gateway', {
    image,
    hosting: new ContainerInstanceHosting({ network: network(stack), compartmentId }),
    inboundAuth,
  });

function edgeOf(
  stack: TerraformStack,
  monitoring?: Monitoring,
  apiGateway?: { gatewayId: string; compartmentId: string },
) {
  const place = apiGateway ? { apiGateway: { ...apiGateway, cidrBlock: '10.0.0.0/24' } } : { network: network(stack) };
  return new ApiGatewayEdge(stack, 'Edge', { compartmentId, target: gatewayOf(stack), monitoring, ...place });
}

test('a load balancer has an alarm about replicas whose health check fails', () => {
  const stack = synth((scope) => {
    const target = gatewayOf(scope);
    const tls = { certificateId: 'ocid1.certificate.oc1..example', hostname: 'mcp.example.com' };
    const monitoring = monitoringOf(scope);
    new LoadBalancerEdge(scope, 'Edge', { compartmentId, network: network(scope), target, monitoring, ...tls });
  });
  const balancer = addressOf(stack, stack.resource('oci_load_balancer_load_balancer'));
  const alarm = stack.resource('oci_monitoring_alarm');
  expect(isAlarmQuery(alarm['query'])).toBe(true);
  expect(alarm).toMatchObject({
    namespace: 'oci_lbaas',
    query: `UnhealthyBackendServers[1m]{resourceId = "\${${balancer}.id}"}.grouping().max() > 0`,
    display_name: 'stack/Edge/LoadBalancer: a replica does not answer',
    severity: 'WARNING',
  });
});

describe('an API Gateway', () => {
  const alarmsOf = (build: (stack: TerraformStack) => void) => synth(build).resources('oci_monitoring_alarm');

  test('has alarms about errors and about waiting, where clients meet it', () => {
    const alarms = alarmsOf((stack) => void edgeOf(stack, monitoringOf(stack)));
    const texts = alarms.map(({ query }) => query.replace(/\$\{\w+\.\w+\.id\}/, 'ID'));
    expect(texts.sort()).toEqual([
      'HttpResponses[5m]{deploymentId = "ID", httpStatusCategory = "5xx"}.grouping().sum() > 20',
      'Latency[5m]{deploymentId = "ID", httpMethodType = "POST"}.grouping().percentile(0.99) > 10000',
    ]);
    expect(alarms.every(({ query }) => isAlarmQuery(query))).toBe(true);
    expect(alarms.map(({ namespace, display_name }) => [namespace, display_name]).sort()).toEqual([
      ['oci_apigateway', 'stack/Edge: clients get errors'],
      ['oci_apigateway', 'stack/Edge: clients wait'],
    ]);
  });

  test('that is shared publishes in its own compartment', () => {
    const shared = { gatewayId: 'ocid1.apigateway.oc1..own', compartmentId: 'ocid1.compartment.oc1..edges' };
    const alarms = alarmsOf((stack) => void edgeOf(stack, monitoringOf(stack), shared));
    expect(alarms.map((alarm) => alarm['metric_compartment_id'])).toEqual(Array(2).fill(shared.compartmentId));
    expect(alarms.map((alarm) => alarm['compartment_id'])).toEqual(Array(2).fill(compartmentId));
  });

  test('has none without thresholds', () => {
    expect(alarmsOf((stack) => void edgeOf(stack, monitoringOf(stack, 'none')))).toEqual([]);
    expect(alarmsOf((stack) => void edgeOf(stack))).toEqual([]);
  });

  test.each<[string, (edge: ApiGatewayEdge) => Metric]>([
    ['HttpRequests[5m]{deploymentId = "ID"}.grouping().sum()', (edge) => edge.metricCalls()],
    [
      'HttpResponses[1m]{deploymentId = "ID", httpStatusCategory = "5xx"}.groupBy(route).sum()',
      (edge) => edge.metricErrors({ intervalMinutes: 1, splitBy: 'route' }),
    ],
    [
      'Latency[5m]{deploymentId = "ID", httpMethodType = "POST"}.grouping().percentile(0.50)',
      (edge) => edge.metricLatency({ statistic: 'p50' }),
    ],
  ])('%s', (expected, ask) => {
    const { json } = synth((stack) => {
      new TerraformOutput(stack, 'query', { value: ask(edgeOf(stack)).query() });
    });
    expect(json['output'].query.value.replace(/\$\{\w+\.\w+\.id\}/, 'ID')).toBe(expected);
  });
});
