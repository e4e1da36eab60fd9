import { type GatewayTools, gatewayToolNames } from '../config/gateway-tools.js';
import type { AccessPolicy, Identity } from '../config/identity.js';
import type { GatewayConfig } from '../config/index.js';
import { matchesTool } from '../config/tool-scopes.js';

/**
 * What callers may do, from `required_scopes` and `tool_scopes`. Of the rules that match a tool, lists add up and
 * alternatives join: a caller needs every scope of every list, and one scope out of all the alternatives. The scopes of the
 * gateway's own tools are one more list for these.
 */
export function createPolicy(
  { enabled, required_scopes, tool_scopes }: GatewayConfig['auth'],
  gatewayTools?: GatewayTools,
): AccessPolicy {
  // The longest pattern is taken for the narrowest rule, whose alternative a caller is told to ask for.
  const rules = Object.entries(tool_scopes).sort(([a], [b]) => b.length - a.length);
  const own: ReadonlySet<string> = new Set(gatewayTools?.enabled ? gatewayToolNames : []);
  const rulesFor = (names: readonly string[]) => [
    ...rules.filter(([pattern]) => names.some((name) => matchesTool(pattern, name))).map(([, rule]) => rule),
    ...(names.some((name) => own.has(name)) ? [gatewayTools?.required_scopes ?? []] : []),
  ];
  const isOpen = (names: readonly string[]) => !enabled || (rules.length === 0 && !names.some((name) => own.has(name)));
  return {
    requiredForGateway: enabled ? required_scopes : [],
    missingForGateway: (identity) => (enabled ? required_scopes.filter((scope) => !holds(identity, scope)) : []),
    refusalOfTool: (identity, names) => {
      if (isOpen(names)) return undefined;
      const matching = rulesFor(names);
      if (matching.length === 0) return { reason: 'is released to nobody: no rule of tool_scopes matches it' };
      const needed = unique([...required_scopes, ...matching.flatMap((rule) => ('any_of' in rule ? [] : rule))]);
      const alternatives = unique(matching.flatMap((rule) => ('any_of' in rule ? rule.any_of : [])));
      const missing = needed.filter((scope) => !holds(identity, scope));
      const held = alternatives.find((scope) => holds(identity, scope));
      if (alternatives.length > 0 && held === undefined) missing.push(alternatives.join(' or '));
      if (missing.length === 0) return undefined;
      const [chosen] = held === undefined ? alternatives : [held];
      return {
        reason: `needs ${missing.join(', ')}`,
        scopes: unique(chosen === undefined ? needed : [...needed, chosen]),
      };
    },
    isReleased: (names) => isOpen(names) || rulesFor(names).length > 0,
  };
}

function holds({ scopes }: Identity, scope: string): boolean {
  return scopes.has('*') || scopes.has(scope);
}

function unique(scopes: readonly string[]): string[] {
  return [...new Set(scopes)];
}
