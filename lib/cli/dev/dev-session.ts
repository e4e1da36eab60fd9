import { join } from 'node:path';
import { CommandError } from '../command-error';
import type { Project } from '../project';
import { synthesize } from '../synthesize';
import { SynthesizedFolder } from '../synthesized-folder';
import type { Terminal } from '../terminal';
import { type BackendState, howOf, isHere, stateOf } from './backend-state';
import { GatewayProcess, type LogRecord } from './gateway-process';
import { readLocalFile } from './local-file';
import { type LocalBackend, type LocalPlan, planOf } from './local-plan';
import { type LocalServer, revisionOf, startServer } from './local-server';
import { ProjectWatcher } from './project-watcher';
import { toolsOf } from './tool-list';
import { WorkFolder } from './work-folder';

/** What happens while a project runs. */
export type DevEvent =
  | { readonly event: 'ready' | 'reloaded'; readonly url: string; readonly backends: readonly BackendState[] }
  | { readonly event: 'failed'; readonly backend?: string; readonly reason: string }
  | { readonly event: 'line'; readonly backend: string; readonly line: string };

export interface DevOptions {
  readonly project: Project;
  readonly terminal: Terminal;
  readonly env: NodeJS.ProcessEnv;
  /** Path of the stand-ins. @default - `mcp.dev.json` of the project */
  readonly local?: string;
  /** Path of the gateway. @default - the only one */
  readonly gateway?: string;
  /** Port of the gateway, 0 for any. @default - that of the stack */
  readonly port?: number;
  onEvent(event: DevEvent): void;
}

interface Running {
  readonly backend: LocalBackend;
  readonly revision: string;
  readonly server?: LocalServer;
  readonly failure?: string;
}

/** Milliseconds for which a server that was replaced answers what is on its way. */
const graceMs = 1500;

/** Milliseconds that a gateway gets to connect a server that was started. */
const connectMs = 15_000;

/** The servers and the gateway of a project on this machine, from its start to its end. */
export class DevSession {
  /** What the app was synthesized to. */
  public folder?: SynthesizedFolder;
  private readonly work: WorkFolder;
  private running: readonly Running[] = [];
  /** Every server that may be there still, replaced ones among them. */
  private readonly live = new Set<LocalServer>();
  private gateway?: GatewayProcess;
  private watcher?: ProjectWatcher;
  private readonly ending = new AbortController();
  /** What is being done; one thing at a time. */
  private task: Promise<unknown> = Promise.resolve();
  private queued = false;

  public constructor(private readonly options: DevOptions) {
    this.work = new WorkFolder(options.project.directory);
  }

  /** Token for clients. */
  public get token(): string {
    return this.work.token;
  }

  /**
   * Synthesizes the project, and starts what runs here.
   * @throws {CommandError} when nothing can run
   */
  public start(): Promise<void> {
    const started = this.begin();
    this.task = started;
    return started;
  }

  private async begin(): Promise<void> {
    const plan = await this.synthesize();
    this.ending.signal.throwIfAborted();
    await this.runServers(plan);
    await this.serve(plan);
    await this.tell('ready', plan);
    const { project } = this.options;
    this.watcher = new ProjectWatcher([project.directory], [project.output], () => this.reload());
  }

  /** Resolves to why the gateway ended by itself. */
  public get gatewayEnded(): Promise<string> {
    return this.gateway?.ended ?? new Promise(() => {});
  }

  /** Ends everything that was started. */
  public async stop(): Promise<void> {
    this.ending.abort();
    this.watcher?.stop();
    await this.task.catch(() => {});
    await Promise.all([this.gateway?.stop(), ...[...this.live].map((server) => server.stop())]);
    this.work.clear();
  }

  /** Brings what runs up to date with the files. Changes that come meanwhile are for the next time. */
  private reload(): void {
    if (this.queued) return;
    this.queued = true;
    this.task = this.task
      .then(async () => {
        this.queued = false;
        if (this.ending.signal.aborted) return;
        const plan = await this.synthesize();
        const replaced = await this.runServers(plan);
        const before = new Map(replaced.started.map((name) => [name, this.gateway?.connections(name) ?? 0]));
        await this.serve(plan);
        await this.connected(before);
        await this.tell('reloaded', plan, new Set(replaced.started));
        await this.retire(replaced.old);
      })
      .catch((error: Error) => {
        if (!this.ending.signal.aborted) this.options.onEvent({ event: 'failed', reason: error.message });
      });
  }

  private async synthesize(): Promise<LocalPlan> {
    const { project, terminal, local, gateway, env } = this.options;
    const output = this.work.emptyOutput();
    await synthesize(project, terminal, { output, signal: this.ending.signal });
    this.folder = new SynthesizedFolder(output);
    const { directory } = project;
    return planOf(this.folder, { directory, local: readLocalFile(directory, local), gateway, env });
  }

  /** Starts what is new or has changed; what it replaces answers on. */
  private async runServers(plan: LocalPlan): Promise<{ old: readonly Running[]; started: readonly string[] }> {
    const before = new Map(this.running.map((running) => [running.backend.name, running]));
    const started: string[] = [];
    const attempts = await Promise.allSettled(
      plan.backends.map(async (backend): Promise<Running> => {
        const revision = revisionOf(backend);
        const known = before.get(backend.name);
        if (known?.revision === revision && known.failure === undefined) return { ...known, backend };
        started.push(backend.name);
        return this.runServer(backend, revision);
      }),
    );
    const after = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
    const kept = new Set(after.map(({ server }) => server));
    this.running = after;
    this.ending.signal.throwIfAborted();
    return { old: [...before.values()].filter(({ server }) => server && !kept.has(server)), started };
  }

