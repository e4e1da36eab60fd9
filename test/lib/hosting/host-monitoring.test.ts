import { TerraformOutput, type TerraformStack } from 'cdktf';
import {
  ContainerInstanceHosting,
  FunctionHosting,
  HostedApplicationAuth,
  HostedApplicationHosting,
  type IMcpHosting,
  McpServer,
  McpServerSource,
  ModelDeploymentHosting,
  Monitoring,
  type MonitoringProps,
} from 'cdktf-oci-mcp';
import { isAlarmQuery } from '../../helpers/mql';
import { addressOf, type Block, faultsOf, type Synthesized, synth } from '../../helpers/synth';
import { compartmentId, network, okeServer } from '../fixtures';

const source = McpServerSource.image(`fra.ocir.io/acme/logs-mcp:1.4@sha256:${'0f3a'.repeat(16)}`);
const topicId = 'ocid1.onstopic.oc1.eu-frankfurt-1.example';
const logGroupId = 'ocid1.loggroup.oc1.eu-frankfurt-1.example';
const logGroupCompartmentId = 'ocid1.compartment.oc1..logs';

const monitoringOf = (stack: TerraformStack, props: Partial<MonitoringProps> = {}) =>
  new Monitoring(stack, 'Monitoring', {
    compartmentId: 'ocid1.compartment.oc1..operations',
    logGroupId,
    logGroupCompartmentId,
    notifications: { topicId },
    logRetentionDays: 60,
    ...props,
  });

const serverOn = (stack: TerraformStack, hosting: IMcpHosting, props: Partial<MonitoringProps> = {}) =>
  new McpServer(stack, 'Logs', { source, hosting, monitoring: monitoringOf(stack, props) });

const functions = (stack: TerraformStack) => new FunctionHosting({ compartmentId, network: network(stack) });
const instances = (stack: TerraformStack, count?: number) =>
  new ContainerInstanceHosting({ compartmentId, network: network(stack), instances: count });
const deployment = () => new ModelDeploymentHosting({ compartmentId });

/** Title, query and severity of every alarm. */
function alarmsOf(stack: Synthesized): Block[] {
  const alarms = stack.resources('oci_monitoring_alarm');
  for (const alarm of alarms) {
    expect(isAlarmQuery(alarm.query)).toBe(true);
    expect(alarm).toMatchObject({
      compartment_id: 'ocid1.compartment.oc1..operations',
      metric_compartment_id: compartmentId,
      destinations: [topicId],
      pending_duration: 'PT5M',
    });
  }
  return alarms.map(({ namespace, query, display_name, severity }) => ({ namespace, query, display_name, severity }));
}

