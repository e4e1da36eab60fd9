import { TerraformOutput, type TerraformStack } from 'cdktf';
import { type IMonitoring, Monitoring, type MonitoringProps } from 'cdktf-oci-mcp';
import { addressOf, faultsOf, synth } from '../../helpers/synth';
import { compartmentId, reference } from '../fixtures';

const dataKey = { secretId: 'ocid1.vaultsecret.oc1.eu-frankfurt-1.key', compartmentId: 'ocid1.compartment.oc1..vault' };
const emails = ['operations@example.com'];

const monitoringOf = (stack: TerraformStack, props: Partial<MonitoringProps> = {}) =>
  new Monitoring(stack, 'Monitoring', { compartmentId, notifications: { emails }, ...props });
const synthOf = (props: Partial<MonitoringProps> = {}) => synth((stack) => monitoringOf(stack, props));
const faultOf = (props: Partial<MonitoringProps>) => faultsOf((stack) => monitoringOf(stack, props));

/** What users of the object read. */
function read(props: Partial<MonitoringProps> = {}): Omit<IMonitoring, 'compartmentId'> {
  const { json } = synth((stack) => {
    const { logGroupId, logCompartmentId, logRetentionDays, topicId, thresholds, traces } = monitoringOf(stack, props);
    const value = { logGroupId, logCompartmentId, logRetentionDays, topicId, thresholds, traces };
    new TerraformOutput(stack, 'seen', { value });
  });
  return json['output'].seen.value;
}

describe('by default', () => {
  test('there are a log group and a topic, and somebody to tell', () => {
    const { resources, resource, warnings } = synthOf();
    expect(resources().map((block) => block.display_name ?? block.name ?? block.endpoint)).toEqual([
      'stack-monitoring',
      'stack-monitoring',
      'operations@example.com',
    ]);
    expect(resource('oci_logging_log_group')).toMatchObject({ compartment_id: compartmentId });
    expect(resource('oci_ons_notification_topic')).toMatchObject({ compartment_id: compartmentId });
    expect(resource('oci_ons_subscription')).toMatchObject({
      compartment_id: compartmentId,
      protocol: 'EMAIL',
      topic_id: expect.stringMatching(/^\$\{oci_ons_notification_topic\.\w+\.topic_id\}$/),
    });
    expect(warnings).toEqual([]);
  });

  test('it says where everything goes', () => {
    expect(read()).toEqual({
      logGroupId: expect.stringMatching(/^\$\{oci_logging_log_group\.\w+\.id\}$/),
      logCompartmentId: compartmentId,
      logRetentionDays: 30,
      topicId: expect.stringMatching(/^\$\{oci_ons_notification_topic\.\w+\.topic_id\}$/),
      thresholds: { errors: 20, latencyMilliseconds: 10_000, memoryPercent: 90, pendingMinutes: 5 },
    });
  });
});

describe('the log group', () => {
  test('may exist already, in another compartment', () => {
    const props = { logGroupId: 'ocid1.loggroup.oc1..own', logGroupCompartmentId: 'ocid1.compartment.oc1..logs' };
    expect(synthOf(props).resources('oci_logging_log_group')).toEqual([]);
    expect(read(props)).toMatchObject({ logGroupId: props.logGroupId, logCompartmentId: props.logGroupCompartmentId });
  });

  test.each([30, 180])('keeps logs for %i days', (logRetentionDays) => {
    expect(read({ logRetentionDays })).toMatchObject({ logRetentionDays });
  });

  test('is kept for periods that OCI has', () => {
    expect(faultOf({ logRetentionDays: 31 })).toEqual([
      '[stack/Monitoring] logRetentionDays: got 31; allowed: one of 30, 60, 90, 120, 150, 180',
    ]);
  });

  test('has no other compartment when it is made here', () => {
    expect(faultOf({ logGroupCompartmentId: compartmentId })).toEqual([
      `[stack/Monitoring] logGroupCompartmentId: got "${compartmentId}"; allowed: only together with logGroupId: a log group made here stands in compartmentId`,
    ]);
  });
});

