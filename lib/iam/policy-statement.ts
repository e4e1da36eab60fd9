import { Annotations, Token } from 'cdktf';
import type { IConstruct } from 'constructs';
import { type PropFault, reportFault } from '../core/validation';
import { PolicyCondition } from './policy-condition';
import { type ParsedStatement, PolicySyntaxError, parseStatement, withoutReferences } from './policy-grammar';
import type { IPrincipal } from './principal';
import { likelyResourceType } from './resource-types';

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
  /** OCID of the compartment in which it is allowed; of the tenancy where `wholeTenancy` says so. */
  readonly compartmentId: string;
  /**
   * Whether it is allowed in every compartment of the tenancy, whose OCID `compartmentId` then is. The policy stands in the
   * root compartment, which takes rights in the tenancy.
   * @default false
   */
  readonly wholeTenancy?: boolean;
  /** Further conditions, all of which must hold: typed ones, or text such as `target.secret.id='ocid1…'`. @default - none */
  readonly conditions?: readonly (PolicyCondition | string)[];
}

/**
 * Renders one statement in OCI's policy language and reports what the language does not allow on `scope`.
 * @see https://docs.oracle.com/en-us/iaas/Content/Identity/policieshow/Policy_Basics.htm
 *
 * @example
 * // Allow dynamic-group mcp to read log-content in compartment id ocid1.compartment… where target.loggroup.id='ocid1…'
 */
export function policyStatement(scope: IConstruct, principal: IPrincipal, props: PolicyStatementProps): string {
  const conditions = [...principal.policyConditions, ...(props.conditions ?? [])].map((condition) =>
    typeof condition === 'string' ? PolicyCondition.parse(condition) : condition,
  );
  const faults = [
    ...actionFaults(props),
    ...locationFaults(props),
    ...conditions.flatMap((condition) => condition.faults),
  ];
  for (const fault of faults) reportFault(scope, fault);
  const where = conditions.length === 0 ? '' : ` where ${PolicyCondition.all(...conditions)}`;
  const location = props.wholeTenancy ? 'tenancy' : `compartment id ${props.compartmentId}`;
  const statement = `Allow ${principal.policySubject} to ${action(props)} in ${location}${where}`;
  // What is wrong in its parts has been told in their own words.
  if (faults.length === 0) checkStatement(scope, 'grantee', statement);
  return statement;
}

/**
 * Reports a statement that OCI would not understand, and warns of a resource type that is most likely mistyped.
 * @returns the statement taken apart; undefined where it is not one, or only Terraform knows it
 */
export function checkStatement(scope: IConstruct, prop: string, statement: string): ParsedStatement | undefined {
  if (/^\s*(\$\{|$)/.test(statement) && Token.isUnresolved(statement)) return undefined;
  try {
    const parsed = parseStatement(statement);
    warnOfResourceType(scope, parsed);
    return parsed;
  } catch (error) {
    if (!(error instanceof PolicySyntaxError)) throw error;
    reportFault(scope, {
      prop,
      got: withoutReferences(statement),
      allowed: `a statement of OCI's policy language: ${error.message}`,
      fix: 'write Allow <subject> to <verb> <resource type> in compartment id <OCID> where <conditions>',
    });
    return undefined;
  }
}

function warnOfResourceType(scope: IConstruct, { resourceType = '' }: ParsedStatement): void {
  const meant = likelyResourceType(resourceType);
  if (meant === undefined) return;
  Annotations.of(scope).addWarning(
    `resourceType: "${resourceType}" looks like "${meant}"; OCI refuses a policy with a type that it does not know`,
  );
}

function action({ verb, resourceType, permissions }: PolicyStatementProps): string {
  return permissions === undefined ? `${verb} ${resourceType}` : `{${[...permissions].sort().join(', ')}}`;
}

function actionFaults({ verb, resourceType, permissions }: PolicyStatementProps): PropFault[] {
  if (permissions !== undefined) {
    const alone = verb === undefined && resourceType === undefined && permissions.length > 0;
    const allowed = 'either a verb and a resource type, or at least one permission';
    return [
      ...(alone ? [] : [{ prop: 'permissions', got: { verb, resourceType, permissions }, allowed }]),
      ...permissions
        .filter((permission) => !/^[A-Z][A-Z0-9_]*$/.test(permission))
        .map((got) => ({ prop: 'permissions', got, allowed: 'a permission such as "SECRET_BUNDLE_READ"' })),
    ];
  }
  if (verb === undefined || resourceType === undefined) {
    const allowed = 'a verb together with a resource type, or permissions';
    return [{ prop: 'verb', got: { verb, resourceType }, allowed }];
  }
  if (Token.isUnresolved(resourceType) || /^[a-z][a-z0-9-]*$/.test(resourceType)) return [];
  return [{ prop: 'resourceType', got: resourceType, allowed: 'a resource type such as "log-content"' }];
}

function locationFaults({ compartmentId, wholeTenancy = false }: PolicyStatementProps): PropFault[] {
  if (Token.isUnresolved(compartmentId)) return [];
  const kind = wholeTenancy ? 'tenancy' : 'compartment';
  if (compartmentId.startsWith(`ocid1.${kind}.`)) return [];
  const allowed = wholeTenancy
    ? 'the OCID of the tenancy, for what is allowed in all of it'
    : 'the OCID of a compartment: what is allowed in the root is allowed in every compartment';
  const fix = wholeTenancy ? undefined : 'name the compartment, or pass wholeTenancy: true';
  return [{ prop: 'compartmentId', got: compartmentId, allowed, fix }];
}
