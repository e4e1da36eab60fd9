import { isReference } from '../core/synthesized-app';
import {
  type ParsedCondition,
  type ParsedStatement,
  PolicySyntaxError,
  parseStatement,
  withoutReferences,
} from '../iam/policy-grammar';
import type { AllowedStatements, Rule } from './rule';

const sayWho =
  'say who in a condition, by more than a type: request.principal.id, request.principal.compartment.id, request.principal.cluster_id';

/** A workload needs to read and use; who manages can also give itself more. */
export const policyStatement: Rule = {
  id: 'MCP003',
  title: 'Policy statement wider than a workload needs',
  why: 'Whoever takes over the workload can change or delete everything the statement names.',
  fix: 'name a resource type and the least verb, or single permissions; what the platform accepts everywhere stands in `allow` of McpRules.enforce',
  check: ({ app, allow }) =>
    app.resources('oci_identity_policy').flatMap((block) =>
      [block.arguments['statements'] ?? []]
        .flat()
        .filter((text): text is string => typeof text === 'string' && !isReference(text))
        .filter((text) => isWide(text, allow))
        .map((text) => ({
          construct: block.construct,
          found: `statement ${text}`,
          fix: isForAnybody(parsed(text)) ? sayWho : undefined,
        })),
    ),
};

function isWide(text: string, allow: AllowedStatements): boolean {
  const statement = parsed(text);
  if (statement === undefined) return soundsWide(text);
  if (statement.effect === 'deny') return false;
  const { verb = '', resourceType } = statement;
  if (isForAnybody(statement)) return true;
  if (resourceType === 'all-resources') return !allow.allResources?.includes(verb);
  return verb === 'manage' && !allow.manage?.includes(resourceType ?? '');
}

/** OCI reads more than this library does: what lets other tenancies in or reaches into them, for one. */
function soundsWide(text: string): boolean {
  const words = withoutReferences(text).toLowerCase();
  return (
    !/^\s*(define|deny)\b/.test(words) && /(?<![\w-])(manage|all-resources|any-user|any-group)(?![\w-])/.test(words)
  );
}

function isForAnybody(statement: ParsedStatement | undefined): boolean {
  return statement?.subject.kind.startsWith('any-') === true && !tellsWho(statement.condition);
}

/** Whether every way to meet a condition takes callers that are named, by more than the type that they are of. */
function tellsWho(condition: ParsedCondition | undefined): boolean {
  if (condition === undefined) return false;
  if ('join' in condition) {
    const { join, conditions } = condition;
    return join === 'all' ? conditions.some(tellsWho) : conditions.every(tellsWho);
  }
  const { variable, operator, values } = condition;
  // Only Terraform knows what it says.
  if (operator === '') return true;
  const isNamed = (name: string) => /^request\.(principal|user|groups?|resource)\.(?!type$)/i.test(name);
  return (operator === '=' || operator === 'in') && [variable, ...values].some(isNamed) && !values.includes('*');
}

function parsed(text: string): ParsedStatement | undefined {
  try {
    return parseStatement(text);
  } catch (error) {
    if (error instanceof PolicySyntaxError) return undefined;
    throw error;
  }
}
