import { Grant } from '../iam/grant';
import { IdentityPolicy } from '../iam/identity-policy';
import { PolicyVerb } from '../iam/policy-statement';
import type { IGrantable } from '../iam/principal';
import type { ImageRepository } from '../mcp/container-image';

/**
 * Lets `grantee` pull every image of a repository, and of no other one.
 * @see https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/registrypolicyreference.htm
 */
export function permitPulling(grantee: IGrantable, repository: ImageRepository | undefined): Grant {
  if (repository === undefined) return Grant.none();
  return IdentityPolicy.allow({
    grantee,
    verb: PolicyVerb.READ,
    resourceType: 'repos',
    compartmentId: repository.compartmentId,
    conditions: [`target.repo.name='${repository.name}'`],
  });
}
