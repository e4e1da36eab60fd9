import type { SecretReference } from './secret-reference';

/** Where spans go: an APM domain. */
export interface TraceDestination {
  /** OCID of the domain, where a service of OCI sends its own spans. */
  readonly domainId: string;
  /** OCID of the compartment of the domain, where the permission to send spans is given. */
  readonly compartmentId: string;
  /** URL that takes OTLP over HTTP with the domain's private data key. */
  readonly otlpUrl: string;
  /** Where that data key is kept. @default - it is not kept anywhere yet: only services of OCI send spans */
  readonly dataKey?: SecretReference;
  /** Share of the gateway's calls that become a trace, 0 to 1. @default - the gateway's own default */
  readonly sampleRatio?: number;
}

/** From where on the built-in alarms fire. */
export interface AlarmThresholds {
  /** Failed calls within five minutes. */
  readonly errors: number;
  /** Milliseconds that all but the slowest hundredth of the calls may take. */
  readonly latencyMilliseconds: number;
  /** Percent of a host's memory in use. */
  readonly memoryPercent: number;
  /** Minutes that a state lasts before it counts. */
  readonly pendingMinutes: number;
}

/**
 * Where a platform is watched: one compartment, one log group, one topic. Servers, gateways and edges that get the same
 * object write into the same place.
 */
export interface IMonitoring {
  /** OCID of the compartment of the gateways' metrics and of all alarms. */
  readonly compartmentId: string;
  /** OCID of the log group that takes the logs of every host and every edge. */
  readonly logGroupId: string;
  /** OCID of the compartment of the log group, where the permission to write into it is given. */
  readonly logCompartmentId: string;
  /** Days the logs are kept: 30, 60, 90, 120, 150 or 180. */
  readonly logRetentionDays: number;
  /** OCID of the topic that alarms are sent to. */
  readonly topicId: string;
  /** From where on the built-in alarms fire. @default - there are none */
  readonly thresholds?: AlarmThresholds;
  /** Where spans go. @default - nowhere */
  readonly traces?: TraceDestination;
}
