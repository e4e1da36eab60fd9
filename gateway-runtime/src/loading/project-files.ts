import { basename, dirname, resolve, sep } from 'node:path';
import { BackendSchema } from '../config/backend.js';
import { formatPath, toFaults } from '../config/faults.js';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import type { ConfigFault } from '../errors.js';
import type { FoundBackend } from './backend-files.js';
import type { Environment } from './flags.js';
import { JsonFileReader } from './json-file.js';
import { toPlainJson } from './jsonc.js';

/** Names of the files in which MCP clients keep their servers, by the folder of a project that they are in. */
export const projectFiles: Readonly<Record<string, readonly string[]>> = {
  '.': ['.mcp.json', 'mcp.json', 'claude_desktop_config.json'],
  '.vscode': ['mcp.json'],
  '.cursor': ['mcp.json'],
};

/** What a client's file says of servers. */
export interface ProjectFile {
  readonly name: string;
  readonly backends: readonly FoundBackend[];
  /** Why the whole file cannot be used. */
  readonly faults: readonly ConfigFault[];
  /** Servers that were left out, and why. */
  readonly warnings: readonly ConfigFault[];
}

/**
 * Reads the servers of an MCP client: `mcpServers` (Claude, Cursor and others) or `servers` (VS Code), in JSON that may have
 * comments and trailing commas. A server that cannot be had as it is written is left out.
 *
 * https://code.visualstudio.com/docs/copilot/reference/mcp-configuration https://docs.claude.com/en/docs/claude-code/mcp
 */
export function readProjectFile(name: string, environment: Environment): ProjectFile {
  const reader = new JsonFileReader(environment);
  const text = reader.readText(name);
  const content = text === undefined ? undefined : reader.parse(toPlainJson(text), name);
  const warnings: ConfigFault[] = [];
  const backends = serversIn(content).flatMap(([place, key, server]) => {
    const path = `${name}: ${place}`;
    try {
      return [{ source: path, backend: checked(toBackend(key, server, contextOf(name, environment)), path) }];
    } catch (error) {
      if (!(error instanceof LeftOut)) throw error;
      warnings.push({ path, message: `is left out: ${error.message}` });
      return [];
    }
  });
  return { name, backends, faults: reader.faults, warnings };
}

/** Why a server cannot be had. */
class LeftOut extends Error {}

/** What variables of a file stand for. */
interface Context {
  readonly environment: Environment;
  /** The project that the file belongs to; absent for files of a whole user. */
  readonly project?: string;
}

function contextOf(file: string, environment: Environment): Context {
  const folder = dirname(resolve(file));
  if (basename(file) === 'claude_desktop_config.json') return { environment };
  return { environment, project: Object.hasOwn(projectFiles, basename(folder)) ? dirname(folder) : folder };
}

function serversIn(content: unknown): [place: string, name: string, server: unknown][] {
  return ['mcpServers', 'servers'].flatMap((member) => {
    const servers = isObject(content) ? content[member] : undefined;
    const entries = isObject(servers) ? Object.entries(servers) : [];
    return entries.map(([name, server]): [string, string, unknown] => [formatPath([member, name]), name, server]);
  });
}

/** What clients and the gateway call the same; what else clients keep there means nothing here. */
function toBackend(name: string, server: unknown, context: Context): JsonObject {
  if (!isObject(server)) throw new LeftOut('expected an object');
  const { type, disabled, envFile } = server;
  if (envFile !== undefined) throw new LeftOut('the gateway reads no envFile; put the variables into env');
  const members = ['command', 'args', 'env', 'cwd', 'url', 'headers'].filter((member) => server[member] !== undefined);
  const own = Object.fromEntries(members.map((member) => [member, expand(server[member], context)]));
  // Clients start servers where the project is, which relative paths in their arguments count on.
  const { command, cwd: given = '.' } = own;
  const isStarted = command !== undefined && typeof given === 'string';
  const cwd = isStarted && context.project && resolve(context.project, given);
  return {
    name: validName(name),
    ...own,
    ...(cwd && { cwd }),
    ...(type !== undefined && { transport: type }),
    ...(disabled === true && { enabled: false }),
  };
}

/** The name with "-" in place of what names of backends cannot hold: "My Server" becomes "My-Server". */
function validName(name: string): string {
  const valid = name
    .replace(/[^A-Za-z0-9_.-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);
  if (valid === '') throw new LeftOut('its name has no letter or digit');
  return valid;
}

function checked(backend: JsonObject, path: string): JsonObject {
  const result = BackendSchema.safeParse(backend);
  if (result.success) return backend;
  const [fault] = toFaults(result.error, backend);
  throw new LeftOut(fault ? [fault.path, fault.message].filter(Boolean).join(': ') : path);
}

/** Replaces variables as clients write them. @throws {LeftOut} for one that has no value here */
function expand(value: unknown, context: Context): unknown {
  if (typeof value === 'string')
    return value.replace(/\$\{([^}]*)\}/g, (_, name: string) => replacementOf(name, context));
  if (Array.isArray(value)) return value.map((item) => expand(item, context));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expand(item, context)]));
}

function replacementOf(variable: string, { environment, project }: Context): string {
  const known: Record<string, string | undefined> = {
    workspaceFolder: project,
    workspaceFolderBasename: project && basename(project),
    userHome: environment.HOME ?? environment.USERPROFILE,
    pathSeparator: sep,
    '/': sep,
  };
  const [, name, fallback] = /^(?:env:)?([A-Za-z_]\w*)(?::-(.*))?$/s.exec(variable) ?? [];
  const value = Object.hasOwn(known, variable) ? known[variable] : (name && environment[name]) || fallback;
  if (value !== undefined) return value;
  if (variable.startsWith('input:'))
    throw new LeftOut(`it asks its user for \${${variable}}, and the gateway has none`);
  throw new LeftOut(`variable \${${variable.slice(0, 80)}} has no value here`);
}