describe('the topic', () => {
  test('may exist already', () => {
    const notifications = { topicId: 'ocid1.onstopic.oc1..own' };
    const { resources, warnings } = synthOf({ notifications });
    expect(resources('oci_ons_notification_topic')).toEqual([]);
    expect(warnings).toEqual([]);
    expect(read({ notifications })).toMatchObject({ topicId: 'ocid1.onstopic.oc1..own' });
  });

  test('warns while it tells nobody', () => {
    expect(synthOf({ notifications: undefined }).warnings).toEqual([
      '[stack/Monitoring] notifications: nobody is told about alarms until somebody subscribes to the topic; pass emails, or a topicId with subscribers',
    ]);
  });

  test('keeps the other subscriptions when one address goes', () => {
    const idsOf = (addresses: string[]) =>
      Object.keys(synthOf({ notifications: { emails: addresses } }).json['resource'].oci_ons_subscription);
    const all = idsOf(['a@example.com', 'b@example.com', 'c@example.com', 'a@example.com']);
    expect(all).toHaveLength(3);
    expect(idsOf(['b@example.com', 'c@example.com'])).toEqual(all.slice(1));
  });

  test('takes addresses that are references', () => {
    const { resource } = synth((stack) =>
      monitoringOf(stack, { notifications: { emails: [reference(stack, 'operations')] } }),
    );
    expect(resource('oci_ons_subscription').endpoint).toBe('${var.operations}');
  });

  test.each<[string, MonitoringProps['notifications'], string]>([
    [
      'what is no address',
      { emails: ['operations'] },
      'notifications.emails: got "operations"; allowed: mail addresses',
    ],
    [
      'two topics',
      { topicId: 'ocid1.onstopic.oc1..own', topicName: 'mcp' },
      'notifications.topicName: got "mcp"; allowed: either topicId or topicName',
    ],
  ])('refuses %s', (_name, notifications, fault) => {
    expect(faultOf({ notifications })).toEqual([`[stack/Monitoring] ${fault}`]);
  });

  test('has the name it is given', () => {
    const { resource } = synthOf({ notifications: { emails, topicName: 'mcp-prod' } });
    expect(resource('oci_ons_notification_topic').name).toBe('mcp-prod');
  });
});

describe('the APM domain', () => {
  const tracesPath = '/20200101/opentelemetry/private/v1/traces';

  test('is made, and its key stays in Vault', () => {
    const { resource, json, warnings } = synthOf({ apm: { dataKey } });
    expect(resource('oci_apm_apm_domain')).toMatchObject({
      compartment_id: compartmentId,
      display_name: 'stack-monitoring',
      is_free_tier: false,
    });
    expect(json['data']?.oci_apm_data_keys).toBeUndefined();
    expect(warnings).toEqual([]);
    expect(read({ apm: { dataKey, sampleRatio: 0.1 } }).traces).toEqual({
      domainId: expect.stringMatching(/^\$\{oci_apm_apm_domain\.\w+\.id\}$/),
      compartmentId,
      otlpUrl: expect.stringMatching(
        /^https:\/\/\$\{trimprefix\(oci_apm_apm_domain\.\w+\.data_upload_endpoint, "https:\/\/"\)\}/,
      ),
      dataKey,
      sampleRatio: 0.1,
    });
    expect(read({ apm: { dataKey } }).traces?.otlpUrl.endsWith(tracesPath)).toBe(true);
  });

  test('may exist already', () => {
    const apm = { dataKey, domainId: 'ocid1.apmdomain.oc1..own', compartmentId: 'ocid1.compartment.oc1..apm' };
    const { resources, dataSources } = synthOf({ apm });
    expect(resources('oci_apm_apm_domain')).toEqual([]);
    expect(dataSources('oci_apm_apm_domain')).toEqual([{ apm_domain_id: apm.domainId }]);
    expect(read({ apm }).traces).toMatchObject({ domainId: apm.domainId, compartmentId: apm.compartmentId });
  });

  test('is there before its key is in Vault', () => {
    expect(synthOf({ apm: {} }).warnings).toEqual([
      '[stack/Monitoring] apm.dataKey: gateways send no spans; copy the private data key of the domain into a secret in Vault, and pass that',
    ]);
  });

  test.each([0, 1])('samples a share of %i', (sampleRatio) => {
    expect(read({ apm: { dataKey, sampleRatio } }).traces).toMatchObject({ sampleRatio });
  });

  test.each<[string, MonitoringProps['apm'], string]>([
    ['less than none', { dataKey, sampleRatio: -0.1 }, 'apm.sampleRatio: got -0.1; allowed: a number from 0 to 1'],
    ['more than all', { dataKey, sampleRatio: 1.1 }, 'apm.sampleRatio: got 1.1; allowed: a number from 0 to 1'],
    [
      'a tier for a domain that exists',
      { dataKey, domainId: 'ocid1.apmdomain.oc1..own', freeTier: true },
      'apm.freeTier: got true; allowed: a setting of a domain made here: domainId names one',
    ],
  ])('refuses %s', (_name, apm, fault) => {
    expect(faultOf({ apm })).toEqual([`[stack/Monitoring] ${fault}`]);
  });
});

