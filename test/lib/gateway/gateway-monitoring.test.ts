import { TerraformOutput, type TerraformStack } from 'cdktf';
import {
  ContainerInstanceHosting,
  type IMcpHosting,
  InboundAuth,
  McpGateway,
  type McpGatewayProps,
  McpServer,
  type Metric,
  Monitoring,
  type MonitoringProps,
  OkeHosting,
} from 'cdktf-oci-mcp';
import { isAlarmQuery } from '../../helpers/mql';
import { renderedConfig } from '../../helpers/rendered-config';
import { addressOf, type Block, faultsOf, synth } from '../../helpers/synth';
import { cluster, compartmentId, dynamicGroup, image, network } from '../fixtures';

const operations = 'ocid1.compartment.oc1..operations';
const domainId = 'ocid1.apmdomain.oc1.eu-frankfurt-1.example';
const dataKey = { secretId: 'ocid1.vaultsecret.oc1.eu-frankfurt-1.key', compartmentId: 'ocid1.compartment.oc1..vault' };

const inboundAuth = InboundAuth.jwt({
  issuer: ['https://id.example/'],
  audiences: ['mcp'],
  jwksUri: 'https://id.example/jwks',
});

const oke = (stack: TerraformStack) => new OkeHosting({ cluster: cluster(stack) });
const instance = (stack: TerraformStack) =>
  new ContainerInstanceHosting({ compartmentId, network: network(stack), dynamicGroup: dynamicGroup(stack) });

const monitoringOf = (stack: TerraformStack, props: Partial<MonitoringProps> = {}) =>
  new Monitoring(stack, 'Monitoring', {
    compartmentId: operations,
    logGroupId: 'ocid1.loggroup.oc1..own',
    notifications: { topicId: 'ocid1.onstopic.oc1..own' },
    ...props,
  });

function gatewayOn(
  stack: TerraformStack,
  hosting: IMcpHosting,
  { id = 'Gateway', ...props }: Partial<McpGatewayProps & { id: string }> = {},
): McpGateway {
  return new McpGateway(stack, id, { image, hosting, inboundAuth, ...props });
}

const watched = (hosting: (stack: TerraformStack) => IMcpHosting, props?: Partial<MonitoringProps>) =>
  synth((stack) => void gatewayOn(stack, hosting(stack), { monitoring: monitoringOf(stack, props) }));

const statementsOf = (stack: ReturnType<typeof synth>): string[] =>
  stack.resources('oci_identity_policy').flatMap((policy) => policy['statements']);

