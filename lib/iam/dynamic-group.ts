import { IdentityDomainsDynamicResourceGroup } from '@cdktf/provider-oci/lib/identity-domains-dynamic-resource-group';
import { IdentityDynamicGroup } from '@cdktf/provider-oci/lib/identity-dynamic-group';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { qualifiedNameOf } from '../core/names';
import { checkPattern, reportFault } from '../core/validation';
import { groupNamed, groupWithId } from './existing-group';
import { homeRegionProvider } from './home-region';
import type { MatchingRule } from './matching-rule';
import type { IPrincipal } from './principal';

/** The longest name of a dynamic group. */
const nameMax = 100;

/** What an identity domain calls a dynamic group. */
const domainSchema = 'urn:ietf:params:scim:schemas:oracle:idcs:DynamicResourceGroup';

/** An identity domain that holds a dynamic group. */
export interface DynamicGroupDomain {
  /** URL of the domain: `https://idcs-….identity.oraclecloud.com:443`. May be a reference. */
  readonly url: string;
  /** Display name of the domain, by which policies know it. */
  readonly domainName: string;
}

export interface DynamicGroupProps {
  /** OCID of the tenancy, where the groups of the Default domain live, whatever compartment they match. @default - `identityDomain` */
  readonly tenancyId?: string;
  /** The identity domain the group lives in. @default - the Default domain of `tenancyId` */
  readonly identityDomain?: DynamicGroupDomain;
  /** Which resources are members. */
  readonly matchingRule: MatchingRule;
  /** Name, unique in the tenancy or the domain, and fixed at creation. @default - derived from the construct's path */
  readonly groupName?: string;
  /** What the group is for. @default "Members of <construct path>" */
  readonly description?: string;
}

/**
 * A dynamic group: OCI resources that act as principals. Creating one needs rights in the tenancy or in an identity domain; a
 * team without them uses {@link DynamicGroup.fromName} or none at all. Pods of OKE are never members: policies name their
 * workload identity instead.
 * @see https://docs.oracle.com/en-us/iaas/Content/Identity/dynamicgroups/Writing_Matching_Rules_to_Define_Dynamic_Groups.htm
 *
 * @example
 * const deployments = new DynamicGroup(this, 'Deployments', {
 *   identityDomain: { url: domainUrl, domainName: 'Platform' },
 *   matchingRule: MatchingRule.all(
 *     MatchingRule.resourceType('datasciencemodeldeployment'),
 *     MatchingRule.resourceCompartment(compartmentId),
 *   ),
 * });
 */
export class DynamicGroup extends Construct implements IPrincipal {
  /** A group that exists already, in the Default identity domain unless the name says `Domain/name`. */
  public static fromName(scope: Construct, id: string, groupName: string): IPrincipal {
    return groupNamed(scope, id, 'dynamic-group', groupName);
  }

  /** A group that exists already, in whatever identity domain. @param groupId Its OCID. */
  public static fromId(scope: Construct, id: string, groupId: string): IPrincipal {
    return groupWithId(scope, id, 'dynamic-group', groupId);
  }

  public readonly groupName: string;
  public readonly policySubject: string;
  public readonly policyConditions: readonly string[] = [];
  public readonly preconditions: readonly ITerraformDependable[];
  public readonly namesItself = false;
  public readonly policyScope: Construct = this;

  public constructor(scope: Construct, id: string, props: DynamicGroupProps) {
    super(scope, id);
    checkDynamicGroup(this, props);
    this.groupName = props.groupName ?? qualifiedNameOf(this, nameMax);
    const group = props.identityDomain ? this.makeInDomain(props.identityDomain, props) : this.makeInTenancy(props);
    this.node.defaultChild = group;
    this.preconditions = [group];
    this.policySubject =
      group instanceof IdentityDynamicGroup
        ? `dynamic-group ${group.name}`
        : `dynamic-group '${props.identityDomain?.domainName}'/'${group.displayName}'`;
  }

  private makeInTenancy({ tenancyId = '', matchingRule, description }: DynamicGroupProps): IdentityDynamicGroup {
    return new IdentityDynamicGroup(this, 'Resource', {
      compartmentId: tenancyId,
      name: this.groupName,
      description: description ?? `Members of ${this.node.path}`,
      matchingRule: matchingRule.toString(),
      provider: homeRegionProvider(this),
    });
  }

  private makeInDomain(
    { url }: DynamicGroupDomain,
    { matchingRule, description }: DynamicGroupProps,
  ): IdentityDomainsDynamicResourceGroup {
    return new IdentityDomainsDynamicResourceGroup(this, 'Resource', {
      idcsEndpoint: url,
      schemas: [domainSchema],
      displayName: this.groupName,
      description: description ?? `Members of ${this.node.path}`,
      matchingRule: matchingRule.toString(),
    });
  }
}

function checkDynamicGroup(scope: Construct, props: DynamicGroupProps): void {
  const { tenancyId, identityDomain, groupName, matchingRule } = props;
  if ((tenancyId === undefined) === (identityDomain === undefined)) {
    reportFault(scope, {
      prop: 'tenancyId',
      got: { tenancyId, identityDomain },
      allowed: 'either the tenancy, for the Default domain, or an identityDomain',
    });
  }
  checkPattern(scope, 'tenancyId', tenancyId, {
    pattern: /^ocid1\.tenancy\./,
    allowed: 'the OCID of the tenancy: dynamic groups stand in no other compartment',
  });
  checkPattern(scope, 'groupName', groupName, {
    pattern: /^[\w.-]{1,100}$/,
    allowed: '1 to 100 letters, digits, hyphens, underscores and periods',
  });
  checkPattern(scope, 'identityDomain.url', identityDomain?.url, {
    pattern: /^https:\/\/[^\s/]+\/?$/,
    allowed: 'the URL of an identity domain, without a path',
  });
  checkPattern(scope, 'identityDomain.domainName', identityDomain?.domainName, {
    pattern: /^[^'/]+$/,
    allowed: 'the name of an identity domain, without quotes and slashes',
  });
  for (const fault of matchingRule.faults) reportFault(scope, fault);
}
