import type { TerraformResource } from 'cdktf';
import type { Construct } from 'constructs';
import { IdentityPolicy } from '../../iam/identity-policy';
import { PolicyVerb } from '../../iam/policy-statement';
import type { IPrincipal } from '../../iam/principal';

/**
 * Permits the service to attach `resource` to subnets of a compartment.
 * @see https://docs.oracle.com/en-us/iaas/data-science/using/model-dep-create-cus-net.htm
 */
export function permitAttaching(scope: Construct, compartmentId: string, resource: TerraformResource): void {
  const grantPrincipal: IPrincipal = {
    policySubject: 'service datascience',
    policyConditions: [],
    preconditions: [],
    namesItself: false,
    policyScope: scope,
  };
  IdentityPolicy.allow({
    grantee: { grantPrincipal },
    verb: PolicyVerb.USE,
    resourceType: 'virtual-network-family',
    compartmentId,
  }).applyBefore(resource);
}
