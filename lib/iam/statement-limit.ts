import { Annotations } from 'cdktf';
import type { IConstruct } from 'constructs';
import { sameReference } from '../core/references';
import { describeFault } from '../core/validation';

/**
 * How many statements may stand on the way from the root compartment to any other one. Nobody can raise it.
 * @see https://docs.oracle.com/en-us/iaas/Content/Identity/policymgmt/policy-limits-compartment-hierarchy.htm
 */
const statementsMax = 500;

/** From how many on there is a warning: the compartments above have statements too. */
const statementsMany = 400;

/** A policy, as far as its statements are counted. */
export interface CountedPolicy extends IConstruct {
  readonly compartmentId: string;
  readonly requests: readonly unknown[];
}

/**
 * Counts what the policies of an app put into the compartment of the first of them, and warns before the limit.
 * @param policies Every policy of the app.
 * @returns what `policy` has to say about the limit: nothing, unless it is the first one in its compartment
 */
export function statementLimitFaults(policy: CountedPolicy, policies: readonly CountedPolicy[]): string[] {
  const here = policies.filter(({ compartmentId }) => sameReference(policy, compartmentId, policy.compartmentId));
  if (here[0] !== policy) return [];
  const count = here.reduce((sum, { requests }) => sum + requests.length, 0);
  const others = 'those of the compartments above it and below it count too';
  if (count > statementsMax) {
    return [
      describeFault({
        prop: 'statements',
        got: count,
        allowed: `at most ${statementsMax} in one compartment; ${others}`,
        fix: 'put servers into compartments of their own, or let several share a dynamic group',
      }),
    ];
  }
  if (count >= statementsMany) {
    Annotations.of(policy).addWarning(
      `statements: this app puts ${count} into one compartment, where OCI allows ${statementsMax}; ${others}`,
    );
  }
  return [];
}
