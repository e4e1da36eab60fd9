import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Child } from './child';
import type { LocalBackend, LocalPlan } from './local-plan';
import { hasReference } from './local-plan';
import { loopback, untilReady } from './ports';

/** Seconds that a gateway gets until it listens. */
const startSeconds = 30;

/** Settings that say nothing about where the gateway runs. */
const portable = [
  'name',
  'version',
  'path',
  'stateless',
  'enable_sse',
  'views',
  'limits',
  'tool_search',
  'page_size',
  'gateway_tools',
  'rest_api',
];

/** Rules of `auth` that hold whoever issues tokens. */
const portableRules = ['required_scopes', 'tool_scopes', 'prompt_scopes', 'resource_scopes', 'scope_hierarchy'];

/** Fields of a backend that say nothing about where it runs and how the gateway proves itself to it. */
const portableFields = [
  'name',
  'description',
  'required_scopes',
  'namespace_tools',
  'allowed_tools',
  'denied_tools',
  'tools',
  'tags',
  'json_only',
  'protocol_version',
  'sessions',
  'health_check_interval',
  'failure_threshold',
  'connect_timeout',
  'request_timeout',
  'headers',
  'document_url',
  'document',
  'document_refresh_interval',
  'operations',
];

/** A backend that runs, and where. */
export interface RunningBackend {
  readonly backend: LocalBackend;
  /** Undefined for a child process of the gateway. */
  readonly url?: string;
  /** What it is made of; another one has the gateway start its child process again. */
  readonly revision: string;
}

export interface GatewayOptions {
  /** Folder for its files. */
  readonly directory: string;
  /** Working directory, in which the commands of child processes start. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Token of the one client that it knows. */
  readonly token: string;
  /** Port to listen on, 0 for any. */
  readonly port: number;
  /** Aborted when nothing shall run any more. */
  readonly signal: AbortSignal;
  /** Gets each record of its log. */
  onRecord(record: LogRecord): void;
}

/** A record of the gateway's log. */
export interface LogRecord {
  readonly level?: string;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

/** The gateway on this machine, with the configuration that the stack has for it as far as that holds here. */
export class GatewayProcess {
  private child?: Child;
  /** How often each backend was connected. */
  private readonly connected = new Map<string, number>();
  private settings = '';
  private port: number;

  public constructor(private readonly options: GatewayOptions) {
    this.port = options.port;
  }

  /** Where clients reach it. */
  public get url(): string {
    return `http://${loopback}:${this.port}${JSON.parse(this.settings).path ?? '/mcp'}`;
  }

  /** Resolves to how it ended, once it has. */
  public get ended(): Promise<string> {
    return this.child?.ended ?? new Promise(() => {});
  }

  /**
   * Has it serve these backends: it reads changed ones by itself, and is started again where its settings have changed.
   * @throws when it does not start
   */
  public async serve(settings: LocalPlan['settings'], backends: readonly RunningBackend[]): Promise<void> {
    this.writeBackends(backends);
    const text = JSON.stringify(this.localSettings(settings), null, 2);
    if (text === this.settings && this.child?.isRunning) return;
    this.settings = text;
    await this.child?.stop();
    await this.start();
  }

  /** How often it has connected a backend since its start. */
  public connections(backend: string): number {
    return this.connected.get(backend) ?? 0;
  }

  public async stop(): Promise<void> {
    await this.child?.stop();
  }

  private async start(): Promise<void> {
    const { directory, cwd, env, signal, onRecord } = this.options;
    writeSafely(join(directory, 'gateway.json'), this.settings);
    const main = join(dirname(require.resolve('oci-mcp-gateway/package.json')), 'dist', 'main.js');
    const args = ['--config', join(directory, 'gateway.json'), '--backends-dir', this.backendsDirectory];
    // Where it listens is no choice of the stack: nobody else may call.
    const where = ['--host', loopback, '--port', String(this.port)];
    // Variables of a deployed gateway would count more than the files.
    const variables = Object.entries(env).filter(([name]) => !name.startsWith('MCP_GATEWAY_'));
    let listening = 0;
    this.child = new Child([process.execPath, main, ...args, ...where], {
      cwd,
      env: Object.fromEntries(variables),
      onLine: (line) => {
        const record = recordIn(line);
        if (record === undefined) return;
        const { backend } = record;
        if (record.msg === 'gateway is listening') listening = Number(record['port']);
        if (record.msg === 'backend connected') {
          this.connected.set(String(backend), this.connections(String(backend)) + 1);
        }
        onRecord(record);
      },
    });
    await untilReady(this.child, () => listening > 0, { seconds: startSeconds, signal });
    this.port = listening;
  }

  private get backendsDirectory(): string {
    return join(this.options.directory, 'backends.d');
  }

  private writeBackends(backends: readonly RunningBackend[]): void {
    mkdirSync(this.backendsDirectory, { recursive: true });
    const names = new Set(backends.map(({ backend: { name } }) => `${name}.json`));
    for (const running of backends) {
      writeSafely(
        join(this.backendsDirectory, `${running.backend.name}.json`),
        JSON.stringify(localBackend(running, this.options.cwd), null, 2),
      );
    }
    for (const name of readdirSync(this.backendsDirectory)) {
      if (name.endsWith('.json') && !names.has(name)) rmSync(join(this.backendsDirectory, name));
    }
  }

  /** One client may do everything: what issues tokens to others is in the cloud. */
  private localSettings(settings: LocalPlan['settings']): object {
    const auth = (settings['auth'] ?? {}) as { readonly [field: string]: unknown };
    const tokens = join(this.options.directory, 'tokens.json');
    mkdirSync(this.options.directory, { recursive: true });
    writeSafely(tokens, JSON.stringify({ [this.options.token]: { client_id: 'developer', scopes: ['*'] } }));
    return {
      ...chosen(settings, portable),
      // What is read of its log is told at this level.
      log_level: 'INFO',
      auth: { ...chosen(auth, portableRules), static_tokens_file: tokens },
    };
  }
}

function localBackend({ backend, url, revision }: RunningBackend, cwd: string): object {
  const { config, run, environment } = backend;
  const kept = chosen(config, portableFields);
  if (run.kind === 'elsewhere') return { ...kept, transport: config.transport, url: run.url };
  // Headers were for what the deployed server is behind.
  const { headers: _, ...local } = kept;
  if (run.kind !== 'child') return { ...local, transport: config.transport, url };
  const [command = '', ...args] = run.command.map((word) => word.replaceAll('$${', '${'));
  const env = { ...environment, MCP_DEV_REVISION: revision };
  return { ...local, json_only: undefined, transport: 'stdio', command, args, env, cwd: run.directory ?? cwd };
}

function chosen(from: { readonly [field: string]: unknown }, fields: readonly string[]): { [field: string]: unknown } {
  const known = fields.filter((field) => from[field] !== undefined && !holdsReference(from[field]));
  return Object.fromEntries(known.map((field) => [field, from[field]]));
}

function holdsReference(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsReference);
  if (typeof value === 'object' && value !== null) return Object.values(value).some(holdsReference);
  return hasReference(value);
}

function recordIn(line: string): LogRecord | undefined {
  try {
    return JSON.parse(line) as LogRecord;
  } catch {
    return undefined;
  }
}

/** Whole or not at all, since the gateway watches; for nobody else, since tokens may be in it. */
function writeSafely(file: string, text: string): void {
  const draft = `${file}.new`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}
