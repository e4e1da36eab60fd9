import type { InboundAuthConfig } from '../mcp/inbound-auth';

/** What callers need: every scope of a list, or all that an object says. */
export type AccessRule = readonly string[] | AccessConditions;

/** What callers need. At least one of these. */
export interface AccessConditions {
  /** Scopes of which every one is needed. @default - none */
  readonly allOf?: readonly string[];
  /** Scopes of which one is enough. @default - none */
  readonly anyOf?: readonly string[];
  /**
   * Claims of the token, each with one of its values, compared exactly: `{ groups: ['operations'] }`. A fixed token has none.
   * @default - none
   */
  readonly claims?: { readonly [claim: string]: readonly string[] };
}

/** What callers of tools need: every scope of a list, or all that an object says. */
export type ToolScopes = readonly string[] | ToolConditions;

/** What callers of tools need. At least one of these. */
export interface ToolConditions extends AccessConditions {
  /** What else is needed for tools that say of themselves that they change nothing (`readOnlyHint`). @default - nothing */
  readonly read?: AccessRule;
  /** What else is needed for all other tools; one that says nothing of itself is among them. @default - nothing */
  readonly write?: AccessRule;
}

type ToolRules = NonNullable<InboundAuthConfig['tool_scopes']>;
type Rules = NonNullable<InboundAuthConfig['prompt_scopes']>;

/** Rules for tools, by names or patterns, as the gateway reads them. */
export function toolRules(rules: { readonly [tool: string]: ToolScopes }): ToolRules {
  return mapValues(rules, (rule) => {
    if (isList(rule)) return [...rule];
    const { read, write } = rule;
    return { ...conditions(rule), read: read && ruleConfig(read), write: write && ruleConfig(write) };
  });
}

/** Rules for prompts or resources, as the gateway reads them. */
export function accessRules(rules: { readonly [pattern: string]: AccessRule }): Rules {
  return mapValues(rules, ruleConfig);
}

/** Every scope that a rule names. */
export function scopesIn(rule: ToolScopes): readonly string[] {
  if (isList(rule)) return rule;
  const { allOf = [], anyOf = [], read = [], write = [] } = rule;
  return [...allOf, ...anyOf, ...scopesIn(read), ...scopesIn(write)];
}

function ruleConfig(rule: AccessRule): Rules[string] {
  return isList(rule) ? [...rule] : conditions(rule);
}

function conditions({ allOf, anyOf, claims }: AccessConditions) {
  return {
    all_of: allOf && [...allOf],
    any_of: anyOf && [...anyOf],
    claims: claims && mapValues(claims, (values) => [...values]),
  };
}

function isList(rule: ToolScopes): rule is readonly string[] {
  return Array.isArray(rule);
}

function mapValues<T, R>(values: { readonly [key: string]: T }, change: (value: T) => R): { [key: string]: R } {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}
