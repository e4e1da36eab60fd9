import type { ApigatewayDeployment } from '@cdktf/provider-oci/lib/apigateway-deployment';
import { ApigatewaySubscriber } from '@cdktf/provider-oci/lib/apigateway-subscriber';
import { ApigatewayUsagePlan } from '@cdktf/provider-oci/lib/apigateway-usage-plan';
import type { Construct } from 'constructs';
import { qualifiedNameOf, shorten } from '../../core/names';
import { checkInteger, checkOneOf, checkPattern, reportFault } from '../../core/validation';

/**
 * The most clients of one subscriber.
 * @see https://docs.oracle.com/en-us/iaas/Content/APIGateway/Reference/apigatewaylimits.htm
 */
const clientsMax = 5;

const units = ['MINUTE', 'HOUR', 'DAY', 'WEEK', 'MONTH'] as const;

/** Calls in a span of calendar time. */
export interface UsageQuota {
  /** Calls, at least 1. */
  readonly calls: number;
  /** The span. */
  readonly per: 'MINUTE' | 'HOUR' | 'DAY' | 'WEEK' | 'MONTH';
  /** What happens to calls beyond. @default "REJECT" */
  readonly onBreach?: 'REJECT' | 'ALLOW';
}

/** What some clients may use. */
export interface UsagePlan {
  /** Name, which no other plan of the edge has: letters, digits, hyphens and underscores, a letter first. */
  readonly name: string;
  /** Calls of one client in one second. @default - no limit */
  readonly callsPerSecond?: number;
  /** Calls of one client in a longer span. @default - no limit */
  readonly quota?: UsageQuota;
  /**
   * Who is in the plan: values of the claim by subscriber, at most 5 each: `{ analytics: ['analytics-agent'] }`. They are
   * names and no secrets: the token was checked before.
   */
  readonly subscribers: { readonly [subscriber: string]: readonly string[] };
}

interface UsagePlansProps {
  readonly compartmentId: string;
  readonly deployment: ApigatewayDeployment;
  readonly plans: readonly UsagePlan[];
}

/**
 * Makes usage plans for one deployment and puts subscribers into them.
 * @see https://docs.oracle.com/en-us/iaas/Content/APIGateway/Tasks/apigatewaydefiningusageplans.htm
 */
export function makeUsagePlans(scope: Construct, { compartmentId, deployment, plans }: UsagePlansProps): void {
  const named = new Map(plans.map((plan) => [plan.name, plan]));
  for (const { name, callsPerSecond, quota, subscribers } of named.values()) {
    const displayName = shorten(`${qualifiedNameOf(scope, 200)}-${name}`, 255);
    const plan = new ApigatewayUsagePlan(scope, `Plan-${name}`, {
      compartmentId,
      displayName,
      entitlements: [
        {
          name,
          rateLimit: callsPerSecond === undefined ? undefined : { unit: 'SECOND', value: callsPerSecond },
          quota: quota && {
            unit: quota.per,
            value: quota.calls,
            resetPolicy: 'CALENDAR',
            operationOnBreach: quota.onBreach ?? 'REJECT',
          },
          targets: [{ deploymentId: deployment.id }],
        },
      ],
    });
    for (const [subscriber, clients] of Object.entries(subscribers)) {
      new ApigatewaySubscriber(scope, `Subscriber-${name}-${subscriber}`, {
        compartmentId,
        displayName: shorten(`${displayName}-${subscriber}`, 255),
        usagePlans: [plan.id],
        clients: clients.map((client, i) => ({ name: `${subscriber}-${i + 1}`, token: client })),
      });
    }
  }
}

/** Reports plans that the service refuses, or that would do nothing. */
export function checkUsagePlans(scope: Construct, plans: readonly UsagePlan[]): void {
  const named = {
    pattern: /^[A-Za-z][\w-]{0,63}$/,
    allowed: 'letters, digits, hyphens and underscores, a letter first',
  };
  for (const twice of repeated(plans.map(({ name }) => name))) {
    reportFault(scope, { prop: 'usagePlans', got: twice, allowed: 'a name of its own for each plan' });
  }
  const clients = plans.flatMap(({ subscribers }) => Object.values(subscribers).flat());
  for (const twice of repeated(clients)) {
    reportFault(scope, { prop: 'usagePlans', got: twice, allowed: 'each client in one subscriber of one plan' });
  }
  for (const { name, callsPerSecond, quota, subscribers } of plans) {
    const prop = `usagePlans.${name}`;
    checkPattern(scope, prop, name, named);
    checkInteger(scope, `${prop}.callsPerSecond`, callsPerSecond, { min: 1 });
    checkInteger(scope, `${prop}.quota.calls`, quota?.calls, { min: 1 });
    checkOneOf(scope, `${prop}.quota.per`, quota?.per, units);
    if (callsPerSecond === undefined && quota === undefined) {
      reportFault(scope, { prop, got: 'no limit', allowed: 'callsPerSecond, quota or both' });
    }
    for (const [subscriber, clients] of Object.entries(subscribers)) {
      checkPattern(scope, `${prop}.subscribers`, subscriber, named);
      if (clients.length >= 1 && clients.length <= clientsMax) continue;
      reportFault(scope, {
        prop: `${prop}.subscribers.${subscriber}`,
        got: clients.length,
        allowed: `1 to ${clientsMax} clients of one subscriber`,
      });
    }
  }
}

function repeated(values: readonly string[]): ReadonlySet<string> {
  return new Set(values.filter((value, i) => values.indexOf(value) !== i));
}