describe('metrics', () => {
  test('are published where the monitoring says, in the region of the stack on OKE', () => {
    expect(renderedConfig(watched(oke)).metrics).toEqual({
      namespace: 'mcp_gateway',
      compartment_id: operations,
      region: 'eu-frankfurt-1',
      interval: 60,
    });
  });

  test('are published in the region of the gateway elsewhere', () => {
    expect(renderedConfig(watched(instance)).metrics?.region).toBeUndefined();
  });

  test('are not published without a monitoring', () => {
    const config = renderedConfig(synth((stack) => void gatewayOn(stack, oke(stack))));
    expect(config.metrics).toBeUndefined();
    expect(config.traces).toBeUndefined();
  });

  test('may be published, in no other namespace, before the gateway starts', () => {
    const stack = watched(oke);
    const policy = stack.resource('oci_identity_policy');
    expect(policy).toMatchObject({ compartment_id: operations });
    expect(policy['statements'].filter((statement: string) => !statement.includes('target.loggroup'))).toEqual([
      `Allow any-user to use metrics in compartment id ${operations} where all {request.principal.type='workload', request.principal.namespace='mcp', request.principal.service_account='gateway', request.principal.cluster_id='ocid1.cluster.oc1.eu-frankfurt-1.example', target.metrics.namespace='mcp_gateway'}`,
    ]);
    const pods = stack.resource('kubernetes_deployment_v1');
    expect(pods['depends_on']).toContain(addressOf(stack, policy));
    expect(pods['spec'].template.spec.automount_service_account_token).toBe(true);
  });

  test('may be published by each replica of Container Instances', () => {
    const stack = synth((scope) => {
      const hosting = new ContainerInstanceHosting({
        compartmentId,
        network: network(scope),
        dynamicGroup: dynamicGroup(scope),
        instances: 2,
      });
      gatewayOn(scope, hosting, { monitoring: monitoringOf(scope) });
    });
    expect(statementsOf(stack).filter((statement) => statement.includes(' metrics '))).toEqual([
      expect.stringMatching(
        / to use metrics in compartment id \S+operations where target\.metrics\.namespace='mcp_gateway'$/,
      ),
    ]);
    for (const replica of stack.resources('oci_container_instances_container_instance')) {
      expect(replica['depends_on']).toEqual(expect.arrayContaining([expect.stringContaining('oci_identity_policy')]));
    }
  });

  test('cannot be published by pods without an identity', () => {
    const onBasic = (stack: TerraformStack) => {
      const hosting = new OkeHosting({ cluster: cluster(stack, { type: 'BASIC_CLUSTER' }) });
      gatewayOn(stack, hosting, { monitoring: monitoringOf(stack) });
    };
    expect(faultsOf(onBasic)).toEqual([
      '[stack/Gateway] cluster: got "BASIC_CLUSTER"; allowed: an enhanced cluster: a basic one has no workload identity; fix: upgrade the cluster to ENHANCED_CLUSTER, or grant nothing to this workload',
    ]);
  });

  test('of two gateways have two names', () => {
    const both = (second: Partial<McpGatewayProps>) => (stack: TerraformStack) => {
      const monitoring = monitoringOf(stack);
      gatewayOn(stack, oke(stack), { gatewayName: 'tools', monitoring });
      gatewayOn(stack, oke(stack), { id: 'Other', monitoring, ...second });
    };
    expect(faultsOf(both({ gatewayName: 'tools' }))).toEqual([
      '[stack/Other] gatewayName: got "tools"; allowed: a name that no other gateway of this monitoring has, as stack/Gateway does; fix: pass another gatewayName',
    ]);
    expect(synth(both({})).resources('oci_monitoring_alarm')).toHaveLength(8);
  });
});

describe('spans', () => {
  test('go to the domain, with a key that the gateway alone reads from Vault', () => {
    const stack = watched(oke, { apm: { domainId, dataKey, sampleRatio: 0.25 } });
    const domain = Object.keys(stack.json['data'].oci_apm_apm_domain)[0];
    const endpoint = `data.oci_apm_apm_domain.${domain}.data_upload_endpoint`;
    expect(renderedConfig(stack, { [endpoint]: 'https://apm.example' }).traces).toEqual({
      otlp_url: 'https://apm.example/20200101/opentelemetry/private/v1/traces',
      data_key_secret_id: dataKey.secretId,
      sample_ratio: 0.25,
    });
    expect(statementsOf(stack).filter((statement) => statement.includes('secret-bundles'))).toEqual([
      expect.stringMatching(
        /^Allow any-user to read secret-bundles in compartment id \S+vault where all \{.*target\.secret\.id='ocid1\.vaultsecret\.oc1\.eu-frankfurt-1\.key'\}$/,
      ),
    ]);
  });

  test('come with a key from a Kubernetes Secret', () => {
    const stack = watched(oke, { apm: { domainId, dataKey: { name: 'apm', key: 'data-key' } } });
    expect(renderedConfig(stack).traces).toMatchObject({ data_key_file: expect.stringMatching(/data-key$/) });
  });

  test('are not sent without a key', () => {
    expect(renderedConfig(watched(oke, { apm: { domainId } })).traces).toBeUndefined();
  });
});

