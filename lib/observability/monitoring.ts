import { LoggingLogGroup } from '@cdktf/provider-oci/lib/logging-log-group';
import { OnsNotificationTopic } from '@cdktf/provider-oci/lib/ons-notification-topic';
import { OnsSubscription } from '@cdktf/provider-oci/lib/ons-subscription';
import { Annotations, Token } from 'cdktf';
import { Construct } from 'constructs';
import { qualifiedNameOf } from '../core/names';
import { refuseSecrets } from '../core/secret-literal';
import { checkInteger, checkNumber, checkOneOf, checkPattern, reportFault } from '../core/validation';
import type { AlarmThresholds, IMonitoring, TraceDestination } from '../mcp/monitoring';
import { type ApmOptions, apmDomain } from './apm-domain';
import { collectNodeLogs, type NodeLogsOptions } from './node-logs';

/** Who is told about alarms. */
export interface NotificationOptions {
  /** OCID of a topic that exists already. @default - one is made */
  readonly topicId?: string;
  /**
   * Name of the topic made here, unique in the tenancy. @default - derived from the construct's path
   * @see https://docs.oracle.com/en-us/iaas/Content/Notification/Tasks/create-topic.htm
   */
  readonly topicName?: string;
  /** Addresses that get a mail, each after somebody has confirmed it there. @default - none */
  readonly emails?: readonly string[];
}

export interface MonitoringProps {
  /** OCID of the compartment of everything made here, of the gateways' metrics and of all alarms. */
  readonly compartmentId: string;
  /** Who is told about alarms. @default - a topic that nobody has subscribed to */
  readonly notifications?: NotificationOptions;
  /** OCID of a log group that exists already. @default - one is made */
  readonly logGroupId?: string;
  /** OCID of the compartment of that log group. @default - `compartmentId` */
  readonly logGroupCompartmentId?: string;
  /** Days the logs are kept: 30, 60, 90, 120, 150 or 180. @default 30 */
  readonly logRetentionDays?: number;
  /** The APM domain that takes spans. @default - no spans are sent */
  readonly apm?: ApmOptions;
  /**
   * From where on the built-in alarms fire, or "none" for no such alarms.
   * @default - 20 failed calls in five minutes, a p99 of 10 seconds, 90 percent of the memory, each for 5 minutes
   */
  readonly alarms?: Partial<AlarmThresholds> | 'none';
}

/**
 * Where a platform is watched: a log group, a topic with its subscribers, an APM domain, and the thresholds of the built-in
 * alarms. Every gateway, server and edge gets the same object.
 *
 * @example
 * const monitoring = new Monitoring(this, 'Monitoring', {
 *   compartmentId,
 *   notifications: { emails: ['mcp-operations@example.com'] },
 *   apm: { dataKey: VaultSecret.fromSecretAttributes(this, 'DataKey', { secretId, compartmentId }) },
 * });
 * new McpGateway(this, 'Gateway', { image, hosting, inboundAuth, monitoring });
 */
export class Monitoring extends Construct implements IMonitoring {
  public readonly compartmentId: string;
  public readonly logGroupId: string;
  public readonly logCompartmentId: string;
  public readonly logRetentionDays: number;
  public readonly topicId: string;
  public readonly thresholds?: AlarmThresholds;
  public readonly traces?: TraceDestination;

  public constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    refuseSecrets(this, props);
    const { compartmentId, logGroupId, logGroupCompartmentId, logRetentionDays = 30, alarms = {}, apm } = props;
    checkOneOf(this, 'logRetentionDays', logRetentionDays, [30, 60, 90, 120, 150, 180]);
    if (logGroupCompartmentId !== undefined && logGroupId === undefined) {
      reportFault(this, {
        prop: 'logGroupCompartmentId',
        got: logGroupCompartmentId,
        allowed: 'only together with logGroupId: a log group made here stands in compartmentId',
      });
    }
    this.compartmentId = compartmentId;
    this.logRetentionDays = logRetentionDays;
    this.logCompartmentId = logGroupCompartmentId ?? compartmentId;
    const displayName = qualifiedNameOf(this, 255);
    this.logGroupId = logGroupId ?? new LoggingLogGroup(this, 'LogGroup', { compartmentId, displayName }).id;
    this.topicId = this.topic(props.notifications ?? {});
    this.traces = apm && apmDomain(this, compartmentId, apm);
    this.thresholds = alarms === 'none' ? undefined : thresholdsOf(this, alarms);
  }

  /**
   * Sends what containers on the nodes of an OKE cluster write to the log group. OKE has no log of its own for it: the agent
   * on the nodes reads the files, so this takes a dynamic group whose members are the nodes.
   */
  public addNodeLogs(id: string, options: NodeLogsOptions): void {
    collectNodeLogs(new Construct(this, id), this, options);
  }

  private topic({ topicId, topicName, emails = [] }: NotificationOptions): string {
    const { compartmentId } = this;
    if (topicId !== undefined && topicName !== undefined) {
      reportFault(this, { prop: 'notifications.topicName', got: topicName, allowed: 'either topicId or topicName' });
    }
    const name = topicName ?? qualifiedNameOf(this, 100);
    const topic = topicId ?? new OnsNotificationTopic(this, 'Topic', { compartmentId, name }).topicId;
    if (topicId === undefined && emails.length === 0) {
      Annotations.of(this).addWarning(
        'notifications: nobody is told about alarms until somebody subscribes to the topic; pass emails, or a topicId with subscribers',
      );
    }
    for (const [i, endpoint] of [...new Set(emails)].entries()) {
      checkPattern(this, 'notifications.emails', endpoint, { pattern: /^[^\s@]+@[^\s@]+$/, allowed: 'mail addresses' });
      // Named after the address: taking one out of the list leaves the others confirmed.
      const id = `Email-${Token.isUnresolved(endpoint) ? i + 1 : endpoint}`;
      new OnsSubscription(this, id, { compartmentId, topicId: topic, protocol: 'EMAIL', endpoint });
    }
    return topic;
  }
}

function thresholdsOf(scope: Construct, alarms: Partial<AlarmThresholds>): AlarmThresholds {
  const { errors = 20, latencyMilliseconds = 10_000, memoryPercent = 90, pendingMinutes = 5 } = alarms;
  checkInteger(scope, 'alarms.errors', errors, { min: 0 });
  checkNumber(scope, 'alarms.latencyMilliseconds', latencyMilliseconds, { min: 1, max: 3_600_000 });
  checkNumber(scope, 'alarms.memoryPercent', memoryPercent, { min: 1, max: 99 });
  checkInteger(scope, 'alarms.pendingMinutes', pendingMinutes, { min: 1, max: 60 });
  return { errors, latencyMilliseconds, memoryPercent, pendingMinutes };
}
