import { type GatewayTools, gatewayToolNames } from '../config/gateway-tools.js';
import type { AccessPolicy, Identity, Target } from '../config/identity.js';
import type { GatewayConfig } from '../config/index.js';
import { matchesTool, type ToolRule } from '../config/tool-scopes.js';

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
  const rulesFor = ({ names }: Target): [name: string, rule: ToolRule][] => [
    ...rules
      .filter(([pattern]) => names.some((name) => matchesTool(pattern, name)))
      .map(([pattern, rule]): [string, ToolRule] => [`tool_scopes.${pattern}`, rule]),
    ...(names.some((name) => own.has(name))
      ? [['gateway_tools.required_scopes', gatewayTools?.required_scopes ?? []] as [string, ToolRule]]
      : []),
  ];
  const isOpen = ({ kind, names }: Target) =>
    !enabled || kind !== 'tool' || (rules.length === 0 && !names.some((name) => own.has(name)));
  const general = required_scopes.length > 0 ? ['required_scopes'] : [];
  return {
    requiredForGateway: enabled ? required_scopes : [],
    missingForGateway: (identity) => (enabled ? required_scopes.filter((scope) => !holds(identity, scope)) : []),
    decide: (identity, target) => {
      if (!enabled) return { allowed: true, rule: 'auth.enabled' };
      if (isOpen(target)) return { allowed: true, rule: general[0] ?? 'no rule' };
      const matching = rulesFor(target);
      if (matching.length === 0) {
        return {
          allowed: false,
          rule: 'tool_scopes',
          reason: 'is released to nobody: no rule of tool_scopes matches it',
        };
      }
      const rule = [...matching.map(([name]) => name), ...general].join(', ');
      const needed = unique([...required_scopes, ...matching.flatMap(([, rule]) => ('any_of' in rule ? [] : rule))]);
      const alternatives = unique(matching.flatMap(([, rule]) => ('any_of' in rule ? rule.any_of : [])));
      const missing = needed.filter((scope) => !holds(identity, scope));
      const held = alternatives.find((scope) => holds(identity, scope));
      if (alternatives.length > 0 && held === undefined) missing.push(alternatives.join(' or '));
      if (missing.length === 0) return { allowed: true, rule };
      const [chosen] = held === undefined ? alternatives : [held];
      const scopes = unique(chosen === undefined ? needed : [...needed, chosen]);
      return { allowed: false, rule, reason: `needs ${missing.join(', ')}`, scopes };
    },
    isReleased: (target) => isOpen(target) || rulesFor(target).length > 0,
  };
}

function holds({ scopes }: Identity, scope: string): boolean {
  return scopes.has('*') || scopes.has(scope);
}

function unique(scopes: readonly string[]): string[] {
  return [...new Set(scopes)];
}
