import { existsSync, readFileSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { SynthesizedApp, textAt } from '../../core/synthesized-app';
import { templateFile } from '../../core/template-file';
import type { ComponentRecord, RecordedBackendConfig, RecordedGateway } from '../../mcp/component-record';
import { CommandError } from '../command-error';
import { closest } from '../suggestion';
import type { SynthesizedFolder } from '../synthesized-folder';
import { checkNames, type LocalFile, localFileName } from './local-file';

/** What a server is made of, and how it is started. */
export type ServerKind = 'node-server' | 'python-server' | 'node-function' | 'python-function' | 'score-artifact';

/** How a backend runs on this machine, or why it does not. */
export type LocalRun =
  /** Files that the stack would build an image or a model of. */
  | { readonly kind: ServerKind; readonly source: string; readonly entryPoint?: string }
  /** A program that listens on a port. */
  | { readonly kind: 'program'; readonly command: readonly string[]; readonly directory: string }
  /** A program that the gateway starts. */
  | { readonly kind: 'child'; readonly command: readonly string[]; readonly directory: string }
  /** Left where it is, and called there. */
  | { readonly kind: 'elsewhere'; readonly url: string }
  | { readonly kind: 'remote'; readonly reason: string };

/** A backend of the gateway. */
export interface LocalBackend {
  readonly name: string;
  readonly config: RecordedBackendConfig;
  readonly run: LocalRun;
  /** Variables for the server. */
  readonly environment: { readonly [name: string]: string };
  /** What the server would have in the cloud and does not have here. */
  readonly missing: readonly string[];
  /** Path of its MCP endpoint. */
  readonly path: string;
}

/** What runs on this machine. */
export interface LocalPlan {
  /** Path of the gateway's construct. */
  readonly gateway: string;
  readonly settings: RecordedGateway['settings'];
  readonly backends: readonly LocalBackend[];
}

export interface PlanOptions {
  /** Folder of the project, in which relative paths of commands start. */
  readonly directory: string;
  readonly local: LocalFile;
  /** Path of the gateway. @default - the only one */
  readonly gateway?: string;
  readonly env: { readonly [name: string]: string | undefined };
}

/**
 * What of a synthesized app can run on this machine.
 * @throws {CommandError} when it has no gateway, or several of which none was chosen
 */
export function planOf(folder: SynthesizedFolder, options: PlanOptions): LocalPlan {
  const { components } = folder;
  const record = chosenGateway(components, options.gateway);
  const { settings, backends } = record.gateway;
  checkNames(
    options.local,
    backends.map(({ name }) => name),
  );
  const servers = new Map(components.map((component) => [component.path, component]));
  const behind = new Map(record.servers?.map(({ name, path }) => [name, servers.get(path)]));
  const app = SynthesizedApp.of(folder.app);
  return {
    gateway: record.path,
    settings,
    backends: backends.map((config) => planBackend(config, behind.get(config.name), { app, folder, options })),
  };
}

function chosenGateway(
  components: readonly ComponentRecord[],
  asked: string | undefined,
): ComponentRecord & { readonly gateway: RecordedGateway } {
  const gateways = components.filter(
    (component): component is ComponentRecord & { gateway: RecordedGateway } => component.gateway !== undefined,
  );
  const chosen = asked === undefined ? gateways : gateways.filter(({ path }) => path === asked);
  const [only, another] = chosen;
  if (only !== undefined && another === undefined) return only;
  const paths = gateways.map(({ path }) => path);
  const meant = closest(asked ?? '', paths);
  throw new CommandError({
    what: paths.length === 0 ? 'the app has no gateway' : 'one gateway runs at a time',
    got: asked ?? `${paths.length} gateways`,
    allowed: paths.join(', ') || 'an app with an McpGateway',
    fix: paths.length === 0 ? 'put an McpGateway in front of the servers' : `pass --gateway ${meant ?? paths[0]}`,
  });
}

interface Surroundings {
  readonly app: SynthesizedApp;
  readonly folder: SynthesizedFolder;
  readonly options: PlanOptions;
}

function planBackend(
  config: RecordedBackendConfig,
  server: ComponentRecord | undefined,
  surroundings: Surroundings,
): LocalBackend {
  const { local, env } = surroundings.options;
  const standIn = local.servers[config.name];
  const asked = Object.entries({ ...server?.environment, ...(config['env'] as object | undefined) });
  const known = asked.filter(([, value]) => !hasReference(value)) as [string, string][];
  const unknown = asked.filter(([, value]) => hasReference(value)).map(([name]) => name);
  const run = standIn ? standInRun(standIn, local.directory) : runOf(config, server, surroundings);
  const wanted = [...unknown, ...(server?.secretEnvironment ?? [])].filter((name) => env[name] === undefined);
  return {
    name: config.name,
    config,
    run,
    environment: {
      ...Object.fromEntries(known.map(([name, value]) => [name, value.replaceAll('$${', '${')])),
      ...standIn?.env,
    },
    missing: run.kind === 'remote' || run.kind === 'elsewhere' ? [] : wanted.filter((name) => !standIn?.env?.[name]),
    path: /:\d+(\/[^?#"\s]*)$/.exec(String(config['url'] ?? ''))?.[1] ?? (config.transport === 'openapi' ? '' : '/mcp'),
  };
}

function standInRun({ command, transport }: LocalFile['servers'][string], directory: string): LocalRun {
  return { kind: transport === 'stdio' ? 'child' : 'program', command, directory };
}

function runOf(config: RecordedBackendConfig, server: ComponentRecord | undefined, around: Surroundings): LocalRun {
  if (config.transport === 'stdio') return childRun(config, around.options);
  const { source } = server ?? {};
  if (server === undefined || source === undefined) return elsewhere(config);
  if (source.kind === 'scoreArtifact') return scoreArtifact(server, around);
  if (source.kind === 'image') return imageRun(server, source.image, around);
  return { kind: 'remote', reason: 'only a gateway starts commands' };
}

/** A program and files that are here, too, as well as in the gateway's image. */
function childRun(config: RecordedBackendConfig, { directory, env }: PlanOptions): LocalRun {
  const { command, args = [] } = config as { command?: unknown; args?: unknown[] };
  const words = [command, ...args].map(String);
  const program = words[0] ?? '';
  if (words.some(hasReference)) return { kind: 'remote', reason: 'its command is known after a deployment' };
  if (!isProgram(program, directory, env)) return standInNeeded(`the gateway's image has the program ${program}`);
  const absent = words.slice(1).find((word) => isAbsolute(word) && !existsSync(word));
  if (absent !== undefined) return standInNeeded(`the gateway's image has the file ${absent}`);
  return { kind: 'child', command: words, directory };
}

function isProgram(name: string, directory: string, env: PlanOptions['env']): boolean {
  if (name.includes('/')) return existsSync(resolve(directory, name));
  return (env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
}

function elsewhere(config: RecordedBackendConfig): LocalRun {
  const url = String(config['url'] ?? '');
  if (hasReference(url))
    return { kind: 'remote', reason: 'Oracle runs it, at an address that a deployment makes known' };
  const { auth_method: method = 'none' } = config;
  if (method !== 'none') return { kind: 'remote', reason: `it takes credentials of the deployed gateway (${method})` };
  return { kind: 'elsewhere', url: url.replaceAll('$${', '${') };
}

/** Templates by their Dockerfiles. */
const templates: readonly ServerKind[] = ['node-server', 'python-server', 'node-function', 'python-function'];

function imageRun({ path }: ComponentRecord, image: string, { app, folder }: Surroundings): LocalRun {
  const stack = app.stacks.find(({ stack: { node } }) => path.startsWith(`${node.path}/`));
  const pushed = stack && app.referencesOf(stack, image).find(({ type }) => type === 'docker_registry_image');
  const built = pushed && app.referenceOf(pushed.stack, pushed.arguments['name']);
  if (built === undefined) return standInNeeded(`its image comes from a registry (${image.replace(/\$\{.*\}/, '…')})`);
  const context = textAt(built.arguments, 'build', 'context') ?? '';
  const source = join(stackDirectory(folder, built.stack.stack.node.path), context);
  const dockerfile = readFileSync(join(source, 'Dockerfile'), 'utf8');
  const kind = templates.find((each) => readFileSync(templateFile(`${each}/Dockerfile`), 'utf8') === dockerfile);
  if (kind === undefined) return standInNeeded('its folder has a Dockerfile of its own');
  const args = (built.arguments['build'] as { build_args?: { [name: string]: string } }).build_args ?? {};
  const entryPoint = args['SERVER_FILE'] ?? args['SERVER_MODULE'];
  return { kind, source, ...(entryPoint !== undefined && { entryPoint }) };
}

function scoreArtifact({ path }: ComponentRecord, { app, folder }: Surroundings): LocalRun {
  const model = app
    .resources('oci_datascience_model')
    .find(({ construct }) => construct.node.path.startsWith(`${path}/`));
  const archive = model && textAt(model.arguments, 'model_artifact');
  if (model === undefined || archive === undefined) return { kind: 'remote', reason: 'its model is none of this app' };
  return { kind: 'score-artifact', source: join(stackDirectory(folder, model.stack.stack.node.path), archive) };
}

function stackDirectory(folder: SynthesizedFolder, path: string): string {
  const stack = folder.stacks.find(({ constructPath }) => constructPath === path);
  if (stack === undefined) throw new Error(`no stack at ${path}`);
  return stack.directory;
}

function standInNeeded(reason: string): LocalRun {
  return { kind: 'remote', reason: `${reason}; name a program for it in ${localFileName}` };
}

/** Whether Terraform alone knows what stands here. */
export function hasReference(value: unknown): boolean {
  return typeof value === 'string' && /(?<!\$)\$\{/.test(value);
}