describe('a function', () => {
  const stack = synth((scope) => serverOn(scope, functions(scope)));

  test('logs its calls', () => {
    const application = addressOf(stack, stack.resource('oci_functions_application'));
    expect(stack.resource('oci_logging_log')).toEqual({
      log_group_id: logGroupId,
      display_name: 'stack-logs-invoke',
      log_type: 'SERVICE',
      is_enabled: true,
      retention_duration: 60,
      configuration: {
        compartment_id: compartmentId,
        source: {
          source_type: 'OCISERVICE',
          service: 'functions',
          category: 'invoke',
          resource: `\${${application}.id}`,
        },
      },
    });
  });

  test('has an alarm about failed calls', () => {
    const id = `\${${addressOf(stack, stack.resource('oci_functions_function'))}.id}`;
    expect(alarmsOf(stack)).toEqual([
      {
        namespace: 'oci_faas',
        query: `FunctionResponseCount[5m]{resourceId = "${id}", responseType =~ "Error|Throttled"}.grouping().sum() > 20`,
        display_name: 'stack/Logs: calls fail on the host',
        severity: 'ERROR',
      },
    ]);
  });

  test('sends spans to the APM domain, which the service may use before', () => {
    const traced = synth((scope) =>
      serverOn(scope, functions(scope), {
        apm: { domainId: 'ocid1.apmdomain.oc1..own', compartmentId: 'ocid1.compartment.oc1..apm' },
      }),
    );
    const application = traced.resource('oci_functions_application');
    const policy = traced.resource('oci_identity_policy');
    expect(application).toMatchObject({
      trace_config: { is_enabled: true, domain_id: 'ocid1.apmdomain.oc1..own' },
      depends_on: [addressOf(traced, policy)],
    });
    expect(traced.resource('oci_functions_function').trace_config).toEqual({ is_enabled: true });
    expect(policy.statements).toEqual([
      'Allow service FaaS to use apm-domains in compartment id ocid1.compartment.oc1..apm',
    ]);
  });

  test('keeps its own log group and domain', () => {
    const own = synth((scope) => {
      const props = { compartmentId, network: network(scope), logGroupId: 'ocid1.loggroup.oc1..own' };
      const hosting = new FunctionHosting({ ...props, traceDomainId: 'ocid1.apmdomain.oc1..function' });
      serverOn(scope, hosting, { apm: { domainId: 'ocid1.apmdomain.oc1..own' } });
    });
    const log = own.resource('oci_logging_log');
    expect(log.log_group_id).toBe('ocid1.loggroup.oc1..own');
    expect(log.retention_duration).toBeUndefined();
    expect(own.resource('oci_functions_application').trace_config.domain_id).toBe('ocid1.apmdomain.oc1..function');
    expect(own.resources('oci_identity_policy')).toEqual([]);
  });

  test('leaves an application that exists as it is', () => {
    const existing = synth((scope) => {
      const hosting = new FunctionHosting({ compartmentId, applicationId: 'ocid1.fnapp.oc1..own' });
      serverOn(scope, hosting, { apm: { domainId: 'ocid1.apmdomain.oc1..own' } });
    });
    expect(existing.resources('oci_logging_log')).toEqual([]);
    expect(existing.resource('oci_functions_function').trace_config).toBeUndefined();
  });
});

describe('Container Instances', () => {
  test('have an alarm about memory', () => {
    const stack = synth((scope) => serverOn(scope, instances(scope)));
    const instance = addressOf(stack, stack.resource('oci_container_instances_container_instance'));
    expect(alarmsOf(stack)).toEqual([
      {
        namespace: 'oci_computecontainerinstance',
        query: `MemoryUtilization[5m]{resourceId = "\${${instance}.id}"}.groupBy(resourceId).max() > 90`,
        display_name: 'stack/Logs: memory runs out',
        severity: 'WARNING',
      },
    ]);
  });

  test('have one about replicas that do not answer', () => {
    const stack = synth((scope) => serverOn(scope, instances(scope, 2)));
    const ids = stack
      .resources('oci_container_instances_container_instance')
      .map((block) => `\${${addressOf(stack, block)}.id}`)
      .sort((a, b) => Number(a.includes('Instance2')) - Number(b.includes('Instance2')));
    const balancer = addressOf(stack, stack.resource('oci_network_load_balancer_network_load_balancer'));
    expect(alarmsOf(stack).map(({ query }) => query)).toEqual([
      `UnhealthyBackends[1m]{resourceId = "\${${balancer}.id}"}.grouping().max() > 0`,
      `MemoryUtilization[5m]{resourceId =~ "${ids.join('|')}"}.groupBy(resourceId).max() > 90`,
    ]);
  });
});

describe('a model deployment', () => {
  const stack = synth((scope) => serverOn(scope, deployment()));

  test('writes both its logs there, and may', () => {
    expect(stack.resources('oci_logging_log_group')).toEqual([]);
    expect(stack.resources('oci_logging_log')).toMatchObject([
      { log_group_id: logGroupId, log_type: 'CUSTOM', retention_duration: 60 },
      { log_group_id: logGroupId, log_type: 'CUSTOM', retention_duration: 60 },
    ]);
    const statements = stack.resources('oci_identity_policy').flatMap((policy) => policy.statements);
    expect(statements.filter((statement) => statement.includes('log-content'))).toEqual([
      `Allow any-user to use log-content in compartment id ${logGroupCompartmentId} where all {request.principal.type='datasciencemodeldeployment', request.principal.compartment.id='${compartmentId}', target.loggroup.id='${logGroupId}'}`,
    ]);
  });

  test('has an alarm about memory', () => {
    const id = `\${${addressOf(stack, stack.resource('oci_datascience_model_deployment'))}.id}`;
    expect(alarmsOf(stack)).toEqual([
      {
        namespace: 'oci_datascience_modeldeploy',
        query: `MemoryUtilization[5m]{resourceId = "${id}"}.groupBy(resourceId).max() > 90`,
        display_name: 'stack/Logs: memory runs out',
        severity: 'WARNING',
      },
    ]);
  });

  test('keeps its own log group and period', () => {
    const own = synth((scope) => {
      const hosting = new ModelDeploymentHosting({ compartmentId, logGroupId: 'ocid1.own', logRetentionDays: 90 });
      serverOn(scope, hosting);
    });
    expect(own.resources('oci_logging_log')).toMatchObject([
      { log_group_id: 'ocid1.own', retention_duration: 90 },
      { log_group_id: 'ocid1.own', retention_duration: 90 },
    ]);
    const statements = own.resources('oci_identity_policy').flatMap((policy) => policy.statements);
    expect(statements.join()).toContain(`use log-content in compartment id ${compartmentId} `);
  });
});

