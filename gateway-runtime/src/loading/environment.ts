import { isObject, type JsonObject } from '../contracts/json-rpc.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that stand above the file, and the field each one sets. */
const fields = {
  MCP_GATEWAY_NAME: 'name',
  MCP_GATEWAY_HOST: 'host',
  MCP_GATEWAY_PORT: 'port',
  MCP_GATEWAY_PATH: 'path',
  MCP_GATEWAY_WORKERS: 'workers',
  MCP_GATEWAY_LOG_LEVEL: 'log_level',
} as const;

const authFields = {
  MCP_GATEWAY_JWT_ISSUER: 'jwt_issuer',
  MCP_GATEWAY_JWT_AUDIENCE: 'jwt_audience',
} as const;

/** The configuration with the variables of the environment put above it; an empty variable counts as absent. */
export function applyEnvironment(configuration: JsonObject, environment: Environment): JsonObject {
  const result: JsonObject = { ...configuration };
  for (const [variable, field] of Object.entries(fields)) {
    const value = environment[variable];
    if (value) result[field] = field === 'port' || field === 'workers' ? toNumber(value) : value;
  }
  const auth = authOverrides(environment);
  if (auth) {
    const base = isObject(configuration.auth) ? { ...configuration.auth } : {};
    // A key from the environment replaces the file's, wherever that came from.
    if (auth.jwt_public_key ?? auth.jwt_public_key_file ?? auth.jwt_jwks_uri) {
      for (const field of ['jwt_public_key', 'jwt_public_key_file', 'jwt_jwks_uri']) delete base[field];
    }
    const static_tokens = { ...(base.static_tokens as JsonObject | undefined), ...(auth.static_tokens as JsonObject) };
    result.auth = { ...base, ...auth, ...(auth.static_tokens !== undefined && { static_tokens }) };
  }
  return result;
}

function authOverrides(environment: Environment): JsonObject | undefined {
  const auth: JsonObject = {};
  for (const [variable, field] of Object.entries(authFields)) {
    if (environment[variable]) auth[field] = environment[variable];
  }
  const enabled = environment.MCP_GATEWAY_AUTH_ENABLED;
  if (enabled) auth.enabled = toBoolean(enabled);
  const key = environment.MCP_GATEWAY_JWT_PUBLIC_KEY;
  if (key) auth[key.startsWith('-----BEGIN') ? 'jwt_public_key' : 'jwt_public_key_file'] = key;
  const jwks = environment.MCP_GATEWAY_JWT_JWKS_URI;
  if (jwks) auth.jwt_jwks_uri = jwks;
  const token = environment.MCP_GATEWAY_STATIC_TOKEN;
  if (token) auth.static_tokens = { [token]: { client_id: 'static', scopes: ['*'] } };
  return Object.keys(auth).length > 0 ? auth : undefined;
}

/** A whole number when it is one; anything else stays text, which the schema then refuses. */
export function toNumber(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** What a variable says that is true or false; anything else stays text. */
export function toBoolean(text: string): boolean | string {
  if (/^(true|1)$/i.test(text)) return true;
  return /^(false|0)$/i.test(text) ? false : text;
}
