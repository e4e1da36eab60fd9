import { MonitoringAlarm } from '@cdktf/provider-oci/lib/monitoring-alarm';
import { Token } from 'cdktf';
import type { Construct } from 'constructs';
import { checkInteger, checkPattern, reportFault } from '../core/validation';
import type { IMonitoring } from './monitoring';

/**
 * How the data points of an interval become one value.
 * @see https://docs.oracle.com/en-us/iaas/Content/Monitoring/Reference/mql.htm
 */
export type MetricStatistic = 'count' | 'max' | 'mean' | 'min' | 'p50' | 'p90' | 'p95' | 'p99' | 'rate' | 'sum';

/** What an alarm waits for: a value beyond a bound, or no value at all. */
export type AlarmCondition = { readonly above: number } | { readonly below: number } | 'absent';

/** How urgent an alarm is. */
export type AlarmSeverity = 'CRITICAL' | 'ERROR' | 'WARNING' | 'INFO';

export interface MetricProps {
  /** Who publishes it: `oci_faas`. */
  readonly namespace: string;
  /** Name within the namespace: `FunctionResponseCount`. */
  readonly name: string;
  /** OCID of the compartment in which it is published. */
  readonly compartmentId: string;
  /** Values that its dimensions have, one or any of several: `{ resourceId: 'ocid1.fnfunc…' }`. @default - any */
  readonly dimensions?: { readonly [dimension: string]: string | readonly string[] };
  /** @default "mean" */
  readonly statistic?: MetricStatistic;
  /** Minutes that make one value, 1 to 60. @default 1 */
  readonly intervalMinutes?: number;
  /** The dimension whose values are kept apart, each with an alarm message of its own. @default - all become one value */
  readonly splitBy?: string;
}

/** What may differ from the metric that a method returned. */
export type MetricOptions = Partial<Pick<MetricProps, 'statistic' | 'intervalMinutes' | 'splitBy'>>;

export interface AlarmOptions {
  /** Where the alarm is kept and whom it tells. */
  readonly monitoring: IMonitoring;
  /** What it waits for. */
  readonly when: AlarmCondition;
  /** What is wrong, the subject of the message: at most 250 characters. */
  readonly title: string;
  /** What to do about it. `{{dimensions.backend}}` stands for the value that the metric is split by. */
  readonly message: string;
  /** @default "WARNING" */
  readonly severity?: AlarmSeverity;
  /** Minutes that the condition holds before the alarm fires, 1 to 60. @default - as `monitoring` says, otherwise 5 */
  readonly pendingMinutes?: number;
}

/** How long a silent metric keeps its alarm firing. @see https://docs.oracle.com/en-us/iaas/Content/Monitoring/Tasks/create-edit-alarm-query-absence-detection-period.htm */
const absenceDetection = '3d';

/**
 * A metric of OCI Monitoring: something to draw, and something to be woken by.
 *
 * @example
 * gateway.metricErrors({ splitBy: 'backend' }).createAlarm(this, 'FailingBackend', {
 *   monitoring,
 *   when: { above: 100 },
 *   title: 'A backend fails often',
 *   message: 'Read the log of {{dimensions.backend}}.',
 * });
 */
export class Metric {
  public readonly namespace: string;
  public readonly compartmentId: string;

  public constructor(private readonly props: MetricProps) {
    this.namespace = props.namespace;
    this.compartmentId = props.compartmentId;
  }

  /** The same metric, looked at in another way. */
  public with(options: MetricOptions): Metric {
    return new Metric({ ...this.props, ...options });
  }

