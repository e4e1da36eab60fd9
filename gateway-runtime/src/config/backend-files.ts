import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonFileReader } from './json-file.js';
import { isObject } from './json-rpc.js';

/** A backend that was found outside the configuration file, not checked yet. */
export interface FoundBackend {
  /** File, and place in it, for faults. */
  readonly source: string;
  readonly backend: unknown;
}

/** How far below the given directory `.mcp.json` files are looked for. */
const maxDepth = 3;

/** Names under which projects keep their list of MCP servers. */
const projectFiles = ['.mcp.json', 'mcp.json'];

const skipped = new Set(['node_modules', '.git']);

/**
 * Reads a directory of drop-in files: `*.json` in the order of their names, one backend or a list of them in each.
 * Hidden files, and with them the `..data` links of a mounted ConfigMap, are left out.
 */
export function readBackendsDir(directory: string, reader: JsonFileReader): FoundBackend[] {
  const names = list(directory, reader)
    .filter((entry) => !entry.isDirectory() && isDropIn(entry.name))
    .map(({ name }) => name);
  return names.flatMap((name) => {
    const source = join(directory, name);
    return backendsOf(source, reader.read(source));
  });
}

/** The same files in a variable, for hosts that have none. */
export function readBackendsVariable(
  variable: string,
  environment: Readonly<Record<string, string | undefined>>,
  reader: JsonFileReader,
): FoundBackend[] {
  const files = readVariableFiles(variable, environment, reader);
  const names = Object.keys(files).filter(isDropIn).sort();
  return names.flatMap((name) => {
    const source = `${variable}: ${name}`;
    return backendsOf(source, reader.expand(files[name], source));
  });
}

/** Files that stand in a variable: one JSON object of file name to content. */
export function readVariableFiles(
  variable: string,
  environment: Readonly<Record<string, string | undefined>>,
  reader: JsonFileReader,
): Readonly<Record<string, unknown>> {
  const text = environment[variable];
  if (!text) return {};
  const files = reader.parse(text, variable);
  if (isObject(files)) return files;
  if (files !== undefined) reader.faults.push({ path: variable, message: 'expected an object of file name: content' });
  return {};
}

function isDropIn(name: string): boolean {
  return !name.startsWith('.') && name.endsWith('.json');
}

function backendsOf(source: string, content: unknown): FoundBackend[] {
  if (content === undefined) return [];
  if (!Array.isArray(content)) return [{ source, backend: content }];
  return content.map((backend: unknown, index) => ({ source: `${source}[${index}]`, backend }));
}

/** Looks for the MCP servers of projects: `mcpServers` in `.mcp.json` and `mcp.json`, up to three levels down. */
export function scanProjects(directory: string, reader: JsonFileReader, depth = 0): FoundBackend[] {
  const entries = list(directory, reader);
  const files = entries.filter((entry) => entry.isFile() && projectFiles.includes(entry.name));
  const found = files.flatMap(({ name }) => readProjectFile(join(directory, name), reader));
  if (depth === maxDepth) return found;
  const directories = entries.filter((entry) => entry.isDirectory() && !skipped.has(entry.name));
  return [...found, ...directories.flatMap(({ name }) => scanProjects(join(directory, name), reader, depth + 1))];
}

function readProjectFile(file: string, reader: JsonFileReader): FoundBackend[] {
  const content = reader.read(file);
  const servers = isObject(content) ? content.mcpServers : undefined;
  if (!isObject(servers)) return [];
  return Object.entries(servers).map(([name, server]) => ({
    source: `${file}: mcpServers.${name}`,
    backend: isObject(server) ? toBackend(name, server) : server,
  }));
}

/** What clients and the gateway call the same; what else clients keep there means nothing here. */
function toBackend(name: string, server: Record<string, unknown>): Record<string, unknown> {
  const { command, args, env, cwd, url, headers, type, disabled } = server;
  const backend = { name, command, args, env, cwd, url, headers, transport: type };
  const given = Object.fromEntries(Object.entries(backend).filter(([, value]) => value !== undefined));
  return disabled === true ? { ...given, enabled: false } : given;
}

function list(directory: string, reader: JsonFileReader) {
  try {
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
    return readdirSync(directory, { withFileTypes: true }).sort(byName);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    reader.faults.push({ path: directory, message });
    return [];
  }
}
