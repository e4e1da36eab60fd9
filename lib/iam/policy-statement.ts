import { Token } from 'cdktf';
import type { IConstruct } from 'constructs';
import { reportFault } from '../core/validation';
import type { IPrincipal } from './principal';

/**
 * How much a statement allows, from least to most.
 * @see https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/policyreference_topic-Verbs.htm
 */
export enum PolicyVerb {
  INSPECT = 'inspect',
  READ = 'read',
  USE = 'use',
  MANAGE = 'manage',
}

/** What is allowed to a principal: a verb on a resource type, or single permissions. */
export interface PolicyStatementProps {
  /** How much is allowed. Needs `resourceType`. @default - `permissions` are listed instead */
  readonly verb?: PolicyVerb;
  /** Resource type or family: `log-content`, `secret-bundles`. @default - `permissions` are listed instead */
  readonly resourceType?: string;
  /** Single permissions: `DATA_SCIENCE_MODEL_DEPLOYMENT_PREDICT`. @default - `verb` and `resourceType` */
  readonly permissions?: readonly string[];
  /** OCID of the compartment in which it is allowed. */
  readonly compartmentId: string;
  /** Further conditions, all of which must hold: `target.secret.id='ocid1.vaultsecret…'`. @default - none */
  readonly conditions?: readonly string[];
}

/**
 * Renders one statement in OCI's policy language and reports what the language does not allow on `scope`.
 * @see https://docs.oracle.com/en-us/iaas/Content/Identity/policieshow/Policy_Basics.htm
 *
 * @example
 * // Allow dynamic-group mcp to read log-content in compartment id ocid1.compartment… where target.loggroup.id='ocid1…'
 */
export function policyStatement(scope: IConstruct, principal: IPrincipal, props: PolicyStatementProps): string {
  const conditions = [...principal.policyConditions, ...(props.conditions ?? [])];
  const where =
    conditions.length > 1 ? ` where all {${conditions.join(', ')}}` : conditions.map((c) => ` where ${c}`).join('');
  return `Allow ${principal.policySubject} to ${action(scope, props)} in compartment id ${props.compartmentId}${where}`;
}

function action(scope: IConstruct, props: PolicyStatementProps): string {
  const { verb, resourceType, permissions } = props;
  if (permissions !== undefined) {
    if (verb !== undefined || resourceType !== undefined || permissions.length === 0) {
      reportFault(scope, {
        prop: 'permissions',
        got: { verb, resourceType, permissions },
        allowed: 'either a verb and a resource type, or at least one permission',
      });
    }
    for (const permission of permissions) {
      if (/^[A-Z][A-Z0-9_]*$/.test(permission)) continue;
      reportFault(scope, {
        prop: 'permissions',
        got: permission,
        allowed: 'a permission such as "SECRET_BUNDLE_READ"',
      });
    }
    return `{${[...permissions].sort().join(', ')}}`;
  }
  if (verb === undefined || resourceType === undefined) {
    reportFault(scope, {
      prop: 'verb',
      got: { verb, resourceType },
      allowed: 'a verb together with a resource type, or permissions',
    });
  } else if (!Token.isUnresolved(resourceType) && !/^[a-z][a-z0-9-]*$/.test(resourceType)) {
    reportFault(scope, { prop: 'resourceType', got: resourceType, allowed: 'a resource type such as "log-content"' });
  }
  return `${verb} ${resourceType}`;
}
