import { type AccessRule, partsOf, type ToolRule } from './access-rules.js';

/** What decides who gets something out of the gateway, as far as scopes do. */
interface Guarded {
  readonly required_scopes?: readonly string[];
  readonly tool_scopes?: { readonly [tool: string]: ToolRule };
  readonly prompt_scopes?: { readonly [prompt: string]: AccessRule };
  readonly resource_scopes?: { readonly [uri: string]: AccessRule };
}

/**
 * The scopes of which a token needs at least one to get anything out of the gateway: what clients are told to ask for first,
 * and what a check in front of the gateway can hold tokens against. Empty when a token without scopes gets something. Prompts
 * and resources count as soon as they have rules; scopes that hold others are not among these.
 *
 * @param gatewayTools The gateway's own tools, which have scopes of their own.
 * @example
 * admittingScopes({ required_scopes: ['mcp'], tool_scopes: { logs_delete: ['write'] } }); // ['mcp']
 * admittingScopes({ tool_scopes: { 'logs_*': ['logs'], 'db_*': { any_of: ['db', 'admin'] } } }); // ['logs', 'db', 'admin']
 */
export function admittingScopes(
  { required_scopes, tool_scopes = {}, prompt_scopes = {}, resource_scopes = {} }: Guarded,
  gatewayTools?: { readonly enabled?: boolean; readonly required_scopes?: readonly string[] | null },
): readonly string[] {
  if (required_scopes?.length) return [...new Set(required_scopes)];
  const toolRules = Object.values(tool_scopes);
  if (toolRules.length === 0) return [];
  const rules = [...toolRules, ...Object.values(prompt_scopes), ...Object.values(resource_scopes)];
  if (gatewayTools?.enabled) rules.push(gatewayTools.required_scopes ?? []);
  const demands = rules.flatMap(demandsOf);
  return demands.some((scopes) => scopes.length === 0) ? [] : [...new Set(demands.flat())];
}

/** The scopes that a rule asks of a tool that only reads, and of one that writes; nothing where it speaks of none. */
function demandsOf(rule: ToolRule): (readonly string[])[] {
  const parts = partsOf(rule);
  return (['read', 'write'] as const)
    .map((kind) => parts.filter(({ member }) => member === undefined || member === kind))
    .filter((counting) => counting.length > 0)
    .map((counting) => counting.flatMap(({ allOf, anyOf }) => [...allOf, ...anyOf]));
}
