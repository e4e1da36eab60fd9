import { Construct } from 'constructs';
import { Grant } from '../iam/grant';
import { IdentityPolicy } from '../iam/identity-policy';
import { PolicyCondition } from '../iam/policy-condition';
import { PolicyVerb } from '../iam/policy-statement';
import type { IGrantable } from '../iam/principal';

/** A repository in OCI's container registry. */
export interface ImageRepository {
  /** OCID of the compartment that holds the repository. */
  readonly compartmentId: string;
  /** Name of the repository inside the registry's namespace: `mcp/planner`. */
  readonly name: string;
}

/** A container image, wherever it comes from. */
export interface IContainerImage {
  /** Name of the image, by digest for preference: `fra.ocir.io/acme/logs-mcp@sha256:…`. May be a reference. */
  readonly imageUri: string;
  /** The same image by its tag, for hosts that take no digest: `fra.ocir.io/acme/logs-mcp:4f1c…`. @default - `imageUri` */
  readonly taggedUri?: string;
  /** The private repository it is pulled from. @default - public, or permitted outside this stack */
  readonly repository?: ImageRepository;
}

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
    conditions: [PolicyCondition.equals('target.repo.name', repository.name)],
    askedBy: Construct.isConstruct(repository) ? repository : undefined,
  });
}
