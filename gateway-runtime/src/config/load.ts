import { delimiter } from 'node:path';
import { ConfigError, type ConfigFault } from '../errors.js';
import {
  type FoundBackend,
  readBackendsDir,
  readBackendsVariable,
  readVariableFiles,
  scanProjects,
} from './backend-files.js';
import { applyEnvironment } from './environment.js';
import { toFaults } from './faults.js';
import { type GatewayConfig, parseGatewayConfig, StaticTokensSchema } from './index.js';
import { JsonFileReader } from './json-file.js';
import { isObject, type JsonObject } from './json-rpc.js';
import { overStdio } from './stdio.js';
import { tlsFaults } from './tls-files.js';
import { checkExposure, warningsOf } from './warnings.js';

/** What the command line can say; everything is optional. */
export interface ConfigFlags {
  /** Path of the configuration file. */
  readonly config?: string;
  /** Directory of drop-in files. */
  readonly backendsDir?: string;
  /** Directories to look for `.mcp.json` in. */
  readonly scan?: readonly string[];
  readonly host?: string;
  readonly port?: string | number;
  readonly path?: string;
  readonly logLevel?: string;
  /** False accepts unauthenticated calls. */
  readonly auth?: boolean;
  /** True for one client on the streams of the process, and no port. */
  readonly stdio?: boolean;
}

/** A configuration that can be used. */
export interface LoadedConfig {
  readonly config: GatewayConfig;
  /** What works but may not be meant. */
  readonly warnings: readonly ConfigFault[];
}

/**
 * Collects the configuration from everywhere: flags stand above the environment, that above the file, that above the
 * defaults. Backends of drop-in files and of scanned projects follow those of the file.
 *
 * @throws {ConfigError} with every fault found, in whichever file
 */
export function loadConfig(
  flags: ConfigFlags,
  environment: Readonly<Record<string, string | undefined>>,
): LoadedConfig {
  const reader = new JsonFileReader(environment);
  const base = readBase(flags, environment, reader);
  const found = findBackends(flags, environment, reader);
  const own = base.backends === undefined ? [] : base.backends;
  const ownCount = Array.isArray(own) ? own.length : 0;
  // What is not a list goes to the schema as it is, which then says so.
  const backends = Array.isArray(own) ? [...own, ...found.map(({ backend }) => backend)] : own;
  const merged = applyFlags(applyEnvironment({ ...base, backends }, environment), flags);
  const parsed = parse(merged, ownCount, found, reader);
  const loaded = parsed && (flags.stdio ? overStdio(parsed) : overHttp(parsed, reader));
  if (reader.faults.length > 0 || !loaded) throw new ConfigError(reader.faults);
  return { config: loaded.config, warnings: [...loaded.warnings, ...warningsOf(loaded.config)] };
}

function overHttp(parsed: GatewayConfig, reader: JsonFileReader): LoadedConfig {
  const config = readAuthFiles(parsed, reader);
  const { faults, warnings } = checkExposure(config);
  reader.faults.push(...faults, ...(config.tls ? tlsFaults(config.tls) : []));
  return { config, warnings };
}

/** The configuration file, or the same in a variable for hosts that have no files. */
function readBase(
  flags: ConfigFlags,
  environment: Readonly<Record<string, string | undefined>>,
  reader: JsonFileReader,
): JsonObject {
  const variable = 'MCP_GATEWAY_CONFIG_FILES';
  const file = flags.config ?? environment.MCP_GATEWAY_CONFIG;
  if (file && environment[variable]) {
    const other = flags.config ? '--config' : 'MCP_GATEWAY_CONFIG';
    reader.faults.push({ path: variable, message: `${other} is set too; keep one of them` });
  }
  const source = file || `${variable}: gateway.json`;
  const content = file ? reader.read(file) : reader.expand(inVariable(variable, environment, reader), source);
  if (content === undefined) return {};
  if (isObject(content)) return content;
  reader.faults.push({ path: source, message: 'expected an object' });
  return {};
}

function inVariable(
  variable: string,
  environment: Readonly<Record<string, string | undefined>>,
  reader: JsonFileReader,
): unknown {
  const faults = reader.faults.length;
  const files = readVariableFiles(variable, environment, reader);
  const found = Object.hasOwn(files, 'gateway.json');
  if (environment[variable] && !found && reader.faults.length === faults) {
    reader.faults.push({ path: variable, message: 'holds no "gateway.json"' });
  }
  return found ? files['gateway.json'] : undefined;
}

function findBackends(
  flags: ConfigFlags,
  environment: Readonly<Record<string, string | undefined>>,
  reader: JsonFileReader,
): FoundBackend[] {
  const directory = flags.backendsDir ?? environment.MCP_GATEWAY_BACKENDS_DIR;
  const scanned = flags.scan ?? environment.MCP_GATEWAY_SCAN_PATHS?.split(delimiter).filter(Boolean) ?? [];
  return [
    ...(directory ? readBackendsDir(directory, reader) : []),
    ...readBackendsVariable('MCP_GATEWAY_BACKENDS_FILES', environment, reader),
    ...scanned.flatMap((path) => scanProjects(path, reader)),
  ];
}

function applyFlags(configuration: JsonObject, { host, port, path, logLevel, auth }: ConfigFlags): JsonObject {
  const toPort = typeof port === 'string' && /^\d+$/.test(port) ? Number(port) : port;
  const given = { host, port: toPort, path, log_level: logLevel };
  const result = { ...configuration };
  for (const [field, value] of Object.entries(given)) {
    if (value !== undefined) result[field] = value;
  }
  if (auth === false) result.auth = { ...(isObject(configuration.auth) ? configuration.auth : {}), enabled: false };
  return result;
}

/** Parses everything at once, so that names are unique across files, and tells in which file a fault is. */
function parse(
  configuration: JsonObject,
  ownCount: number,
  found: readonly FoundBackend[],
  reader: JsonFileReader,
): GatewayConfig | undefined {
  const inFile = (text: string, end: string) =>
    text.replace(/\bbackends\[(\d+)\]\.?/g, (place, index) => {
      const source = found[Number(index) - ownCount]?.source;
      return source === undefined ? place : source + end;
    });
  try {
    return parseGatewayConfig(configuration);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const { path, message } of error.faults) {
      reader.faults.push({ path: inFile(path, ': ').replace(/: $/, ''), message: inFile(message, '') });
    }
    return undefined;
  }
}

/** Puts the content of the files that `auth` names in its place. */
function readAuthFiles(config: GatewayConfig, reader: JsonFileReader): GatewayConfig {
  const { jwt_public_key_file, static_tokens_file, ...auth } = config.auth;
  if (jwt_public_key_file) {
    auth.jwt_public_key = reader.readText(jwt_public_key_file, 'auth.jwt_public_key_file');
  }
  auth.issuers = auth.issuers.map(({ public_key_file, ...issuer }, index) => {
    const pem = public_key_file && reader.readText(public_key_file, `auth.issuers[${index}].public_key_file`);
    return pem ? { ...issuer, public_key: [pem] } : issuer;
  });
  if (static_tokens_file) {
    const content = reader.read(static_tokens_file);
    const tokens = StaticTokensSchema.safeParse(content);
    if (tokens.success) auth.static_tokens = { ...auth.static_tokens, ...tokens.data };
    else if (content !== undefined) {
      const faults = toFaults(tokens.error, { static_tokens: content }, ['static_tokens']);
      reader.faults.push(...faults.map(({ path, message }) => ({ path: `${static_tokens_file}: ${path}`, message })));
    }
  }
  return { ...config, auth };
}
