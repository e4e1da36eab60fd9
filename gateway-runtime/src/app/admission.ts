import { isDeepStrictEqual } from 'node:util';
import type { InboundDependencies } from '../auth/inbound/dependencies.js';
import { createAuthenticator } from '../auth/inbound/index.js';
import { createPolicy } from '../auth/policy.js';
import { authorizationServersOf } from '../config/auth.js';
import { admittingScopes, type GatewayConfig } from '../config/index.js';
import { withViewAudiences } from '../config/resource-url.js';
import type { Admission } from '../http/admission.js';
import { OriginGuard } from '../http/origin-guard.js';
import { ProtectedResource } from '../http/protected-resource.js';

/** What decides about callers, and the configuration that says so. */
export interface Admitted {
  readonly config: GatewayConfig;
  readonly admission: Admission;
}

/**
 * What decides about callers as the configuration says.
 *
 * @param before What did so far. Its authenticator stays where `auth` does: it knows keys that could not be fetched again now.
 * @throws {ConfigError} when a key cannot be used
 */
export function admissionOf(config: GatewayConfig, dependencies: InboundDependencies, before?: Admitted): Admission {
  const { auth, gateway_tools, name, host, path } = config;
  const accepted = withViewAudiences(config);
  const keeps = before !== undefined && isDeepStrictEqual(accepted, withViewAudiences(before.config));
  return {
    authenticator: keeps ? before.admission.authenticator : createAuthenticator(accepted, dependencies),
    policy: createPolicy(config),
    protectedResource: new ProtectedResource({
      resourceUrl: auth.resource_url,
      authorizationServers: authorizationServersOf(auth),
      scopes: admittingScopes(auth, gateway_tools),
      scopePrefix: auth.scope_prefix,
      name,
    }),
    guard: new OriginGuard({ corsOrigins: auth.cors_origins, host, resourceUrl: auth.resource_url }),
    prefix: prefixOf(auth.resource_url, path),
  };
}

/** What stands before the gateway's own path in its public URL. */
function prefixOf(resourceUrl: string | undefined, path: string): string | undefined {
  const publicPath = resourceUrl && new URL(resourceUrl).pathname;
  return publicPath?.endsWith(path) ? publicPath.slice(0, -path.length) : undefined;
}
