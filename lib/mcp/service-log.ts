import { LoggingLog } from '@cdktf/provider-oci/lib/logging-log';
import type { Construct } from 'constructs';
import { qualifiedNameOf } from '../core/names';

/** Room for the name of a category behind it. */
const nameMax = 200;

/** What a service of OCI writes about one of its resources. */
export interface ServiceLogProps {
  /** OCID of the log group. */
  readonly logGroupId: string;
  /** OCID of the compartment of the resource. */
  readonly compartmentId: string;
  /** The service's name in OCI Logging: `apigateway`. */
  readonly service: string;
  /** Which of its logs: `access`. */
  readonly category: string;
  /** OCID of the resource. */
  readonly resource: string;
  /** Days the log is kept: 30, 60, 90, 120, 150 or 180. @default 30 */
  readonly retentionDays?: number;
}

/**
 * The log that a service of OCI writes about one resource.
 * @see https://docs.oracle.com/en-us/iaas/Content/Logging/Reference/service_log_reference.htm
 *
 * @example
 * serviceLog(this, 'AccessLog', { logGroupId, compartmentId, service: 'apigateway', category: 'access', resource: deployment.id });
 */
export function serviceLog(scope: Construct, id: string, props: ServiceLogProps): LoggingLog {
  const { compartmentId, service, category, resource, retentionDays } = props;
  return new LoggingLog(scope, id, {
    logGroupId: props.logGroupId,
    displayName: `${qualifiedNameOf(scope, nameMax)}-${category}`,
    logType: 'SERVICE',
    isEnabled: true,
    retentionDuration: retentionDays,
    configuration: { compartmentId, source: { sourceType: 'OCISERVICE', service, category, resource } },
  });
}