  private async runServer(backend: LocalBackend, revision: string): Promise<Running> {
    const { terminal, env, onEvent } = this.options;
    const { signal } = this.ending;
    try {
      const server = await startServer(backend, {
        directory: join(this.work.run, 'servers'),
        packages: { directory: this.work.packages, terminal, env, signal },
        env,
        signal,
        onLine: (name, line) => onEvent({ event: 'line', backend: name, line }),
      });
      if (server !== undefined) this.live.add(server);
      if (server !== undefined) void server.ended.then((how) => this.tellEnd(backend.name, server, how));
      return { backend, revision, server };
    } catch (error) {
      if (signal.aborted) throw error;
      const reason = (error as Error).message;
      onEvent({ event: 'failed', backend: backend.name, reason });
      return { backend, revision, failure: reason.split('\n')[0] };
    }
  }

  /** A server that ends by itself is started again when its files change. */
  private tellEnd(name: string, server: LocalServer, how: string): void {
    const isCurrent = this.running.some((running) => running.server === server);
    if (!isCurrent || this.ending.signal.aborted) return;
    const failure = `ended with ${how}`;
    this.running = this.running.map((each) =>
      each.server === server ? { ...each, server: undefined, failure } : each,
    );
    this.options.onEvent({
      event: 'failed',
      backend: name,
      reason: `${failure}; it is started again when a file changes`,
    });
  }

  private async serve({ settings }: LocalPlan): Promise<void> {
    const { project, env, port = Number(settings['port'] ?? 9000), onEvent } = this.options;
    this.gateway ??= new GatewayProcess({
      directory: join(this.work.run, 'gateway'),
      cwd: project.directory,
      env,
      token: this.token,
      signal: this.ending.signal,
      port,
      onRecord: (record) => {
        const line = lineOf(record);
        if (line !== undefined) onEvent({ event: 'line', backend: 'gateway', line });
      },
    });
    const served = this.running.filter(
      ({ backend: { run }, failure }) => failure === undefined && run.kind !== 'remote',
    );
    try {
      await this.gateway.serve(
        settings,
        served.map(({ backend, revision, server }) => ({ backend, revision, url: server?.url })),
      );
    } catch (error) {
      if (!(error as Error).message.includes('EADDRINUSE')) throw error;
      throw new CommandError({
        what: 'the port of the gateway is taken',
        got: String(port),
        allowed: 'a port that nobody listens on, or 0 for any',
        fix: 'end what listens on it, or pass --port 0',
      });
    }
  }

  /** Resolves once the gateway has connected what was started, or does not manage to. */
  private async connected(before: ReadonlyMap<string, number>): Promise<void> {
    const deadline = Date.now() + connectMs;
    const expected = this.running.filter(({ backend, failure }) => isHere(backend) && failure === undefined);
    const isMissing = ({ backend: { name } }: Running) =>
      before.has(name) && (this.gateway?.connections(name) ?? 0) <= (before.get(name) ?? 0);
    while (expected.some(isMissing) && Date.now() < deadline && !this.ending.signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  private async tell(event: 'ready' | 'reloaded', plan: LocalPlan, started?: ReadonlySet<string>): Promise<void> {
    const { gateway } = this;
    if (gateway === undefined) return;
    const expected = this.running.filter(({ backend, failure }) => isHere(backend) && failure === undefined);
    const prefixes = expected.flatMap(({ backend: { name, config } }) =>
      config['namespace_tools'] === false ? [] : [`${name}_`],
    );
    const tools = await toolsOf(gateway.url, this.token, prefixes, { signal: this.ending.signal }).catch(() => []);
    const states = plan.backends.map((backend): BackendState => {
      const failure = this.running.find((running) => running.backend.name === backend.name)?.failure;
      return {
        name: backend.name,
        state: failure !== undefined ? 'failed' : stateOf(backend),
        how: failure ?? howOf(backend),
        tools: tools.filter((tool) => tool.startsWith(`${backend.name}_`)),
        missing: backend.missing,
        isNew: started?.has(backend.name) ?? true,
      };
    });
    this.options.onEvent({ event, url: gateway.url, backends: states });
  }

  /** Ends servers that nothing new is sent to any more. */
  private async retire(old: readonly Running[]): Promise<void> {
    if (old.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, this.ending.signal.aborted ? 0 : graceMs));
    await Promise.all(
      old.map(async ({ server }) => {
        await server?.stop();
        if (server !== undefined) this.live.delete(server);
      }),
    );
  }
}

/** What of the gateway's log is for somebody who develops. */
function lineOf({ level, msg, time: _time, name: _name, ...fields }: LogRecord): string | undefined {
  if (level !== 'warn' && level !== 'error') return undefined;
  const { warning, backend, error } = fields;
  return [msg, backend, warning, typeof error === 'string' ? error : undefined].filter(Boolean).join(': ');
}
