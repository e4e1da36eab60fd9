import { LoggingLog } from '@cdktf/provider-oci/lib/logging-log';
import type { Construct } from 'constructs';
import type { GatewayConfigInput } from 'oci-mcp-gateway/config';
import { qualifiedNameOf } from '../core/names';
import { regionOf } from '../core/region';
import { IdentityPolicy } from '../iam/identity-policy';
import { PolicyCondition } from '../iam/policy-condition';
import type { IGrantable } from '../iam/principal';
import type { IHostedWorkload } from '../mcp/mcp-hosting';
import type { IMonitoring } from '../mcp/monitoring';

/** Room for what stands behind the name. */
const nameMax = 200;

/** What is written about each call. */
export interface GatewayAudit {
  /**
   * What of the arguments: their hash, by which two calls can be compared; themselves, without values that look like secrets;
   * or nothing.
   * @default "hash"
   */
  readonly arguments?: 'hash' | 'redacted' | 'none';
  /** Further names of arguments whose values are left out of what is "redacted": `['iban']`. @default - none */
  readonly redact?: readonly string[];
}

type AuditConfig = NonNullable<GatewayConfigInput['audit']>;

/**
 * The same as the gateway reads it. With a monitoring, records go to a log of their own there, too: on Container Instances and
 * hosted applications what the gateway writes is kept nowhere else.
 */
export function auditConfig(
  gateway: Construct & IGrantable,
  hosted: IHostedWorkload,
  audit: GatewayAudit | undefined,
  monitoring: IMonitoring | undefined,
): AuditConfig | undefined {
  if (audit === undefined && monitoring === undefined) return undefined;
  return {
    arguments: audit?.arguments,
    redact: audit?.redact && [...audit.redact],
    oci_logging: monitoring && auditLog(gateway, hosted, monitoring),
  };
}

/**
 * The log, and the permission to write into the group that it is in.
 * @see https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/loggingpolicyreference.htm
 */
function auditLog(
  gateway: Construct & IGrantable,
  { primaryResource, replicas = [], signingMethod }: IHostedWorkload,
  { logGroupId, logCompartmentId, logRetentionDays }: IMonitoring,
): AuditConfig['oci_logging'] {
  const log = new LoggingLog(gateway, 'AuditLog', {
    logGroupId,
    displayName: `${qualifiedNameOf(gateway, nameMax)}-audit`,
    logType: 'CUSTOM',
    isEnabled: true,
    retentionDuration: logRetentionDays,
  });
  const grant = IdentityPolicy.allow({
    grantee: gateway,
    permissions: ['LOG_CONTENT_PUSH'],
    compartmentId: logCompartmentId,
    conditions: [PolicyCondition.equals('target.loggroup.id', logGroupId)],
  });
  if (primaryResource !== undefined) grant.applyBefore(primaryResource, ...replicas);
  // Pods learn their region from nowhere else.
  return { log_id: log.id, region: signingMethod === 'oke_workload_identity' ? regionOf(gateway) : undefined };
}
