import type { AccessPolicy, Identity } from '../config/identity.js';
import type { GatewayConfig } from '../config/index.js';

/** What callers may do, from `required_scopes` and `tool_scopes`. */
export function createPolicy({ enabled, required_scopes, tool_scopes }: GatewayConfig['auth']): AccessPolicy {
  const requiredForTool = (tool: string) => [
    ...new Set([...required_scopes, ...((Object.hasOwn(tool_scopes, tool) && tool_scopes[tool]) || [])]),
  ];
  const missing = ({ scopes }: Identity, required: readonly string[]) =>
    !enabled || scopes.has('*') ? [] : required.filter((scope) => !scopes.has(scope));
  return {
    missingForGateway: (identity) => missing(identity, required_scopes),
    missingForTool: (identity, tool) => missing(identity, requiredForTool(tool)),
    requiredForTool,
  };
}
