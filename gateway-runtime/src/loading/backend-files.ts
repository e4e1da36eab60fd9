import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '../contracts/json-rpc.js';
import type { ConfigFault } from '../errors.js';
import type { Environment } from './flags.js';
import { JsonFileReader, reasonOf } from './json-file.js';

/** A backend that was found outside the configuration file, not checked yet. */
export interface FoundBackend {
  /** File, and place in it, for faults. */
  readonly source: string;
  readonly backend: unknown;
}

/** A file, or a part of a variable, that holds backends. */
export interface BackendFile {
  /** Its path, or how faults call it. */
  readonly name: string;
  /** The directory or the variable it was found in. */
  readonly place: string;
  readonly backends: readonly FoundBackend[];
  /** What is wrong with it, so far. */
  readonly faults: readonly ConfigFault[];
}

/** What was found in one place. */
export interface FoundFiles {
  readonly place: string;
  readonly files: readonly BackendFile[];
  /** Why the place itself cannot be read. */
  readonly faults: readonly ConfigFault[];
}

/**
 * Reads a directory of drop-in files: `*.json` in the order of their names, one backend or a list of them in each.
 * Hidden files, and with them the `..data` links of a mounted ConfigMap, are left out.
 */
export function readBackendsDir(directory: string, environment: Environment): FoundFiles {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    const names = entries.filter((entry) => !entry.isDirectory() && isDropIn(entry.name)).map(({ name }) => name);
    const files = names.sort().map((name) => readDropIn(join(directory, name), directory, environment));
    return { place: directory, files, faults: [] };
  } catch (error) {
    return { place: directory, files: [], faults: [{ path: directory, message: reasonOf(error) }] };
  }
}

/** The same files in a variable, for hosts that have none. */
export function readBackendsVariable(variable: string, environment: Environment): FoundFiles {
  const reader = new JsonFileReader(environment);
  const contents = readVariableFiles(variable, environment, reader);
  const names = Object.keys(contents).filter(isDropIn).sort();
  const files = names.map((key) => {
    const name = `${variable}: ${key}`;
    const own = new JsonFileReader(environment);
    const backends = backendsOf(name, own.expand(contents[key], name));
    return { name, place: variable, backends, faults: own.faults };
  });
  return { place: variable, files, faults: reader.faults };
}

/** Files that stand in a variable: one JSON object of file name to content. */
export function readVariableFiles(
  variable: string,
  environment: Environment,
  reader: JsonFileReader,
): Readonly<Record<string, unknown>> {
  const text = environment[variable];
  if (!text) return {};
  const files = reader.parse(text, variable);
  if (isObject(files)) return files;
  if (files !== undefined) reader.faults.push({ path: variable, message: 'expected an object of file name: content' });
  return {};
}

function readDropIn(name: string, place: string, environment: Environment): BackendFile {
  const reader = new JsonFileReader(environment);
  const backends = backendsOf(name, reader.read(name));
  return { name, place, backends, faults: reader.faults };
}

function isDropIn(name: string): boolean {
  return !name.startsWith('.') && name.endsWith('.json');
}

function backendsOf(source: string, content: unknown): FoundBackend[] {
  if (content === undefined) return [];
  if (!Array.isArray(content)) return [{ source, backend: content }];
  return content.map((backend: unknown, index) => ({ source: `${source}[${index}]`, backend }));
}
