import { AuthSchema } from '../config/auth.js';
import type { GatewayConfig } from '../config/schema.js';
import type { ConfigFault } from '../errors.js';

/**
 * A configuration as it holds for one client on the gateway's own streams. That client is the user who started the gateway,
 * so nothing asks who it is; there are no other replicas. What rules release still counts: a tool
 * that none of `tool_scopes` matches is released to nobody, and whoever has no token has no claims.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic#auth
 *
 * @returns it, and warnings of what is set in vain
 */
export function overStdio(config: GatewayConfig): { config: GatewayConfig; warnings: ConfigFault[] } {
  const { enabled, tool_scopes, prompt_scopes, resource_scopes } = config.auth;
  const auth = AuthSchema.parse({ enabled, tool_scopes, prompt_scopes, resource_scopes });
  const fields = Object.keys(config.auth) as (keyof typeof auth)[];
  const unused = fields.filter((field) => JSON.stringify(config.auth[field]) !== JSON.stringify(auth[field]));
  const warnings: ConfigFault[] = [];
  if (unused.length > 0) {
    const message = `over stdio the caller is whoever started the gateway, with every scope; not used: ${unused.join(', ')}`;
    warnings.push({ path: 'auth', message });
  }
  if (config.state)
    warnings.push({ path: 'state', message: 'is not used over stdio, which has one client and one process' });
  if (config.prometheus?.port !== undefined)
    warnings.push({ path: 'prometheus.port', message: 'is not used over stdio, which opens no port' });
  if (config.workers > 1) warnings.push({ path: 'workers', message: 'is not used over stdio, which has one client' });
  if (config.tls) warnings.push({ path: 'tls', message: 'is not used over stdio, where no port is opened' });
  // Whoever started the gateway sends nothing more once it tells it to end.
  const own = { auth, workers: 1, state: undefined, stateless: false, tls: undefined, drain_delay: 0 };
  return { config: { ...config, ...own }, warnings };
}
