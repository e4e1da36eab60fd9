import { IdentityDynamicGroup } from '@cdktf/provider-oci/lib/identity-dynamic-group';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { qualifiedNameOf } from '../core/names';
import { checkPattern, reportFault } from '../core/validation';
import { homeRegionProvider } from './home-region';
import type { MatchingRule } from './matching-rule';
import type { IPrincipal } from './principal';

/** The longest name of a dynamic group. */
const nameMax = 100;

export interface DynamicGroupProps {
  /** OCID of the tenancy: dynamic groups live there, whatever compartment they match. */
  readonly tenancyId: string;
  /** Which resources are members. */
  readonly matchingRule: MatchingRule;
  /** Name, unique in the tenancy and fixed at creation. @default - derived from the construct's path */
  readonly groupName?: string;
  /** What the group is for. @default "Members of <construct path>" */
  readonly description?: string;
}

/**
 * A dynamic group: OCI resources that act as principals. Creating one needs rights in the tenancy; a team without them uses
 * {@link DynamicGroup.fromName} or none at all.
 */
export class DynamicGroup extends Construct implements IPrincipal {
  /** A group that exists already, in the Default identity domain unless the name says `Domain/name`. */
  public static fromName(scope: Construct, id: string, groupName: string): IPrincipal {
    const policyScope = new Construct(scope, id);
    const subject = groupName
      .split('/')
      .map((part) => `'${part}'`)
      .join('/');
    return {
      policySubject: `dynamic-group ${groupName.includes('/') ? subject : groupName}`,
      policyConditions: [],
      preconditions: [],
      namesItself: false,
      policyScope,
    };
  }

  public readonly groupName: string;
  public readonly policySubject: string;
  public readonly policyConditions: readonly string[] = [];
  public readonly preconditions: readonly ITerraformDependable[];
  public readonly namesItself = false;
  public readonly policyScope: Construct = this;

  public constructor(scope: Construct, id: string, props: DynamicGroupProps) {
    super(scope, id);
    checkPattern(this, 'groupName', props.groupName, {
      pattern: /^[\w.-]{1,100}$/,
      allowed: '1 to 100 letters, digits, hyphens, underscores and periods',
    });
    for (const fault of props.matchingRule.faults) reportFault(this, fault);
    this.groupName = props.groupName ?? qualifiedNameOf(this, nameMax);
    const group = new IdentityDynamicGroup(this, 'Resource', {
      compartmentId: props.tenancyId,
      name: this.groupName,
      description: props.description ?? `Members of ${this.node.path}`,
      matchingRule: props.matchingRule.toString(),
      provider: homeRegionProvider(this),
    });
    this.node.defaultChild = group;
    this.policySubject = `dynamic-group ${group.name}`;
    this.preconditions = [group];
  }
}
