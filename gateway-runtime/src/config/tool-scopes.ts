import { z } from 'zod';
import { pattern, strict } from './field.js';

/** The characters of a scope. What is none of them cannot stand in a token or in a challenge. https://www.rfc-editor.org/rfc/rfc6749#section-3.3 */
export const scopeForm = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** A list of scopes. */
export const Scopes = z.array(pattern(scopeForm, 'a scope of ASCII characters without space, quote and backslash'), {
  error: 'a list of scopes',
});

const rule = 'a list of scopes, or { "any_of": [scopes] }';

/** What tools need, by their names: a list of scopes, all of which are needed, or alternatives, of which one is enough. */
export const ToolScopesSchema = z.record(
  z.string().min(1, { error: 'the name of a tool, in which * stands for any characters' }),
  z.union([Scopes, strict({ any_of: Scopes.min(1, { error: 'at least one scope' }) })], { error: rule }),
  { error: `an object of tool name: ${rule}` },
);

/** What one rule of `tool_scopes` asks for. */
export type ToolRule = readonly string[] | { readonly any_of: readonly string[] };

/** Whether a rule of `tool_scopes` speaks of a tool. `*` stands for any characters, none included; case counts. */
export function matchesTool(pattern: string, tool: string): boolean {
  const [start = '', ...rest] = pattern.split('*');
  const end = rest.pop();
  if (end === undefined) return pattern === tool;
  if (!tool.startsWith(start) || !tool.endsWith(end)) return false;
  let position = start.length;
  for (const part of rest) {
    const found = tool.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return position <= tool.length - end.length;
}

/**
 * The scopes of which a token needs at least one to get anything out of the gateway: what clients are told to ask for first,
 * and what a check in front of the gateway can hold tokens against. Empty when a token without scopes gets something.
 *
 * @param gatewayTools The gateway's own tools, which have scopes of their own.
 * @example
 * admittingScopes({ required_scopes: ['mcp'], tool_scopes: { logs_delete: ['write'] } }); // ['mcp']
 * admittingScopes({ tool_scopes: { 'logs_*': ['logs'], 'db_*': { any_of: ['db', 'admin'] } } }); // ['logs', 'db', 'admin']
 */
export function admittingScopes(
  auth: {
    readonly required_scopes?: readonly string[];
    readonly tool_scopes?: { readonly [tool: string]: ToolRule };
  },
  gatewayTools?: { readonly enabled?: boolean; readonly required_scopes?: readonly string[] | null },
): readonly string[] {
  if (auth.required_scopes?.length) return [...new Set(auth.required_scopes)];
  const rules = Object.values(auth.tool_scopes ?? {}).map(scopesOf);
  if (rules.length > 0 && gatewayTools?.enabled) rules.push(gatewayTools.required_scopes ?? []);
  return rules.some((scopes) => scopes.length === 0) ? [] : [...new Set(rules.flat())];
}

function scopesOf(rule: ToolRule): readonly string[] {
  return 'any_of' in rule ? rule.any_of : rule;
}
