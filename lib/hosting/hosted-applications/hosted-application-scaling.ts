import type { GenerativeAiHostedApplicationScalingConfig } from '@cdktf/provider-oci/lib/generative-ai-hosted-application';
import { Token } from 'cdktf';
import type { Construct } from 'constructs';
import { checkInteger } from '../../core/validation';

/** What the service counts to decide how many replicas run. */
export type HostedApplicationMetric = 'CPU' | 'MEMORY' | 'CONCURRENCY' | 'REQUESTS_PER_SECOND';

/** Scaling between two numbers of replicas. */
export interface HostedApplicationScaling {
  /** Fewest replicas. */
  readonly minReplicas: number;
  /** Most replicas, at least 1 and at least `minReplicas`. */
  readonly maxReplicas: number;
  /** @default "CPU" */
  readonly metric?: HostedApplicationMetric;
  /**
   * What to aim at in each replica: percent of its CPU or memory, requests at a time, or requests per second.
   * @default 70
   */
  readonly target?: number;
}

/** Renders the scaling. Sessions live in the memory of one replica, so there is one unless more are asked for. */
export function scalingConfig(
  { minReplicas, maxReplicas, metric = 'CPU', target = 70 }: HostedApplicationScaling = {
    minReplicas: 1,
    maxReplicas: 1,
  },
): GenerativeAiHostedApplicationScalingConfig {
  return {
    scalingType: metric,
    minReplica: minReplicas,
    maxReplica: maxReplicas,
    targetCpuThreshold: metric === 'CPU' ? target : undefined,
    targetMemoryThreshold: metric === 'MEMORY' ? target : undefined,
    targetConcurrencyThreshold: metric === 'CONCURRENCY' ? target : undefined,
    targetRpsThreshold: metric === 'REQUESTS_PER_SECOND' ? target : undefined,
  };
}

export function checkScaling(scope: Construct, scaling: HostedApplicationScaling | undefined): void {
  if (scaling === undefined) return;
  const { minReplicas, maxReplicas, metric = 'CPU', target } = scaling;
  checkInteger(scope, 'scaling.minReplicas', minReplicas, { min: 0 });
  checkInteger(scope, 'scaling.maxReplicas', maxReplicas, {
    min: Token.isUnresolved(minReplicas) ? 1 : Math.max(1, minReplicas),
  });
  const isPercent = metric === 'CPU' || metric === 'MEMORY';
  checkInteger(scope, 'scaling.target', target, { min: 1, max: isPercent ? 100 : undefined });
}
