import { type AlarmOptions, type IMonitoring, Metric, type MetricProps } from 'cdktf-oci-mcp';
import { isAlarmQuery } from '../../helpers/mql';
import { faultsOf, synth } from '../../helpers/synth';
import { compartmentId, reference } from '../fixtures';

const monitoring: IMonitoring = {
  compartmentId,
  logGroupId: 'ocid1.loggroup.oc1.eu-frankfurt-1.example',
  logCompartmentId: compartmentId,
  logRetentionDays: 30,
  topicId: 'ocid1.onstopic.oc1.eu-frankfurt-1.example',
};

const props: MetricProps = {
  namespace: 'oci_faas',
  name: 'FunctionResponseCount',
  compartmentId: 'ocid1.compartment.oc1..functions',
  dimensions: { resourceId: 'ocid1.fnfunc.oc1..example' },
};

const metric = (changes: Partial<MetricProps> = {}) => new Metric({ ...props, ...changes });

const alarm: AlarmOptions = { monitoring, when: { above: 5 }, title: 'Functions fail', message: 'Read the log.' };

const alarmOf = (options: Partial<AlarmOptions> = {}, changes?: Partial<MetricProps>) =>
  synth((stack) => metric(changes).createAlarm(stack, 'Alarm', { ...alarm, ...options })).resource(
    'oci_monitoring_alarm',
  );

const faultOf = (options: Partial<AlarmOptions> = {}, changes?: Partial<MetricProps>) =>
  faultsOf((stack) => metric(changes).createAlarm(stack, 'Alarm', { ...alarm, ...options }));

describe('the query', () => {
  test.each<[string, Partial<MetricProps>, AlarmOptions['when'] | undefined, string]>([
    ['is the mean of a minute', {}, undefined, '[1m]{resourceId = "ocid1.fnfunc.oc1..example"}.grouping().mean()'],
    ['names no dimension', { dimensions: {} }, { above: 0 }, '[1m].grouping().mean() > 0'],
    ['sums up', { dimensions: {}, statistic: 'sum', intervalMinutes: 5 }, undefined, '[5m].grouping().sum()'],
    [
      'takes a percentile',
      { dimensions: {}, statistic: 'p99' },
      { above: 1.5 },
      '[1m].grouping().percentile(0.99) > 1.5',
    ],
    ['keeps values apart', { dimensions: {}, splitBy: 'backend' }, { below: 1 }, '[1m].groupBy(backend).mean() < 1'],
    [
      'takes any of several values',
      { dimensions: { gateway: 'mcp', responseType: ['Error', 'Throttled'] } },
      undefined,
      '[1m]{gateway = "mcp", responseType =~ "Error|Throttled"}.grouping().mean()',
    ],
    [
      'is grouped by the first filter where it waits for silence',
      { statistic: 'sum', dimensions: { gateway: 'mcp', backend: 'docs' } },
      'absent',
      '[1m]{gateway = "mcp", backend = "docs"}.groupBy(gateway).absent(3d)',
    ],
    ['waits for silence of everything', { dimensions: {} }, 'absent', '[1m].absent(3d)'],
  ])('%s', (_name, changes, when, expected) => {
    const query = metric(changes).query(when);
    expect(query).toBe(`FunctionResponseCount${expected}`);
    expect(isAlarmQuery(query)).toBe(when !== undefined);
  });

  test('changes with the metric, which stays as it was', () => {
    const original = metric({ dimensions: {} });
    expect(original.with({ statistic: 'max', splitBy: 'resourceId' }).query()).toBe(
      'FunctionResponseCount[1m].groupBy(resourceId).max()',
    );
    expect(original.query()).toBe('FunctionResponseCount[1m].grouping().mean()');
  });
});