describe('alarms', () => {
  const alarms = watched(oke).resources('oci_monitoring_alarm');

  test('are about what a gateway tells of itself and of each backend', () => {
    expect(alarms.map(({ query }: Block) => query).sort()).toEqual([
      'backend_up[1m]{gateway = "gateway"}.groupBy(backend).min() < 1',
      'backends_up[1m]{gateway = "gateway"}.groupBy(gateway).absent(3d)',
      'latency_p99[5m]{gateway = "gateway"}.groupBy(backend).mean() > 10000',
      'unavailable[5m]{gateway = "gateway"}.groupBy(backend).sum() > 20',
    ]);
    expect(alarms.every(({ query }: Block) => isAlarmQuery(query))).toBe(true);
  });

  test('are told to the topic, and say what to do', () => {
    for (const alarm of alarms) {
      expect(alarm).toMatchObject({
        compartment_id: operations,
        metric_compartment_id: operations,
        namespace: 'mcp_gateway',
        destinations: ['ocid1.onstopic.oc1..own'],
        pending_duration: 'PT5M',
        is_enabled: true,
        body: expect.stringContaining('stack/Gateway'),
      });
    }
    const told = alarms.map((alarm) => [
      alarm['display_name'],
      alarm['severity'],
      alarm['is_notifications_per_metric_dimension_enabled'],
    ]);
    expect(told.sort()).toEqual([
      ['stack/Gateway: a backend fails', 'ERROR', true],
      ['stack/Gateway: a backend is down', 'ERROR', true],
      ['stack/Gateway: calls are slow', 'WARNING', true],
      ['stack/Gateway: the gateway is silent', 'CRITICAL', false],
    ]);
  });

  test('follow the thresholds, or are not there', () => {
    const own = watched(oke, { alarms: { errors: 0, latencyMilliseconds: 250, pendingMinutes: 1 } });
    const queries = own.resources('oci_monitoring_alarm').map(({ query }: Block) => query);
    expect(queries).toContain('unavailable[5m]{gateway = "gateway"}.groupBy(backend).sum() > 0');
    expect(queries).toContain('latency_p99[5m]{gateway = "gateway"}.groupBy(backend).mean() > 250');
    expect(own.resources('oci_monitoring_alarm').map((alarm) => alarm['pending_duration'])).toEqual(
      Array(4).fill('PT1M'),
    );
    expect(watched(oke, { alarms: 'none' }).resources('oci_monitoring_alarm')).toEqual([]);
  });
});

describe('metric methods', () => {
  const queryOf = (ask: (gateway: McpGateway, docs: McpServer) => Metric) => {
    const { json } = synth((stack) => {
      const docs = McpServer.fromEndpoint(stack, 'Docs', { url: 'https://docs.example/mcp' });
      const gateway = gatewayOn(stack, oke(stack), { monitoring: monitoringOf(stack), gatewayName: 'tools' });
      gateway.addBackend(docs, { name: 'manuals' });
      new TerraformOutput(stack, 'query', { value: ask(gateway, docs as McpServer).query() });
    });
    return json['output'].query.value;
  };

  test.each<[string, (gateway: McpGateway, docs: McpServer) => Metric]>([
    ['calls[5m]{gateway = "tools"}.grouping().sum()', (gateway) => gateway.metricCalls()],
    [
      'calls[1m]{gateway = "tools", backend = "manuals"}.grouping().sum()',
      (gateway, docs) => gateway.metricCalls({ backend: docs, intervalMinutes: 1 }),
    ],
    ['errors[5m]{gateway = "tools"}.groupBy(backend).sum()', (gateway) => gateway.metricErrors({ splitBy: 'backend' })],
    ['unavailable[5m]{gateway = "tools"}.grouping().sum()', (gateway) => gateway.metricUnavailable()],
    ['denied[5m]{gateway = "tools"}.grouping().sum()', (gateway) => gateway.metricDenied()],
    ['latency_p99[5m]{gateway = "tools"}.grouping().mean()', (gateway) => gateway.metricLatency()],
    [
      'latency_p50[5m]{gateway = "tools"}.grouping().max()',
      (gateway) => gateway.metricLatency('p50', { statistic: 'max' }),
    ],
    [
      'backend_up[1m]{gateway = "tools", backend = "manuals"}.grouping().min()',
      (gateway, docs) => gateway.metricBackendUp(docs),
    ],
  ])('%s', (expected, ask) => {
    expect(queryOf(ask)).toBe(expected);
  });

  test('are reported where nothing is published', () => {
    expect(faultsOf((stack) => void gatewayOn(stack, oke(stack)).metricCalls())).toEqual([
      '[stack/Gateway] monitoring: got undefined; allowed: a Monitoring, where metrics of the gateway are asked for: without it none are published',
    ]);
  });

  test('are reported about a server that is not behind the gateway', () => {
    const ask = (stack: TerraformStack) => {
      const docs = McpServer.fromEndpoint(stack, 'Docs', { url: 'https://docs.example/mcp' });
      gatewayOn(stack, oke(stack), { monitoring: monitoringOf(stack) }).metricBackendUp(docs);
    };
    expect(faultsOf(ask)).toEqual([
      '[stack/Gateway] backend: got "stack/Docs"; allowed: a server behind this gateway; fix: call addBackend before',
    ]);
  });
});
