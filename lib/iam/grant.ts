import type { ITerraformDependable } from 'cdktf';
import type { IConstruct } from 'constructs';
import { addPreconditions } from '../core/dependencies';

/** What stands below a workload and is no part of it. Waiting for each other's policies, they would form a circle. */
const identityTypes = new Set(['oci_identity_policy', 'oci_identity_dynamic_group']);

/** The result of a `grant…` method. */
export class Grant {
  /** A grant that needs no policy: reaching the thing over the network is enough. */
  public static none(): Grant {
    return new Grant([], []);
  }

  /**
   * @param statements The policy statements added, as OCI reads them.
   * @param policies The policies which must exist for the grant to hold; none when they can only follow the workload.
   */
  public constructor(
    public readonly statements: readonly string[],
    private readonly policies: readonly ITerraformDependable[],
  ) {}

  /**
   * Makes the resources of `constructs` wait for the policy, so that a workload never starts without its permission. The
   * default child counts as one of them wherever it stands: a sidecar starts with its application's Deployment.
   */
  public applyBefore(...constructs: IConstruct[]): void {
    for (const construct of constructs.flatMap((each) => [each, each.node.defaultChild ?? each])) {
      addPreconditions(
        construct,
        this.policies,
        ({ terraformResourceType }) => !identityTypes.has(terraformResourceType),
      );
    }
  }
}
