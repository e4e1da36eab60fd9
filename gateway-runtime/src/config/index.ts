export { ConfigError, type ConfigFault, formatFault } from '../errors.js';
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
export {
  type BackendInput,
  type GatewayConfig,
  type GatewayConfigInput,
  GatewayConfigSchema,
  gatewayJsonSchema,
  logLevels,
  parseGatewayConfig,
} from './schema.js';
export { StaticTokensSchema } from './static-clients.js';
export { jwtAlgorithms } from './token-checks.js';
export { admittingScopes, matchesTool, type ToolRule } from './tool-scopes.js';