describe('thresholds', () => {
  test('can be changed one by one, or left out', () => {
    expect(read({ alarms: { errors: 0 } }).thresholds).toMatchObject({ errors: 0, memoryPercent: 90 });
    expect(read({ alarms: { errors: undefined } }).thresholds).toMatchObject({ errors: 20 });
    expect(read({ alarms: 'none' }).thresholds).toBeUndefined();
  });

  test.each<[MonitoringProps['alarms'], string]>([
    [{ errors: -1 }, 'alarms.errors: got -1; allowed: a whole number of at least 0'],
    [{ latencyMilliseconds: 0 }, 'alarms.latencyMilliseconds: got 0; allowed: a number from 1 to 3600000'],
    [
      { latencyMilliseconds: 3_600_001 },
      'alarms.latencyMilliseconds: got 3600001; allowed: a number from 1 to 3600000',
    ],
    [{ memoryPercent: 0 }, 'alarms.memoryPercent: got 0; allowed: a number from 1 to 99'],
    [{ memoryPercent: 100 }, 'alarms.memoryPercent: got 100; allowed: a number from 1 to 99'],
    [{ pendingMinutes: 0 }, 'alarms.pendingMinutes: got 0; allowed: a whole number from 1 to 60'],
    [{ pendingMinutes: 61 }, 'alarms.pendingMinutes: got 61; allowed: a whole number from 1 to 60'],
  ])('refuses %j', (alarms, fault) => {
    expect(faultOf({ alarms })).toEqual([`[stack/Monitoring] ${fault}`]);
  });

  test('may be at their bounds', () => {
    for (const alarms of [
      { latencyMilliseconds: 1, memoryPercent: 1, pendingMinutes: 1 },
      { latencyMilliseconds: 3_600_000, memoryPercent: 99, pendingMinutes: 60 },
    ]) {
      expect(read({ alarms }).thresholds).toMatchObject(alarms);
    }
  });
});

describe('logs of nodes', () => {
  const dynamicGroupId = 'ocid1.dynamicgroup.oc1..nodes';
  const withNodes = (namespaces?: string[]) =>
    synth((stack) => monitoringOf(stack).addNodeLogs('NodeLogs', { dynamicGroupId, namespaces }));

  test('are read by the agent of the nodes, which may write them first', () => {
    const stack = withNodes();
    const agent = stack.resource('oci_logging_unified_agent_configuration');
    const log = stack.resource('oci_logging_log');
    const policy = stack.resource('oci_identity_policy');
    expect(log).toMatchObject({
      log_type: 'CUSTOM',
      retention_duration: 30,
      display_name: 'stack-monitoring-node-logs',
    });
    expect(agent).toMatchObject({
      compartment_id: compartmentId,
      group_association: { group_list: [dynamicGroupId] },
      service_configuration: {
        configuration_type: 'LOGGING',
        destination: { log_object_id: `\${${addressOf(stack, log)}.id}` },
        sources: [
          {
            source_type: 'LOG_TAIL',
            paths: ['/var/log/containers/*_mcp_*.log'],
            parser: { parser_type: 'CRI', is_merge_cri_fields: true },
          },
        ],
      },
      depends_on: [addressOf(stack, policy)],
    });
    const logGroup = addressOf(stack, stack.resource('oci_logging_log_group'));
    expect(policy.statements).toEqual([
      `Allow dynamic-group id ${dynamicGroupId} to use log-content in compartment id ${compartmentId} where target.loggroup.id='\${${logGroup}.id}'`,
    ]);
  });

  test('are those of the namespaces asked for', () => {
    const agent = withNodes(['mcp', 'agents']).resource('oci_logging_unified_agent_configuration');
    expect(agent.service_configuration.sources[0].paths).toEqual([
      '/var/log/containers/*_mcp_*.log',
      '/var/log/containers/*_agents_*.log',
    ]);
  });

  test.each([
    [[], '[]; allowed: at least one'],
    [['Mcp'], '"Mcp"; allowed: Kubernetes namespaces: at most 63 lower case letters, digits and hyphens'],
  ])('are not those of %j', (namespaces, fault) => {
    expect(faultsOf((stack) => monitoringOf(stack).addNodeLogs('NodeLogs', { dynamicGroupId, namespaces }))).toEqual([
      `[stack/Monitoring/NodeLogs] namespaces: got ${fault}`,
    ]);
  });
});
