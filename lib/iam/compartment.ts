import { Annotations } from 'cdktf';
import { Construct } from 'constructs';
import type { Grant } from './grant';
import { IdentityPolicy } from './identity-policy';
import { PolicyCondition } from './policy-condition';
import { PolicyVerb } from './policy-statement';
import type { IGrantable } from './principal';

/** All of which must hold. */
type Conditions = readonly (PolicyCondition | string)[];

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
   * @param conditions All of which must hold: `PolicyCondition.equals('target.loggroup.id', logGroupId)`.
   */
  public grantInspect(grantee: IGrantable, resourceType: string, conditions?: Conditions): Grant {
    return this.grant(grantee, PolicyVerb.INSPECT, resourceType, conditions);
  }

  /** Lets `grantee` read resources and what is in them. Parameters as for {@link Compartment.grantInspect}. */
  public grantRead(grantee: IGrantable, resourceType: string, conditions?: Conditions): Grant {
    return this.grant(grantee, PolicyVerb.READ, resourceType, conditions);
  }

  /** Lets `grantee` work with resources that exist. Parameters as for {@link Compartment.grantInspect}. */
  public grantUse(grantee: IGrantable, resourceType: string, conditions?: Conditions): Grant {
    return this.grant(grantee, PolicyVerb.USE, resourceType, conditions);
  }

  /** Lets `grantee` do everything with resources. Parameters as for {@link Compartment.grantInspect}. */
  public grantManage(grantee: IGrantable, resourceType: string, conditions?: Conditions): Grant {
    return this.grant(grantee, PolicyVerb.MANAGE, resourceType, conditions);
  }

  /**
   * Gives `grantee` single permissions, where a verb would give more than is needed.
   * @param permissions As the policy reference lists them: `DATA_SCIENCE_MODEL_DEPLOYMENT_PREDICT`.
   */
  public grantPermissions(grantee: IGrantable, permissions: readonly string[], conditions?: Conditions): Grant {
    return IdentityPolicy.allow({ grantee, permissions, compartmentId: this.compartmentId, conditions });
  }

  /**
   * Lets `grantee` publish custom metrics of one namespace, and no others.
   * @param namespace Such as `mcp_gateway`.
   * @see https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/monitoringpolicyreference.htm
   */
  public grantPublishMetrics(grantee: IGrantable, namespace: string): Grant {
    return this.grantUse(grantee, 'metrics', [PolicyCondition.equals('target.metrics.namespace', namespace)]);
  }

  /**
   * Lets `grantee` write into the logs of one log group. It cannot read them: the verb that would let it write lets it read too,
   * so this is the single permission.
   * @param logGroupId OCID of a log group in this compartment.
   * @see https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/loggingpolicyreference.htm
   */
  public grantPublishLogs(grantee: IGrantable, logGroupId: string): Grant {
    const conditions = [PolicyCondition.equals('target.loggroup.id', logGroupId)];
    return this.grantPermissions(grantee, ['LOG_CONTENT_PUSH'], conditions);
  }

  /**
   * Lets `grantee` read everything in this compartment and in those below it, the values of all their secrets too. It is wide,
   * and warns: name what is read with {@link Compartment.grantRead} wherever that is known.
   */
  public grantReadAll(grantee: IGrantable): Grant {
    const { path } = Construct.isConstruct(grantee) ? grantee.node : grantee.grantPrincipal.policyScope.node;
    Annotations.of(this).addWarning(
      `grantReadAll: ${path} may read everything in this compartment and below it, secrets and objects too; use grantRead for what it needs`,
    );
    return this.grantRead(grantee, 'all-resources');
  }

  private grant(
    grantee: IGrantable,
    verb: PolicyVerb,
    resourceType: string,
    conditions: Conditions | undefined,
  ): Grant {
    return IdentityPolicy.allow({ grantee, verb, resourceType, compartmentId: this.compartmentId, conditions });
  }
}
