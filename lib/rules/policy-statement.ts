import { isReference } from '../core/synthesized-app';
import { type ParsedStatement, PolicySyntaxError, parseStatement } from '../iam/policy-grammar';
import type { AllowedStatements, Rule } from './rule';

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
        .map((text) => ({ construct: block.construct, found: `statement ${text}` })),
    ),
};

/** OCI refuses what has no grammar, so it is no concern of this rule. */
function isWide(text: string, allow: AllowedStatements): boolean {
  const statement = parsed(text);
  if (statement === undefined || statement.effect === 'deny') return false;
  const { condition, subject, verb = '', resourceType } = statement;
  if (/^any-(user|group)$/.test(subject.kind) && condition === undefined) return true;
  if (resourceType === 'all-resources') return !allow.allResources?.includes(verb);
  return verb === 'manage' && !allow.manage?.includes(resourceType ?? '');
}

function parsed(text: string): ParsedStatement | undefined {
  try {
    return parseStatement(text);
  } catch (error) {
    if (error instanceof PolicySyntaxError) return undefined;
    throw error;
  }
}
