import { LoggingLog } from '@cdktf/provider-oci/lib/logging-log';
import { LoggingLogGroup } from '@cdktf/provider-oci/lib/logging-log-group';
import { Construct } from 'constructs';
import { qualifiedNameOf } from '../../core/names';
import { checkOneOf } from '../../core/validation';
import type { Grant } from '../../iam/grant';
import { IdentityPolicy } from '../../iam/identity-policy';
import { PolicyCondition } from '../../iam/policy-condition';
import { PolicyVerb } from '../../iam/policy-statement';
import type { IGrantable } from '../../iam/principal';

export interface DeploymentLogsProps {
  /** OCID of the compartment of the log group. */
  readonly compartmentId: string;
  /** OCID of a log group in that compartment. @default - one is made */
  readonly logGroupId?: string;
  /** Days the logs are kept: 30, 60, 90, 120, 150 or 180. @default 30 */
  readonly retentionDays?: number;
}

/**
 * Two custom logs of a deployment: who called it, and what its process wrote.
 * @see https://docs.oracle.com/en-us/iaas/data-science/using/log-about.htm
 */
export class DeploymentLogs extends Construct {
  /** The logs as the deployment names them. */
  public readonly categories: { [category in 'access' | 'predict']: { logGroupId: string; logId: string } };

  public constructor(
    scope: Construct,
    id: string,
    private readonly props: DeploymentLogsProps,
  ) {
    super(scope, id);
    const { compartmentId, retentionDays = 30 } = props;
    checkOneOf(scope, 'logRetentionDays', retentionDays, [30, 60, 90, 120, 150, 180]);
    const displayName = qualifiedNameOf(scope, 200);
    const logGroupId = props.logGroupId ?? new LoggingLogGroup(this, 'Group', { compartmentId, displayName }).id;
    const logOf = (category: string) => ({
      logGroupId,
      logId: new LoggingLog(this, category, {
        logGroupId,
        displayName: `${displayName}-${category.toLowerCase()}`,
        logType: 'CUSTOM',
        isEnabled: true,
        retentionDuration: retentionDays,
      }).id,
    });
    this.categories = { access: logOf('Access'), predict: logOf('Predict') };
  }

  /** Permits whoever runs the deployment to write into its logs. */
  public grantWrite(grantee: IGrantable): Grant {
    return IdentityPolicy.allow({
      grantee,
      verb: PolicyVerb.USE,
      resourceType: 'log-content',
      compartmentId: this.props.compartmentId,
      conditions: [PolicyCondition.equals('target.loggroup.id', this.categories.access.logGroupId)],
    });
  }
}
