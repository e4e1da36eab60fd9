import type { Construct } from 'constructs';
import { PolicyCondition } from './policy-condition';
import type { IPrincipal } from './principal';

/**
 * The identity of OCI resources, named by conditions on `any-user`, so that no right in the tenancy is needed.
 * @see https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/policyreference_topic-General_Variables_for_All_Requests.htm
 */
export class ResourcePrincipal implements IPrincipal {
  /**
   * One resource, named by its own OCID: nothing else in its compartment shares its permissions. Policies about it follow
   * the resource; where a permission must exist before the resource starts, use a dynamic group.
   * @param resourceType Type as policies name it, the second part of the OCID: `computecontainerinstance`.
   * @param resourceId OCID, usually a reference; several for the replicas of one workload.
   */
  public static byId(
    policyScope: Construct,
    resourceType: string,
    resourceId: string | readonly string[],
  ): ResourcePrincipal {
    return new ResourcePrincipal(
      policyScope,
      resourceType,
      PolicyCondition.equals('request.principal.id', resourceId),
      true,
    );
  }

  /**
   * Every resource of one type in a compartment, for what they all need before any of them starts, such as pulling images.
   * @param resourceType Type as policies name it, or several for a service whose containers act as more than one.
   * @param compartmentId OCID of the compartment.
   */
  public static inCompartment(
    policyScope: Construct,
    resourceType: string | readonly string[],
    compartmentId: string,
  ): ResourcePrincipal {
    return new ResourcePrincipal(
      policyScope,
      resourceType,
      PolicyCondition.equals('request.principal.compartment.id', compartmentId),
      false,
    );
  }

  public readonly policySubject = 'any-user';
  public readonly policyConditions: readonly PolicyCondition[];
  public readonly preconditions = [];

  private constructor(
    public readonly policyScope: Construct,
    resourceType: string | readonly string[],
    which: PolicyCondition,
    public readonly namesItself: boolean,
  ) {
    this.policyConditions = [PolicyCondition.equals('request.principal.type', resourceType), which];
  }
}
