export { ConfigError, type ConfigFault, formatFault } from '../errors.js';
export { partsOf, type RulePart, scopesIn, type ToolRule } from './access-rules.js';
export { admittingScopes } from './admitting-scopes.js';
export { AuthSchema } from './auth.js';
export {
  authMethods,
  type Backend,
  type BackendCommon,
  BackendFileSchema,
  BackendSchema,
  type HttpBackend,
  type InProcessBackend,
  type StdioBackend,
} from './backend.js';
export { gatewayToolNames } from './gateway-tools.js';
export { matchesName as matchesTool } from './name-pattern.js';
export { restPath } from './rest-path.js';
export {
  type BackendInput,
  type GatewayConfig,
  type GatewayConfigInput,
  GatewayConfigSchema,
  gatewayJsonSchema,
  logLevels,
  parseGatewayConfig,
} from './schema.js';
export { withBroader } from './scope-hierarchy.js';
export { StaticTokensSchema } from './static-clients.js';
export { jwtAlgorithms } from './token-checks.js';
