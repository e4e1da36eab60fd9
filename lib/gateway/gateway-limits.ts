import type { IConstruct } from 'constructs';
import type { GatewayConfigInput } from 'oci-mcp-gateway/config';
import { checkInteger } from '../core/validation';

/** How much may be called. At least one of these. */
export interface CallLimit {
  /** Calls per minute in the long run, at least 1. @default - as many as come */
  readonly callsPerMinute?: number;
  /** Calls that may come at once after a pause, at least 1. @default - a sixth of `callsPerMinute` */
  readonly burst?: number;
  /** Calls in flight at the same time, at least 1. @default - as many as come */
  readonly concurrency?: number;
}

/** How much callers may call, at all replicas together where they share their state. A call above it is told when to try again. */
export interface GatewayLimits {
  /** For each caller by itself. @default - none */
  readonly client?: CallLimit;
  /**
   * For tools, all callers together, by the name that clients see, in which `*` stands for any characters:
   * `{ 'reports_*': { concurrency: 4 } }`.
   * @default - none
   */
  readonly tools?: { readonly [tool: string]: CallLimit };
}

type LimitsConfig = NonNullable<GatewayConfigInput['limits']>;
type LimitConfig = NonNullable<LimitsConfig['client']>;

/**
 * The same as the gateway reads it.
 * @param backends Limits of single servers, by name of the backend.
 */
export function limitsConfig(
  limits: GatewayLimits | undefined,
  backends: ReadonlyMap<string, CallLimit>,
): LimitsConfig | undefined {
  if (limits === undefined && backends.size === 0) return undefined;
  const { client, tools } = limits ?? {};
  return {
    client: client && limitConfig(client),
    tools: tools && limitsByName(Object.entries(tools)),
    backends: backends.size > 0 ? limitsByName(backends) : undefined,
  };
}

/** Reports limits under which nothing could be called. */
export function checkLimit(scope: IConstruct, prop: string, limit: CallLimit | undefined): void {
  for (const field of ['callsPerMinute', 'burst', 'concurrency'] as const) {
    checkInteger(scope, `${prop}.${field}`, limit?.[field], { min: 1 });
  }
}

function limitsByName(limits: Iterable<readonly [string, CallLimit]>): Record<string, LimitConfig> {
  return Object.fromEntries([...limits].map(([name, limit]) => [name, limitConfig(limit)]));
}

function limitConfig({ callsPerMinute, burst, concurrency }: CallLimit): LimitConfig {
  return { calls_per_minute: callsPerMinute, burst, concurrency };
}
