import { isReference, literalOf, type SynthesizedApp, type SynthesizedBlock, textAt } from '../core/synthesized-app';
import type { Rule } from './rule';

/** Every resource that somebody puts into the compartment later gets the permissions of such a group. */
export const dynamicGroup: Rule = {
  id: 'MCP002',
  title: 'Dynamic group of a whole compartment',
  why: 'Whatever is put into the compartment later, by whomever, has the permissions of the group.',
  fix: 'match a type together with a compartment, one resource by its OCID, or a defined tag: MatchingRule.all(MatchingRule.resourceType(…), MatchingRule.resourceCompartment(…))',
  check: ({ app }) =>
    groupsOf(app).flatMap((block) => {
      const rule = textAt(block.arguments, 'matching_rule');
      if (rule === undefined || isReference(rule) || !isWide(rule)) return [];
      return { construct: block.construct, found: `matching rule ${rule}` };
    }),
};

function groupsOf(app: SynthesizedApp): SynthesizedBlock[] {
  return app.resources('oci_identity_dynamic_group', 'oci_identity_domains_dynamic_resource_group');
}

/** What one way to become a member looks at. */
type Members = ReadonlySet<'type' | 'compartment' | 'one'>;

/** Whether there is a way to become a member without being of a type in a compartment, or chosen one by one. */
export function isWide(rule: string): boolean {
  return alternatives(rule).some(
    (members) => !members.has('one') && !(members.has('type') && members.has('compartment')),
  );
}

/** The ways to become a member: `ANY` has one for each rule, `ALL` every combination of those of its rules. */
function alternatives(rule: string): Members[] {
  const [, join, inside] = /^\s*(all|any)\s*\{(.*)\}\s*$/is.exec(rule) ?? [];
  if (join === undefined || inside === undefined) return [membersOf(rule)];
  const parts = split(inside).map(alternatives);
  if (join.toLowerCase() === 'any') return parts.flat();
  return parts.reduce<Members[]>(
    (combined, part) => combined.flatMap((left) => part.map((right) => new Set([...left, ...right]))),
    [new Set()],
  );
}

/**
 * What is not known to choose members chooses none.
 * @see https://docs.oracle.com/en-us/iaas/Content/Identity/dynamicgroups/Writing_Matching_Rules_to_Define_Dynamic_Groups.htm
 */
function membersOf(comparison: string): Members {
  if (isReference(comparison.trim())) return new Set(['one']);
  const [, variable = ''] = /^\s*([\w.-]+)\s*(?:=|$)/.exec(literalOf(comparison, 'x')) ?? [];
  if (/^(resource|instance)\.compartment\.id$/i.test(variable)) return new Set(['compartment']);
  if (/^resource\.type$/i.test(variable)) return new Set(['type']);
  return /^((resource|instance)\.id$|tag\.)/i.test(variable) ? new Set(['one']) : new Set();
}

/** Splits at the commas which are in no braces and no quotes. */
function split(rules: string): string[] {
  const parts = [''];
  let depth = 0;
  let quoted = false;
  for (const sign of rules) {
    if (sign === "'") quoted = !quoted;
    if (!quoted && sign === '{') depth++;
    if (!quoted && sign === '}') depth--;
    if (sign === ',' && depth === 0 && !quoted) parts.push('');
    else parts[parts.length - 1] += sign;
  }
  return parts;
}