describe('an alarm', () => {
  test('has everything that OCI asks for', () => {
    expect(alarmOf()).toMatchObject({
      compartment_id: compartmentId,
      metric_compartment_id: 'ocid1.compartment.oc1..functions',
      namespace: 'oci_faas',
      query: 'FunctionResponseCount[1m]{resourceId = "ocid1.fnfunc.oc1..example"}.grouping().mean() > 5',
      display_name: 'Functions fail',
      body: 'Read the log.',
      severity: 'WARNING',
      destinations: [monitoring.topicId],
      is_enabled: true,
      pending_duration: 'PT5M',
      message_format: 'ONS_OPTIMIZED',
      is_notifications_per_metric_dimension_enabled: false,
    });
  });

  test('tells of each value that the metric is split by', () => {
    expect(alarmOf({}, { splitBy: 'resourceId' }).is_notifications_per_metric_dimension_enabled).toBe(true);
  });

  test.each([
    [1, 'PT1M'],
    [60, 'PT60M'],
  ])('waits for %i minutes', (pendingMinutes, expected) => {
    expect(alarmOf({ pendingMinutes }).pending_duration).toBe(expected);
  });

  test('waits as long as the monitoring says', () => {
    const thresholds = { errors: 1, latencyMilliseconds: 1, memoryPercent: 1, pendingMinutes: 9 };
    expect(alarmOf({ monitoring: { ...monitoring, thresholds } }).pending_duration).toBe('PT9M');
  });

  test('takes references', () => {
    const { resource } = synth((stack) => {
      const dimensions = { resourceId: reference(stack, 'function_id') };
      metric({ dimensions }).createAlarm(stack, 'Alarm', alarm);
    });
    expect(resource('oci_monitoring_alarm').query).toBe(
      'FunctionResponseCount[1m]{resourceId = "${var.function_id}"}.grouping().mean() > 5',
    );
  });

  test.each<[string, Partial<AlarmOptions>, Partial<MetricProps>, string]>([
    ['no minute', { pendingMinutes: 0 }, {}, 'pendingMinutes: got 0; allowed: a whole number from 1 to 60'],
    ['61 minutes', { pendingMinutes: 61 }, {}, 'pendingMinutes: got 61; allowed: a whole number from 1 to 60'],
    ['an interval of none', {}, { intervalMinutes: 0 }, 'intervalMinutes: got 0; allowed: a whole number from 1 to 60'],
    ['an interval of 61', {}, { intervalMinutes: 61 }, 'intervalMinutes: got 61; allowed: a whole number from 1 to 60'],
    ['no title', { title: '' }, {}, 'title: got ""; allowed: one line of 1 to 250 characters'],
    ['no number', { when: { above: Number.NaN } }, {}, 'when: got NaN; allowed: a finite number'],
    ['a name', {}, { name: 'a b' }, 'name: got "a b"; allowed: a letter, then letters, digits and _ . - $'],
    [
      'a quote',
      {},
      { dimensions: { gateway: 'a"b' } },
      'dimensions: got "a\\"b"; allowed: values that are not empty, without quotes and backslashes: the query language has no way to write them',
    ],
  ])('refuses %s', (_name, options, changes, fault) => {
    expect(faultOf(options, changes)).toEqual([`[stack] ${fault}`]);
  });

  test.each([250, 251])('has a title of %i characters', (length) => {
    const title = 'x'.repeat(length);
    if (length === 250) expect(alarmOf({ title }).display_name).toBe(title);
    else expect(faultOf({ title })).toHaveLength(1);
  });
});

test('the check of queries knows a wrong one', () => {
  expect(isAlarmQuery('backend_up[1m]{gateway = "x"}.grouping().min() < 1')).toBe(true);
  for (const wrong of [
    'backend_up[61m].grouping().min() < 1',
    'backend_up[1m]{gateway = x}.min() < 1',
    'backend_up[1m].min()',
    'backend_up{gateway = "x"}.min() < 1',
    'backend_up[1m].average() < 1',
  ]) {
    expect(isAlarmQuery(wrong)).toBe(false);
  }
});
