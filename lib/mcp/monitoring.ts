import type { IVaultSecret } from './secret-reference';

/** Where spans go: an APM domain. */
export interface TraceDestination {
  /** OCID of the domain, where a service of OCI sends its own spans. */
  readonly domainId: string;
  /** URL that takes OTLP over HTTP. */
  readonly otlpUrl: string;
  /** The domain's private data key, kept in Vault. */
  readonly dataKey: IVaultSecret;
}

/** From where on the built-in alarms fire. */
export interface AlarmThresholds {
  /** Failed calls of the gateway within five minutes, of all backends together. */
  readonly errors: number;
  /** Milliseconds that the slowest hundredth of a backend's calls takes. */
  readonly latencyMilliseconds: number;
  /** Minutes that a state lasts before it counts. */
  readonly pendingMinutes: number;
}

/**
 * Where a platform is watched: one compartment, one log group, one topic. Servers, gateways and edges that get the same
 * object write into the same place.
 */
export interface IMonitoring {
  /** OCID of the compartment of metrics and alarms. */
  readonly compartmentId: string;
  /** OCID of the log group that takes the logs of every host and every edge. */
  readonly logGroupId: string;
  /** Days the logs are kept: 30, 60, 90, 120, 150 or 180. */
  readonly logRetentionDays: number;
  /** OCID of the topic that alarms are sent to. */
  readonly topicId: string;
  /** From where on the built-in alarms fire. @default - there are none */
  readonly thresholds?: AlarmThresholds;
  /** Where spans go. @default - nowhere */
  readonly traces?: TraceDestination;
}
