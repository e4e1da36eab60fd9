import { type GatewayConfig, parseGatewayConfig } from '../config/index.js';
import { ConfigError, type ConfigFault } from '../errors.js';
import type { BackendFile } from './backend-files.js';
import { applyEnvironment } from './environment.js';
import { applyFlags, type ConfigFlags, type Environment } from './flags.js';
import type { BaseFile } from './sources.js';

/** What files make together, or what is wrong with them. */
export interface Merged {
  readonly config?: GatewayConfig;
  readonly faults: readonly ConfigFault[];
  /** Names of the files that the faults are in. */
  readonly blamed: readonly string[];
}

/**
 * Puts files together, and flags and variables above them. Everything is parsed at once, so that names are unique across files,
 * and a fault tells in which file it is.
 */
export function merge(
  base: BaseFile,
  files: readonly BackendFile[],
  flags: ConfigFlags,
  environment: Environment,
): Merged {
  const own = base.content.backends ?? [];
  const found = files.flatMap((file) => file.backends.map((each) => ({ ...each, file: file.name })));
  // What is not a list goes to the schema as it is, which then says so.
  const backends = Array.isArray(own) ? [...own, ...found.map(({ backend }) => backend)] : own;
  const ownCount = Array.isArray(own) ? own.length : 0;
  const foundAt = (index: string) => found[Number(index) - ownCount];
  const inFile = (text: string, end: string) =>
    text.replace(/\bbackends\[(\d+)\]\.?/g, (place, index) => {
      const source = foundAt(index)?.source;
      return source === undefined ? place : source + end;
    });
  try {
    const merged = applyFlags(applyEnvironment({ ...base.content, backends }, environment), flags);
    return { config: parseGatewayConfig(merged), faults: [], blamed: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const blamed = error.faults.map(({ path }) => foundAt(/^backends\[(\d+)\]/.exec(path)?.[1] ?? '-1')?.file);
    const faults = error.faults.map(({ path, message }) => ({
      path: inFile(path, ': ').replace(/: $/, ''),
      message: inFile(message, ''),
    }));
    return { faults, blamed: [...new Set(blamed.map((file) => file ?? base.name))] };
  }
}
