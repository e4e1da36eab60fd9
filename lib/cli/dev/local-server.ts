import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { unzipSync } from 'fflate';
import { templateFile } from '../../core/template-file';
import { Child } from './child';
import { type FunctionEndpoint, listenFunction } from './function-endpoint';
import type { LocalBackend, LocalRun, ServerKind } from './local-plan';
import { nodePackages, type PackageStore, pythonPackages } from './packages';
import { freePort, isOpen, loopback, untilReady } from './ports';

/** Seconds that a server gets until it listens. */
const startSeconds = 60;

/** A server that runs on this machine. */
export interface LocalServer {
  readonly url: string;
  /** Resolves to how it ended, once it has. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

export interface ServerSurroundings {
  /** Folder for the files of servers. */
  readonly directory: string;
  readonly packages: PackageStore;
  readonly env: NodeJS.ProcessEnv;
  /** Aborted when nothing shall run any more. */
  readonly signal: AbortSignal;
  /** Gets each line that the server prints. */
  onLine(name: string, line: string): void;
}

/**
 * Starts the server of a backend; undefined for what the gateway starts itself, and for what does not run here.
 * @throws when it does not start
 */
export async function startServer(
  backend: LocalBackend,
  surroundings: ServerSurroundings,
): Promise<LocalServer | undefined> {
  const { run } = backend;
  if (run.kind === 'program') return listening(backend, run.command, run.directory, surroundings);
  if (!isFolder(run)) return undefined;
  const folder = stage(run, backend.name, surroundings.directory);
  const server = await startIn(folder, run, backend, surroundings);
  return {
    ...server,
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type FolderRun = Extract<LocalRun, { readonly kind: ServerKind }>;

function isFolder(run: LocalRun): run is FolderRun {
  return 'source' in run;
}

async function startIn(
  folder: string,
  { kind, entryPoint }: FolderRun,
  backend: LocalBackend,
  surroundings: ServerSurroundings,
): Promise<LocalServer> {
  const { packages } = surroundings;
  if (kind === 'node-server' || kind === 'node-function') {
    await nodePackages(folder, packages);
    if (kind === 'node-function') return inFunction(backend, ['node', 'func.mjs'], folder, surroundings);
    return listening(backend, ['node', entryPoint ?? 'server.js'], folder, surroundings);
  }
  const python = await pythonPackages(folder, packages);
  if (kind === 'python-server') {
    return listening(backend, [python, '-m', entryPoint ?? 'server'], folder, surroundings);
  }
  if (kind === 'python-function') {
    return inFunction(backend, [join(dirname(python), 'fdk'), 'func.py', 'handler'], folder, surroundings);
  }
  const port = await freePort();
  const command = [python, templateFile('model-server/serve.py'), folder, String(port)];
  return started(backend, command, folder, { ...surroundings, port, url: `http://${loopback}:${port}/predict` });
}

/** A program that listens where it is told to. */
async function listening(
  backend: LocalBackend,
  command: readonly string[],
  cwd: string,
  surroundings: ServerSurroundings,
): Promise<LocalServer> {
  const port = await freePort();
  const { path } = backend;
  return started(backend, command, cwd, { ...surroundings, port, url: `http://${loopback}:${port}${path}` });
}

async function started(
  backend: LocalBackend,
  command: readonly string[],
  cwd: string,
  { port, url, ...surroundings }: ServerSurroundings & { readonly port: number; readonly url: string },
): Promise<LocalServer> {
  const variables = {
    MCP_TRANSPORT: backend.config.transport ?? 'streamable_http',
    MCP_HOST: loopback,
    MCP_PORT: String(port),
    MCP_PATH: backend.path,
  };
  const child = childOf(backend, command, cwd, { ...surroundings, variables });
  await readied(child, () => isOpen(port), surroundings.signal);
  return { url, ended: child.ended, stop: () => child.stop() };
}

/** A function in its container: a process on a socket, and the endpoint in front of it. */
async function inFunction(
  backend: LocalBackend,
  command: readonly string[],
  cwd: string,
  surroundings: ServerSurroundings,
): Promise<LocalServer> {
  // A path of a socket is short, and that of a project may be long.
  const folder = mkdtempSync(join(tmpdir(), 'fn-'));
  const socket = join(folder, 'lsnr.sock');
  const variables = {
    FN_FORMAT: 'http-stream',
    FN_LISTENER: `unix:${socket}`,
    FN_FN_ID: 'local',
    FN_APP_ID: 'local',
    FN_MEMORY: '512',
  };
  const child = childOf(backend, command, cwd, { ...surroundings, variables });
  let endpoint: FunctionEndpoint | undefined;
  const stop = async () => {
    await endpoint?.close();
    await child.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  await readied(child, () => existsSync(socket), surroundings.signal).catch(async (error) => {
    await stop();
    throw error;
  });
  endpoint = await listenFunction(socket);
  return { url: endpoint.url, ended: child.ended, stop };
}

function childOf(
  { name, environment }: LocalBackend,
  command: readonly string[],
  cwd: string,
  {
    env,
    variables,
    onLine,
  }: Pick<ServerSurroundings, 'env' | 'onLine'> & { readonly variables: { readonly [name: string]: string } },
): Child {
  return new Child(command, {
    cwd,
    env: { ...env, PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1', ...environment, ...variables },
    onLine: (line) => onLine(name, line),
  });
}

async function readied(child: Child, isReady: () => boolean | Promise<boolean>, signal: AbortSignal): Promise<void> {
  try {
    await untilReady(child, isReady, { seconds: startSeconds, signal });
  } catch (error) {
    await child.stop();
    throw error;
  }
}

/** Puts the files of a server into a folder of their own: an edit would change what runs. */
function stage({ kind, source }: FolderRun, name: string, directory: string): string {
  mkdirSync(directory, { recursive: true });
  const folder = mkdtempSync(join(directory, `${name}-`));
  if (kind !== 'score-artifact') {
    cpSync(source, folder, { recursive: true });
    return folder;
  }
  for (const [path, content] of Object.entries(unzipSync(readFileSync(source)))) {
    const file = resolve(folder, path);
    if (relative(folder, file).split(sep)[0] === '..')
      throw new Error(`the artifact has a file outside of it: ${path}`);
    if (path.endsWith('/')) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return folder;
}

/**
 * What a server is made of, in short: another text is another server.
 * @param backend Of a program, the files beside it count, since it may read them.
 */
export function revisionOf({ run, environment, config, path }: LocalBackend): string {
  const hash = createHash('sha256').update(JSON.stringify([environment, path, config.transport]));
  const { source: _, ...described } = run as { source?: string };
  hash.update(JSON.stringify(described));
  if (isFolder(run)) hash.update(contentOf(run.source));
  if ('command' in run) {
    const file = run.command
      .slice(1)
      .map((word) => resolve(run.directory, word))
      .find(existsSync);
    hash.update(contentOf(file === undefined ? run.directory : dirname(file)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** A hash of a file, or of every file of a folder that a server may be made of. */
function contentOf(path: string): string {
  const hash = createHash('sha256');
  const add = (at: string) => {
    const entries = readdirSync(at, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const file = join(at, entry.name);
      if (entry.isDirectory() && !/^(\.|node_modules$|__pycache__$|cdktf\.out$)/.test(entry.name)) add(file);
      if (entry.isFile()) hash.update(`${relative(path, file)}\0`).update(readFileSync(file));
    }
  };
  if (existsSync(path) && path.endsWith('.zip')) hash.update(readFileSync(path));
  else if (existsSync(path)) add(path);
  return hash.digest('hex');
}
