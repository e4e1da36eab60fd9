import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import type { DynamicGroup } from './dynamic-group';
import type { IPrincipal } from './principal';

/** Which OCI resource a principal is. */
export interface ResourcePrincipalProps {
  /** Type of the resource as policies name it, the second part of its OCID: `computecontainerinstance`. */
  readonly resourceType: string;
  /** OCID of the resource, usually a reference. */
  readonly resourceId: string;
}

/**
 * The identity of one OCI resource, named by its own OCID, so that nothing else in the compartment shares its
 * permissions and no right in the tenancy is needed. Policies about it follow the resource; pass a {@link DynamicGroup} to
 * the hosting where a permission must exist before the resource starts.
 * @see https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/policyreference_topic-General_Variables_for_All_Requests.htm
 */
export class ResourcePrincipal implements IPrincipal {
  public readonly policySubject = 'any-user';
  public readonly policyConditions: readonly string[];
  public readonly preconditions: readonly ITerraformDependable[] = [];
  public readonly namesItself = true;

  public constructor(
    public readonly policyScope: Construct,
    props: ResourcePrincipalProps,
  ) {
    this.policyConditions = [
      `request.principal.type='${props.resourceType}'`,
      `request.principal.id='${props.resourceId}'`,
    ];
  }
}
