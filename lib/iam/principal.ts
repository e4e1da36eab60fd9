import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import type { PolicyCondition } from './policy-condition';

/**
 * Who a policy statement is about, in the words of the policy language.
 * @see https://docs.oracle.com/en-us/iaas/Content/Identity/policysyntax/subject.htm
 */
export interface IPrincipal {
  /** The subject: `dynamic-group mcp-servers`, `any-user`. */
  readonly policySubject: string;
  /** Conditions which narrow the subject: `request.principal.type='workload'`. All of them must hold. */
  readonly policyConditions: readonly (PolicyCondition | string)[];
  /** What must exist before a policy may name this principal. */
  readonly preconditions: readonly ITerraformDependable[];
  /** Whether the conditions name the workload itself, so that a policy about it can only come after the workload. */
  readonly namesItself: boolean;
  /** Where policies about this principal are created in the construct tree. */
  readonly policyScope: Construct;
  /**
   * Makes what has to exist, beside the policy, before permissions in a compartment reach this principal.
   * @default - nothing has to
   */
  prepareFor?(compartmentId: string): readonly ITerraformDependable[];
}

/** Anything that acts with an identity of its own and can be given permissions. */
export interface IGrantable {
  readonly grantPrincipal: IPrincipal;
}

/**
 * Whoever a subject names, with nothing that has to exist before.
 * @param policySubject As policies write it: `service FaaS`.
 */
export function principalNamed(
  policyScope: Construct,
  policySubject: string,
  policyConditions: IPrincipal['policyConditions'] = [],
): IPrincipal {
  return { policySubject, policyConditions, preconditions: [], namesItself: false, policyScope };
}

/**
 * A name as policies write it: in quotes where it has more than letters, digits and `._-`, and apart from the name of its
 * identity domain.
 * @param name Name, or `Domain/name`.
 */
export function quotedName(name: string): string {
  const parts = name.split('/');
  const isPlain = parts.length === 1 && /^[\w.-]+$/.test(name) && name.toLowerCase() !== 'id';
  return isPlain ? name : parts.map((part) => `'${part}'`).join('/');
}

/** The same principal, with its policies at another place in the construct tree. */
export function principalAt(policyScope: Construct, principal: IPrincipal): IPrincipal {
  const { policySubject, policyConditions, preconditions, namesItself } = principal;
  return {
    policySubject,
    policyConditions,
    preconditions,
    namesItself,
    policyScope,
    prepareFor: (compartmentId) => principal.prepareFor?.(compartmentId) ?? [],
  };
}
