import { isDeepStrictEqual } from 'node:util';
import type { GatewayConfig } from '../config/index.js';
import { tlsFaults } from '../config/tls-files.js';
import { ConfigError, type ConfigFault, formatFault } from '../errors.js';
import { auditPathFaults } from './audit-path.js';
import { type AuthFiles, noAuthFiles, readAuthFiles } from './auth-files.js';
import type { BackendFile } from './backend-files.js';
import { backendsDirs, type ConfigFlags, type Environment } from './flags.js';
import { namesIn, readable, type Selection, withoutFile, withoutRivals } from './last-good.js';
import { merge } from './merge.js';
import { selectScanned } from './scanned.js';
import { configFile, readSources, type Sources } from './sources.js';
import { overStdio } from './stdio.js';
import { checkExposure, warningsOf } from './warnings.js';
import { type Watched, watchedDirectories, watchedFile } from './watched.js';

export type { ConfigFlags } from './flags.js';

/** A configuration that can be used. */
export interface LoadedConfig {
  readonly config: GatewayConfig;
  /** What works but may not be meant. */
  readonly warnings: readonly ConfigFault[];
}

/** A configuration that was read again. */
export interface ReloadedConfig extends LoadedConfig {
  /** What is wrong with files that were taken as they last could be used. */
  readonly faults: readonly ConfigFault[];
}

/**
 * Collects the configuration from everywhere: flags stand above the environment, that above the file, that above the
 * defaults. Backends of drop-in files and of scanned projects follow those of the file.
 *
 * @throws {ConfigError} with every fault found, in whichever file
 */
export function loadConfig(flags: ConfigFlags, environment: Environment): LoadedConfig {
  return new ConfigLoader(flags, environment).load();
}

/** What a configuration was made of that could be used. */
interface Good extends Selection {
  readonly scanned: readonly BackendFile[];
  readonly auth: AuthFiles;
  readonly loaded: LoadedConfig;
}

/** What became of a selection: something good, or nothing because of some files. */
interface Made {
  readonly good?: Good;
  readonly faults: readonly ConfigFault[];
  readonly blamed: readonly string[];
}

/** Reads the configuration, as often as it may have changed. */
export class ConfigLoader {
  readonly #flags: ConfigFlags;
  readonly #environment: Environment;
  #good: Good | undefined;
  #watched: readonly Watched[] = [];

  constructor(flags: ConfigFlags, environment: Environment) {
    this.#flags = flags;
    this.#environment = environment;
  }

  /** Where changes show of everything that was read last. */
  get watched(): readonly Watched[] {
    return this.#watched;
  }

  /** Reads everything for the first time. @throws {ConfigError} with every fault found, in whichever file */
  load(): LoadedConfig {
    const sources = readSources(this.#flags, this.#environment);
    const { base, dropIns, scans } = sources;
    const files = dropIns.flatMap((place) => place.files);
    const faults = [base, ...dropIns, ...files, ...scans].flatMap((source) => source.faults);
    const made = this.#make({ base, files }, sources);
    if (faults.length > 0 || made.faults.length > 0 || !made.good) throw new ConfigError([...faults, ...made.faults]);
    return this.#use(made.good, sources);
  }

  /**
   * Reads everything again. A file that cannot be used counts as it last could, and so does the whole where that does not help.
   *
   * @throws {ConfigError} when nothing was read before
   */
  reload(): ReloadedConfig {
    const good = this.#good;
    if (!good) return { ...this.load(), faults: [] };
    const sources = readSources(this.#flags, this.#environment);
    const selected = withoutRivals(readable(sources.base, sources.dropIns, good), good);
    const faults = [...selected.faults, ...sources.scans.flatMap((scan) => scan.faults)];
    let selection: Selection = selected;
    for (;;) {
      const made = this.#make(selection, sources, good);
      faults.push(...made.faults);
      if (made.good) return { ...this.#use(made.good, sources), faults: distinct(faults) };
      const rest = made.blamed.reduce((left, name) => withoutFile(left, name, good), selection);
      if (isDeepStrictEqual(rest, selection)) return { ...this.#use(good, sources), faults: distinct(faults) };
      selection = rest;
    }
  }

  #make({ base, files }: Selection, { scans }: Sources, good?: Good): Made {
    const scanned = selectScanned(scans, namesIn(base, files), good?.scanned);
    const merged = merge(base, [...files, ...scanned.files], this.#flags, this.#environment);
    if (!merged.config) return merged;
    const { loaded, auth, faults, isUsable } = this.#flags.stdio
      ? { loaded: overStdio(merged.config), auth: noAuthFiles, faults: [], isUsable: true }
      : this.#overHttp(merged.config, good);
    // What the files of a running gateway hold, and where it writes, is its own to look at.
    const atStart = good ? [] : startFaults(loaded.config);
    if (!isUsable || atStart.length > 0) return { faults: [...faults, ...atStart], blamed: [base.name] };
    // These files are others': at the start, when nothing can be kept, what is wrong with them is no fault of the gateway's.
    const [kept, told] = good ? [scanned.faults, []] : [[], scanned.faults];
    const warnings = [...told, ...scanned.warnings, ...loaded.warnings, ...warningsOf(loaded.config)];
    return {
      good: { base, files, scanned: scanned.files, auth, loaded: { config: loaded.config, warnings } },
      faults: [...faults, ...kept],
      blamed: [],
    };
  }

  #overHttp(parsed: GatewayConfig, good?: Good) {
    const { config, files, faults, isComplete } = readAuthFiles(parsed, this.#environment, good?.auth);
    const exposure = checkExposure(config);
    return {
      loaded: { config, warnings: exposure.warnings },
      auth: files,
      faults: [...faults, ...exposure.faults],
      isUsable: isComplete && exposure.faults.length === 0,
    };
  }

  #use(good: Good, sources: Sources): LoadedConfig {
    const file = configFile(this.#flags, this.#environment);
    const { texts, tokens } = good.auth;
    const files = [...(file ? [file] : []), ...texts.keys(), ...tokens.keys()];
    const directories = backendsDirs(this.#flags, this.#environment);
    this.#watched = [...files.map(watchedFile), ...watchedDirectories(directories, sources)];
    this.#good = good;
    return good.loaded;
  }
}

function startFaults({ tls, audit }: GatewayConfig): ConfigFault[] {
  return [...(tls ? tlsFaults(tls) : []), ...(audit?.file ? auditPathFaults(audit.file) : [])];
}

function distinct(faults: readonly ConfigFault[]): ConfigFault[] {
  return [...new Map(faults.map((fault) => [formatFault(fault), fault])).values()];
}
