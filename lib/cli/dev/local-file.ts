import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CommandError } from '../command-error';
import { closest } from '../suggestion';

/** Name of the file beside `cdktf.json` that says what stands in for servers. */
export const localFileName = 'mcp.dev.json';

/** A program of this machine in place of a server. */
export interface LocalCommand {
  /** Program and arguments, started in the folder of the file. */
  readonly command: readonly string[];
  /** How it is talked to. Over HTTP it listens on `MCP_HOST` and `MCP_PORT`, at `MCP_PATH`. @default "http" */
  readonly transport?: 'http' | 'stdio';
  /** Variables beside those of this process. @default - none */
  readonly env?: { readonly [name: string]: string };
}

/** What stands in for servers that cannot run here as they are. */
export interface LocalFile {
  /** Folder in which commands are started. */
  readonly directory: string;
  /** By the names of the backends. */
  readonly servers: { readonly [name: string]: LocalCommand };
}

const fields = ['command', 'transport', 'env'];

/**
 * The stand-ins of a project.
 * @param file Path of the file. @default - `mcp.dev.json` of the project, where there is one
 * @throws {CommandError} with everything that is wrong in it
 */
export function readLocalFile(project: string, file?: string): LocalFile {
  const path = resolve(file ?? join(project, localFileName));
  if (file === undefined && !existsSync(path)) return { directory: project, servers: {} };
  const document = parse(path);
  const faults = faultsIn(document);
  if (faults.length > 0) {
    throw new CommandError({
      what: `${path} cannot be used\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
      allowed:
        '{ "servers": { "<backend>": { "command": ["node", "server.js"], "transport": "http" or "stdio", "env": {} } } }',
    });
  }
  return { directory: dirname(path), servers: (document as LocalFile).servers };
}

/** @throws {CommandError} when the file names a backend that the gateway does not have */
export function checkNames({ servers }: LocalFile, backends: readonly string[]): void {
  for (const name of Object.keys(servers).filter((each) => !backends.includes(each))) {
    const meant = closest(name, backends);
    throw new CommandError({
      what: `${localFileName} names a backend that the gateway does not have`,
      got: name,
      allowed: backends.join(', ') || 'none: the gateway has no backends',
      fix: meant ? `did you mean ${meant}?` : undefined,
    });
  }
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new CommandError({ what: `${path} cannot be read`, got: (error as Error).message });
  }
}

function faultsIn(document: unknown): string[] {
  const { servers, ...others } = isObject(document) ? document : {};
  if (!isObject(servers)) return [`servers: got ${JSON.stringify(servers)}; allowed: an object of backend: command`];
  return [
    ...Object.keys(others).map((field) => `${field}: is not known; remove it`),
    ...Object.entries(servers).flatMap(([name, server]) => faultsOf(server).map((fault) => `servers.${name}.${fault}`)),
  ];
}

function faultsOf(server: unknown): string[] {
  if (!isObject(server)) return [`command: got ${JSON.stringify(server)}; allowed: an object`];
  const { command, transport = 'http', env = {} } = server;
  const unknown = Object.keys(server).filter((field) => !fields.includes(field));
  const isText = (value: unknown) => typeof value === 'string';
  return [
    ...unknown.map((field) => `${field}: is not known; did you mean ${closest(field, fields) ?? fields.join(', ')}?`),
    ...(Array.isArray(command) && command.length > 0 && command.every(isText)
      ? []
      : [`command: got ${JSON.stringify(command)}; allowed: a list of a program and its arguments`]),
    ...(transport === 'http' || transport === 'stdio'
      ? []
      : [`transport: got ${JSON.stringify(transport)}; allowed: "http", "stdio"`]),
    ...(isObject(env) && Object.values(env).every(isText)
      ? []
      : [`env: got ${JSON.stringify(env)}; allowed: an object of name: text`]),
  ];
}

function isObject(value: unknown): value is { readonly [field: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
