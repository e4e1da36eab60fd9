import { IdentityPolicy as PolicyResource } from '@cdktf/provider-oci/lib/identity-policy';
import { type IResolveContext, Lazy } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { addPreconditions } from '../core/dependencies';
import { qualifiedNameOf } from '../core/names';
import { resolvedText, sameReference } from '../core/references';
import { reportFault } from '../core/validation';
import { Grant } from './grant';
import { homeRegionProvider } from './home-region';
import { checkStatement, type PolicyStatementProps, policyStatement } from './policy-statement';
import type { IGrantable } from './principal';
import { statementLimitFaults } from './statement-limit';

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
  /**
   * The construct for whose sake it is allowed: the server that is called, the secret that is read.
   * @default - the grantee itself
   */
  readonly askedBy?: IConstruct;
  /** Where the policy stands in the construct tree. @default - where policies about the grantee stand */
  readonly policyScope?: Construct;
}

/** Why a statement exists. */
export interface PolicyRequest {
  /** The statement as Terraform gets it. */
  readonly statement: string;
  /** Paths of the constructs that act with the permission. */
  readonly grantees: readonly string[];
  /** Paths of the constructs for whose sake it is allowed. */
  readonly askedBy: readonly string[];
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
    const policyScope = options.policyScope ?? principal.policyScope;
    const policy = IdentityPolicy.of(policyScope, principal.namesItself, options.compartmentId);
    const statement = policyStatement(policyScope, principal, options);
    policy.record(statement, options);
    addPreconditions(policy, principal.preconditions);
    const prepared = principal.prepareFor?.(options.compartmentId) ?? [];
    return new Grant([statement], principal.namesItself ? [] : [policy.resource, ...prepared]);
  }

  /** A policy that follows its grantee never shares with one that the grantee waits for: that would be a circle. */
  private static of(policyScope: Construct, namesItself: boolean, compartmentId: string): IdentityPolicy {
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

  /** OCID of the compartment that holds the policy. */
  public readonly compartmentId: string;
  private readonly added: { readonly statement: string; readonly grantee: string; readonly askedBy: string }[] = [];
  private readonly resource: PolicyResource;

  public constructor(scope: Construct, id: string, props: IdentityPolicyProps) {
    super(scope, id);
    this.compartmentId = props.compartmentId;
    for (const statement of props.statements ?? []) this.addStatement(statement);
    this.resource = new PolicyResource(this, 'Resource', {
      compartmentId: props.compartmentId,
      name: qualifiedNameOf(this, 100),
      description: props.description ?? `Permissions of ${this.node.path}`,
      statements: Lazy.listValue({ produce: (context) => this.statements(context) }),
      provider: homeRegionProvider(this),
    });
    this.node.defaultChild = this.resource;
    this.node.addValidation({ validate: () => statementLimitFaults(this, policiesOf(this.node.root)) });
  }

  /** What this policy allows, each statement once and in the order in which Terraform gets them. */
  public get requests(): readonly PolicyRequest[] {
    return this.requestsBy((statement) => resolvedText(this, statement));
  }

  /**
   * Adds one statement in OCI's policy language; a statement that is there already is not repeated. What OCI would not
   * understand is reported, and so is a statement about the whole tenancy outside of the root compartment.
   */
  public addStatement(statement: string): void {
    const { path } = this.node;
    const parsed = checkStatement(this, 'statements', statement);
    if (parsed?.compartment === undefined && parsed && this.compartmentId.startsWith('ocid1.compartment.')) {
      reportFault(this, {
        prop: 'statements',
        got: statement,
        allowed: 'statements about a compartment: those about the tenancy stand in its root',
        fix: 'name the compartment, or pass the OCID of the tenancy as compartmentId',
      });
    }
    this.added.push({ statement, grantee: path, askedBy: path });
  }

  private record(statement: string, { grantee, askedBy }: AllowOptions): void {
    const owner = Construct.isConstruct(grantee) ? grantee : grantee.grantPrincipal.policyScope;
    this.added.push({ statement, grantee: owner.node.path, askedBy: (askedBy ?? owner).node.path });
  }

  private statements(context: IResolveContext): string[] {
    return this.requestsBy((statement) => context.resolve(statement)).map(({ statement }) => statement);
  }

  /** Statements as Terraform sees them: CDKTF may mark one and the same reference in two ways. */
  private requestsBy(resolve: (statement: string) => string): PolicyRequest[] {
    const byStatement = new Map<string, { grantees: Set<string>; askedBy: Set<string> }>();
    for (const { statement, grantee, askedBy } of this.added) {
      const resolved = resolve(statement);
      const request = byStatement.get(resolved) ?? { grantees: new Set(), askedBy: new Set() };
      byStatement.set(resolved, request);
      request.grantees.add(grantee);
      request.askedBy.add(askedBy);
    }
    return [...byStatement.entries()]
      .map(([statement, { grantees, askedBy }]) => ({
        statement,
        grantees: [...grantees].sort(),
        askedBy: [...askedBy].sort(),
      }))
      .sort((a, b) => (a.statement < b.statement ? -1 : 1));
  }
}

function policiesOf(root: IConstruct): IdentityPolicy[] {
  return root.node.findAll().filter((node): node is IdentityPolicy => node instanceof IdentityPolicy);
}
