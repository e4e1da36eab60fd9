import { Construct } from 'constructs';
import type { Grant } from './grant';
import { IdentityPolicy } from './identity-policy';
import { PolicyVerb } from './policy-statement';
import type { IGrantable } from './principal';

/**
 * A compartment, and what may be done in it. Each grant becomes one statement of a policy that stands in this compartment;
 * statements about the same grantee share a policy.
 *
 * @example
 * const logs = Compartment.fromCompartmentId(this, 'LogCompartment', compartmentId);
 * logs.grantRead(server, 'log-content').applyBefore(server);
 */
export class Compartment extends Construct {
  /** A compartment that exists already. @param compartmentId Its OCID. */
  public static fromCompartmentId(scope: Construct, id: string, compartmentId: string): Compartment {
    return new Compartment(scope, id, compartmentId);
  }

  private constructor(
    scope: Construct,
    id: string,
    public readonly compartmentId: string,
  ) {
    super(scope, id);
  }

  /**
   * Lets `grantee` list resources, without what users put into them.
   * @param resourceType Type or family: `instances`, `virtual-network-family`.
   * @param conditions All of which must hold: `target.loggroup.id='ocid1.loggroup…'`.
   */
  public grantInspect(grantee: IGrantable, resourceType: string, conditions?: readonly string[]): Grant {
    return this.grant(grantee, PolicyVerb.INSPECT, resourceType, conditions);
  }

  /** Lets `grantee` read resources and what is in them. Parameters as for {@link Compartment.grantInspect}. */
  public grantRead(grantee: IGrantable, resourceType: string, conditions?: readonly string[]): Grant {
    return this.grant(grantee, PolicyVerb.READ, resourceType, conditions);
  }

  /** Lets `grantee` work with resources that exist. Parameters as for {@link Compartment.grantInspect}. */
  public grantUse(grantee: IGrantable, resourceType: string, conditions?: readonly string[]): Grant {
    return this.grant(grantee, PolicyVerb.USE, resourceType, conditions);
  }

  /** Lets `grantee` do everything with resources. Parameters as for {@link Compartment.grantInspect}. */
  public grantManage(grantee: IGrantable, resourceType: string, conditions?: readonly string[]): Grant {
    return this.grant(grantee, PolicyVerb.MANAGE, resourceType, conditions);
  }

  /**
   * Gives `grantee` single permissions, where a verb would give more than is needed.
   * @param permissions As the policy reference lists them: `DATA_SCIENCE_MODEL_DEPLOYMENT_PREDICT`.
   */
  public grantPermissions(grantee: IGrantable, permissions: readonly string[], conditions?: readonly string[]): Grant {
    return IdentityPolicy.allow({ grantee, permissions, compartmentId: this.compartmentId, conditions });
  }

  private grant(
    grantee: IGrantable,
    verb: PolicyVerb,
    resourceType: string,
    conditions: readonly string[] | undefined,
  ): Grant {
    return IdentityPolicy.allow({ grantee, verb, resourceType, compartmentId: this.compartmentId, conditions });
  }
}