  /**
   * The metric in the Monitoring Query Language, as the Metrics Explorer and dashboards take it.
   * @param when What makes it true. @default - the value itself
   * @see https://docs.oracle.com/en-us/iaas/Content/Monitoring/Reference/mql.htm
   */
  public query(when?: AlarmCondition): string {
    const { name, intervalMinutes = 1, statistic = 'mean', splitBy } = this.props;
    const series = `${name}[${numberText(intervalMinutes)}m]${this.filter()}`;
    if (when === 'absent') return `${series}${this.groupedByOne()}.absent(${absenceDetection})`;
    const value = `${series}${splitBy === undefined ? '.grouping()' : `.groupBy(${splitBy})`}.${functionOf(statistic)}`;
    if (when === undefined) return value;
    return 'above' in when ? `${value} > ${numberText(when.above)}` : `${value} < ${numberText(when.below)}`;
  }

  /** Tells the topic of `monitoring` when the condition has held for long enough, and when it is over. */
  public createAlarm(scope: Construct, id: string, options: AlarmOptions): MonitoringAlarm {
    const { monitoring, title, severity = 'WARNING' } = options;
    const pendingMinutes = options.pendingMinutes ?? monitoring.thresholds?.pendingMinutes ?? 5;
    this.check(scope, options);
    return new MonitoringAlarm(scope, id, {
      compartmentId: monitoring.compartmentId,
      metricCompartmentId: this.compartmentId,
      namespace: this.namespace,
      query: this.query(options.when),
      displayName: title,
      severity,
      body: options.message,
      destinations: [monitoring.topicId],
      isEnabled: true,
      pendingDuration: `PT${numberText(pendingMinutes)}M`,
      messageFormat: 'ONS_OPTIMIZED',
      isNotificationsPerMetricDimensionEnabled: this.props.splitBy !== undefined,
    });
  }

  private filter(): string {
    const filters = Object.entries(this.props.dimensions ?? {}).map(([dimension, value]) =>
      typeof value === 'string' ? `${dimension} = "${value}"` : `${dimension} =~ "${value.join('|')}"`,
    );
    return filters.length === 0 ? '' : `{${filters.join(', ')}}`;
  }

  /** Grouped by what it is filtered by, a metric is not taken for absent because it got a new dimension. */
  private groupedByOne(): string {
    const dimension = this.props.splitBy ?? Object.keys(this.props.dimensions ?? {})[0];
    return dimension === undefined ? '' : `.groupBy(${dimension})`;
  }

  private check(scope: Construct, { when, title, pendingMinutes }: AlarmOptions): void {
    const { namespace, name, dimensions = {}, intervalMinutes, splitBy } = this.props;
    const word = { pattern: /^[A-Za-z][\w.$-]*$/, allowed: 'a letter, then letters, digits and _ . - $' };
    checkPattern(scope, 'namespace', namespace, word);
    checkPattern(scope, 'name', name, word);
    for (const dimension of [...Object.keys(dimensions), splitBy]) checkPattern(scope, 'dimensions', dimension, word);
    for (const value of Object.values(dimensions).flat()) {
      checkPattern(scope, 'dimensions', value, {
        pattern: /^[^"\\\p{Cc}]+$/u,
        allowed:
          'values that are not empty, without quotes and backslashes: the query language has no way to write them',
      });
    }
    checkInteger(scope, 'intervalMinutes', intervalMinutes, { min: 1, max: 60 });
    checkInteger(scope, 'pendingMinutes', pendingMinutes, { min: 1, max: 60 });
    checkPattern(scope, 'title', title, { pattern: /^.{1,250}$/, allowed: 'one line of 1 to 250 characters' });
    if (when === 'absent') return;
    const bound = 'above' in when ? when.above : when.below;
    if (!Token.isUnresolved(bound) && !Number.isFinite(bound)) {
      reportFault(scope, { prop: 'when', got: bound, allowed: 'a finite number' });
    }
  }
}

function functionOf(statistic: MetricStatistic): string {
  const percent = /^p(\d+)$/.exec(statistic)?.[1];
  return percent === undefined ? `${statistic}()` : `percentile(0.${percent})`;
}

/** A number that may be a reference, as text. */
function numberText(value: number): string {
  return Token.isUnresolved(value) ? Token.asString(value) : String(value);
}
