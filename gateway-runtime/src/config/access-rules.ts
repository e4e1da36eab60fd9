import * as z from 'zod';
import { oneOrMore, optional, pattern, strict } from './field.js';

/** The characters of a scope. What is none of them cannot stand in a token or in a challenge. https://www.rfc-editor.org/rfc/rfc6749#section-3.3 */
export const scopeForm = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** A list of scopes. */
export const Scopes = z.array(pattern(scopeForm, 'a scope of ASCII characters without space, quote and backslash'), {
  error: 'a list of scopes',
});

/** Claims that say nothing about who calls, or that rules name in another way. */
const notForRules = new Map([
  ['scope', 'all_of and any_of say which scopes are needed'],
  ['scp', 'all_of and any_of say which scopes are needed'],
  ...['exp', 'nbf', 'iat'].map((claim) => [claim, 'times are always checked, as jwt_clock_skew allows'] as const),
]);

const Claims = z
  .record(z.string().min(1, { error: 'the name of a claim' }), oneOrMore('a value or a list of values'), {
    error: 'an object of claim: [accepted values]',
  })
  .superRefine((claims, context) => {
    for (const claim of Object.keys(claims)) {
      const instead = notForRules.get(claim);
      if (instead) context.addIssue({ code: 'custom', path: [claim], message: `is not compared here; ${instead}` });
    }
    if (Object.keys(claims).length === 0) context.addIssue({ code: 'custom', message: 'name at least one claim' });
  });

const someScopes = () => optional(Scopes.min(1, { error: 'at least one scope' }));

const demands = {
  all_of: someScopes().describe('Scopes that are all needed'),
  any_of: someScopes().describe('Scopes of which one is enough'),
  claims: optional(Claims).describe(
    'Claims of the token that are all needed, each with one of its values: { claim: [accepted values] }',
  ),
};

/** An object that asks for nothing would open what it names, and nobody would see that it does. */
function sayingSomething<T extends z.ZodType<object>>(rule: T): T {
  return rule.superRefine(
    (value, context) => {
      const isEmpty = !Array.isArray(value) && Object.values(value).every((member) => member === undefined);
      if (isEmpty) context.addIssue('asks for nothing; to open what it names, say []');
    },
    { when: ({ issues }) => issues.length === 0 },
  );
}

const rule = 'a list of scopes, or an object of all_of, any_of and claims';

const AccessRuleSchema = sayingSomething(z.union([Scopes, strict(demands)], { error: rule }));

const toolRule = 'a list of scopes, or an object of all_of, any_of, claims, read and write';

const toolDemands = {
  ...demands,
  read: optional(AccessRuleSchema).describe('The same for tools that say they only read: readOnlyHint'),
  write: optional(AccessRuleSchema).describe('The same for all other tools, those that say nothing included'),
};

const ToolRuleSchema = sayingSomething(z.union([Scopes, strict(toolDemands)], { error: toolRule }));

const named = (what: string) => z.string().min(1, { error: `the ${what}, in which * stands for any characters` });

/** What tools need, by their names. */
export const ToolScopesSchema = z.record(named('name of a tool'), ToolRuleSchema, {
  error: `an object of tool name: ${toolRule}`,
});

/** What prompts need, by their names. */
export const PromptScopesSchema = z.record(named('name of a prompt'), AccessRuleSchema, {
  error: `an object of prompt name: ${rule}`,
});

/** What resources need, by their URIs. */
export const ResourceScopesSchema = z.record(named('URI of a resource'), AccessRuleSchema, {
  error: `an object of URI: ${rule}`,
});

/** What an object asks for, as it is written. */
interface Demands {
  readonly all_of?: readonly string[] | null;
  readonly any_of?: readonly string[] | null;
  readonly claims?: { readonly [claim: string]: string | readonly string[] } | null;
}

/** What one rule of `prompt_scopes` or `resource_scopes` asks for. */
export type AccessRule = readonly string[] | Demands;

/** What one rule of `tool_scopes` asks for. */
export type ToolRule =
  | readonly string[]
  | (Demands & { readonly read?: AccessRule | null; readonly write?: AccessRule | null });

/** What a rule asks for, of the tools that one of its members speaks of. */
export interface RulePart {
  /** The only tools it speaks of. @default - all that the rule matches */
  readonly member?: 'read' | 'write';
  readonly allOf: readonly string[];
  readonly anyOf: readonly string[];
  /** Accepted values by claim. */
  readonly claims: readonly (readonly [claim: string, accepted: readonly string[]])[];
}

/**
 * A rule in its parts. Those without a member count for whatever the rule matches.
 *
 * @example
 * partsOf({ any_of: ['logs'], write: ['logs:write'] });
 * // [{ allOf: [], anyOf: ['logs'], claims: [] }, { member: 'write', allOf: ['logs:write'], anyOf: [], claims: [] }]
 */
export function partsOf(rule: ToolRule): readonly RulePart[] {
  if (isList(rule)) return [partOf({ all_of: rule })];
  const { read, write, ...common } = rule;
  const isCommon = Object.values(common).some((demand) => demand !== undefined && demand !== null);
  return [
    ...(isCommon ? [partOf(common)] : []),
    ...(read ? [{ ...partOf(isList(read) ? { all_of: read } : read), member: 'read' as const }] : []),
    ...(write ? [{ ...partOf(isList(write) ? { all_of: write } : write), member: 'write' as const }] : []),
  ];
}

/** Every scope that a rule names. */
export function scopesIn(rule: ToolRule): readonly string[] {
  return partsOf(rule).flatMap(({ allOf, anyOf }) => [...allOf, ...anyOf]);
}

function partOf({ all_of, any_of, claims }: Demands): RulePart {
  const accepted = Object.entries(claims ?? {}).map(([claim, values]) => [claim, [values].flat()] as const);
  return { allOf: all_of ?? [], anyOf: any_of ?? [], claims: accepted };
}

/** `Array.isArray` does not know lists that cannot be changed. */
function isList(rule: ToolRule): rule is readonly string[] {
  return Array.isArray(rule);
}
