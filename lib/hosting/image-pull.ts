import type { TerraformResource } from 'cdktf';
import type { Construct } from 'constructs';
import type { IPrincipal } from '../iam/principal';
import { ResourcePrincipal } from '../iam/resource-principal';
import { type ImageRepository, permitPulling } from '../mcp/container-image';

export interface ImagePullProps {
  readonly repository: ImageRepository;
  /** What policies call the resource that pulls: `computecontainerinstance`. */
  readonly principalType: string | readonly string[];
  /** OCID of the compartment of that resource. */
  readonly compartmentId: string;
  /** The dynamic group which the resource belongs to. @default - policies name its type and compartment */
  readonly dynamicGroup?: IPrincipal;
  /** What starts the container: the permission exists before. */
  readonly puller: TerraformResource;
}

/**
 * Permits pulling from a private repository. The resource does not exist yet when it pulls, so a policy cannot name it: it
 * names every resource of its type in its compartment.
 */
export function permitImagePull(scope: Construct, props: ImagePullProps): void {
  const { repository, principalType, compartmentId, dynamicGroup, puller } = props;
  const grantPrincipal = dynamicGroup ?? ResourcePrincipal.inCompartment(scope, principalType, compartmentId);
  permitPulling({ grantPrincipal }, repository).applyBefore(puller);
}
