import { IdentityPolicy as PolicyResource } from '@cdktf/provider-oci/lib/identity-policy';
import { type IResolveContext, Lazy } from 'cdktf';
import { Construct } from 'constructs';
import { addPreconditions } from '../core/dependencies';
import { qualifiedNameOf } from '../core/names';
import { sameReference } from '../core/references';
import { Grant } from './grant';
import { homeRegionProvider } from './home-region';
import { type PolicyStatementProps, policyStatement } from './policy-statement';
import type { IGrantable, IPrincipal } from './principal';

export interface IdentityPolicyProps {
  /** OCID of the compartment that holds the policy, the one its statements are about. */
  readonly compartmentId: string;
  /** What the policy is for. @default "Permissions of <construct path>" */
  readonly description?: string;
  /** Statements in OCI's policy language. @default - none yet; {@link IdentityPolicy.addStatement} adds them */
  readonly statements?: readonly string[];
}

export interface AllowOptions extends PolicyStatementProps {
  /** Who is allowed. */
  readonly grantee: IGrantable;
}

/**
 * A policy whose statements are collected until synthesizing, each once and in a stable order. It stands in the compartment
 * its statements are about, which needs no right in the tenancy.
 */
export class IdentityPolicy extends Construct {
  /**
   * Allows one thing to one grantee. Statements of the same grantee in the same compartment share one policy.
   *
   * @example
   * IdentityPolicy.allow({ grantee: logs, verb: PolicyVerb.READ, resourceType: 'log-content', compartmentId }).applyBefore(logs);
   */
  public static allow(options: AllowOptions): Grant {
    const principal = options.grantee.grantPrincipal;
    const policy = IdentityPolicy.of(principal, options.compartmentId);
    const statement = policyStatement(principal.policyScope, principal, options);
    policy.addStatement(statement);
    addPreconditions(policy, principal.preconditions);
    const prepared = principal.prepareFor?.(options.compartmentId) ?? [];
    return new Grant([statement], principal.namesItself ? [] : [policy.resource, ...prepared]);
  }

  /** A policy that follows its grantee never shares with one that the grantee waits for: that would be a circle. */
  private static of({ policyScope, namesItself }: IPrincipal, compartmentId: string): IdentityPolicy {
    const prefix = namesItself ? 'OwnPolicy' : 'Policy';
    const policies = policyScope.node.children
      .filter((child): child is IdentityPolicy => child instanceof IdentityPolicy)
      .filter((policy) => policy.node.id.startsWith(prefix));
    const existing = policies.find((policy) => sameReference(policyScope, policy.compartmentId, compartmentId));
    if (existing !== undefined) return existing;
    const id = policies.length === 0 ? prefix : `${prefix}${policies.length + 1}`;
    return new IdentityPolicy(policyScope, id, {
      compartmentId,
      description: `Permissions of ${policyScope.node.path}`,
    });
  }

  private readonly compartmentId: string;
  private readonly statements: Set<string>;
  private readonly resource: PolicyResource;

  public constructor(scope: Construct, id: string, props: IdentityPolicyProps) {
    super(scope, id);
    this.compartmentId = props.compartmentId;
    this.statements = new Set(props.statements);
    this.resource = new PolicyResource(this, 'Resource', {
      compartmentId: props.compartmentId,
      name: qualifiedNameOf(this, 100),
      description: props.description ?? `Permissions of ${this.node.path}`,
      statements: Lazy.listValue({ produce: (context) => this.resolvedStatements(context) }),
      provider: homeRegionProvider(this),
    });
    this.node.defaultChild = this.resource;
  }

  /** Adds one statement in OCI's policy language; a statement that is there already is not repeated. */
  public addStatement(statement: string): void {
    this.statements.add(statement);
  }

  /** Statements as Terraform sees them: CDKTF may mark one and the same reference in two ways. */
  private resolvedStatements(context: IResolveContext): string[] {
    const resolved = [...this.statements].map((statement): string => context.resolve(statement));
    return [...new Set(resolved)].sort();
  }
}