test('a hosted application and a Deployment on OKE get nothing that OCI does not have', () => {
  const stack = synth((scope) => {
    const monitoring = monitoringOf(scope);
    const hosting = new HostedApplicationHosting({ compartmentId, auth: HostedApplicationAuth.ociSignature() });
    new McpServer(scope, 'Forecast', { source, port: 8080, hosting, monitoring });
    okeServer(scope, {}, { monitoring });
  });
  expect(stack.resources('oci_logging_log')).toEqual([]);
  expect(stack.resources('oci_monitoring_alarm')).toEqual([]);
});

test('there are no alarms without thresholds', () => {
  const stack = synth((scope) => serverOn(scope, instances(scope, 2), { alarms: 'none' }));
  expect(stack.resources('oci_monitoring_alarm')).toEqual([]);
});

describe('metrics of a server', () => {
  const queryOf = (hosting: (stack: TerraformStack) => IMcpHosting, ask: (server: McpServer) => string) => {
    const { json } = synth((stack) => {
      const server = new McpServer(stack, 'Logs', { source, hosting: hosting(stack) });
      new TerraformOutput(stack, 'query', { value: ask(server) });
    });
    return json['output'].query.value.replace(/\$\{\w+\.\w+\.id\}/g, 'ID');
  };

  test.each<[string, (stack: TerraformStack) => IMcpHosting, (server: McpServer) => string, string]>([
    [
      'functions',
      functions,
      (server) => server.metricCalls().query(),
      'FunctionInvocationCount[5m]{resourceId = "ID"}.grouping().sum()',
    ],
    [
      'functions',
      functions,
      (server) => server.metricErrors({ intervalMinutes: 1, splitBy: 'responseType' }).query(),
      'FunctionResponseCount[1m]{resourceId = "ID", responseType =~ "Error|Throttled"}.groupBy(responseType).sum()',
    ],
    [
      'functions',
      functions,
      (server) => server.metricLatency().query(),
      'FunctionExecutionDuration[5m]{resourceId = "ID"}.grouping().mean()',
    ],
    [
      'instances',
      instances,
      (server) => server.metricCpu().query(),
      'CpuUtilization[5m]{resourceId = "ID"}.groupBy(resourceId).max()',
    ],
    [
      'instances',
      instances,
      (server) => server.metricMemory().query(),
      'MemoryUtilization[5m]{resourceId = "ID"}.groupBy(resourceId).max()',
    ],
    [
      'a deployment',
      deployment,
      (server) => server.metricCalls().query(),
      'PredictRequestCount[5m]{resourceId = "ID"}.grouping().sum()',
    ],
    [
      'a deployment',
      deployment,
      (server) => server.metricLatency({ statistic: 'p99' }).query(),
      'PredictLatency[5m]{resourceId = "ID"}.grouping().percentile(0.99)',
    ],
  ])('%s have them', (_name, hosting, ask, expected) => {
    expect(queryOf(hosting, ask)).toBe(expected);
  });

  test('that its host does not publish are reported', () => {
    expect(faultsOf((stack) => void okeServer(stack).metricCalls())).toEqual([
      '[stack/Logs] hosting: got "a host that publishes nothing about calls"; allowed: metrics that docs/monitoring.md lists for the host; fix: for calls, errors and latency ask the gateway, such as gateway.metricCalls({ backend: server })',
    ]);
  });
});
