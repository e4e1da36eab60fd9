import { LoggingLog } from '@cdktf/provider-oci/lib/logging-log';
import { LoggingUnifiedAgentConfiguration } from '@cdktf/provider-oci/lib/logging-unified-agent-configuration';
import type { Construct } from 'constructs';
import { qualifiedNameOf } from '../core/names';
import { checkPattern, reportFault } from '../core/validation';
import { IdentityPolicy } from '../iam/identity-policy';
import { PolicyCondition } from '../iam/policy-condition';
import { PolicyVerb } from '../iam/policy-statement';
import { principalNamed } from '../iam/principal';
import type { IMonitoring } from '../mcp/monitoring';

export interface NodeLogsOptions {
  /** OCID of a dynamic group whose members are the compute instances of the node pools. */
  readonly dynamicGroupId: string;
  /** Kubernetes namespaces whose containers are logged. @default ["mcp"] */
  readonly namespaces?: readonly string[];
}

/**
 * The log of what containers write on the nodes of a cluster, kept by the agent that runs on them.
 * @see https://docs.oracle.com/en-us/iaas/Content/Logging/Concepts/agent_management.htm
 */
export function collectNodeLogs(scope: Construct, monitoring: IMonitoring, options: NodeLogsOptions): void {
  const { dynamicGroupId, namespaces = ['mcp'] } = options;
  const { compartmentId, logGroupId, logCompartmentId } = monitoring;
  if (namespaces.length === 0) reportFault(scope, { prop: 'namespaces', got: namespaces, allowed: 'at least one' });
  for (const namespace of namespaces) {
    checkPattern(scope, 'namespaces', namespace, {
      pattern: /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
      allowed: 'Kubernetes namespaces: at most 63 lower case letters, digits and hyphens',
    });
  }
  const displayName = qualifiedNameOf(scope, 200);
  const log = new LoggingLog(scope, 'Log', {
    logGroupId,
    displayName,
    logType: 'CUSTOM',
    isEnabled: true,
    retentionDuration: monitoring.logRetentionDays,
  });
  const configuration = new LoggingUnifiedAgentConfiguration(scope, 'Agent', {
    compartmentId,
    displayName,
    description: `Containers of ${namespaces.join(', ')}`,
    isEnabled: true,
    groupAssociation: { groupList: [dynamicGroupId] },
    serviceConfiguration: {
      configurationType: 'LOGGING',
      destination: { logObjectId: log.id },
      sources: [
        {
          name: 'containers',
          sourceType: 'LOG_TAIL',
          // The kubelet names the files <pod>_<namespace>_<container>-<id>.log.
          paths: namespaces.map((namespace) => `/var/log/containers/*_${namespace}_*.log`),
          parser: { parserType: 'CRI', isMergeCriFields: true },
        },
      ],
    },
  });
  IdentityPolicy.allow({
    grantee: { grantPrincipal: principalNamed(scope, `dynamic-group id ${dynamicGroupId}`) },
    verb: PolicyVerb.USE,
    resourceType: 'log-content',
    compartmentId: logCompartmentId,
    conditions: [PolicyCondition.equals('target.loggroup.id', logGroupId)],
  }).applyBefore(configuration);
}
