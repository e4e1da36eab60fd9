import { delimiter } from 'node:path';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import { toNumber } from './environment.js';

/** Variables of the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the command line can say; everything is optional. */
export interface ConfigFlags {
  /** Path of the configuration file. */
  readonly config?: string;
  /** Directories of drop-in files. */
  readonly backendsDir?: string | readonly string[];
  /** Directories to look for the files of MCP clients in. */
  readonly scan?: readonly string[];
  readonly host?: string;
  readonly port?: string | number;
  readonly path?: string;
  /** How many processes serve the port. */
  readonly workers?: string | number;
  readonly logLevel?: string;
  /** False accepts unauthenticated calls. */
  readonly auth?: boolean;
  /** True for one client on the streams of the process, and no port. */
  readonly stdio?: boolean;
}

/** Directories of drop-in files, in order. */
export function backendsDirs({ backendsDir }: ConfigFlags, environment: Environment): readonly string[] {
  return backendsDir === undefined ? listIn(environment.MCP_GATEWAY_BACKENDS_DIR) : [backendsDir].flat();
}

/** Directories to look for the files of MCP clients in. */
export function scanPaths({ scan }: ConfigFlags, environment: Environment): readonly string[] {
  return scan ?? listIn(environment.MCP_GATEWAY_SCAN_PATHS);
}

/** The configuration with the flags put above it. */
export function applyFlags(configuration: JsonObject, flags: ConfigFlags): JsonObject {
  const { host, port, path, workers, logLevel, auth } = flags;
  const given = { host, port: numberIn(port), path, workers: numberIn(workers), log_level: logLevel };
  const result = { ...configuration };
  for (const [field, value] of Object.entries(given)) {
    if (value !== undefined) result[field] = value;
  }
  if (auth === false) result.auth = { ...(isObject(configuration.auth) ? configuration.auth : {}), enabled: false };
  return result;
}

function numberIn(given: string | number | undefined): string | number | undefined {
  return given === undefined ? undefined : toNumber(String(given));
}

/** Paths as PATH lists them. */
function listIn(variable: string | undefined): string[] {
  return variable?.split(delimiter).filter(Boolean) ?? [];
}
