import type { IncomingMessage, ServerResponse } from 'node:http';
import { consolePath, servesConsole } from '../config/console.js';
import type { GatewayConfig } from '../config/index.js';
import type { AuditHistory, AuditRecord } from '../contracts/audit.js';
import type { ReloadStatus } from '../contracts/reload-status.js';
import type { Admitting } from '../http/admission.js';
import { Gatekeeper } from '../http/gatekeeper.js';
import { checkIsGet, sendCurrent } from '../http/get.js';
import type { Neighbour } from '../http/listener.js';
import { Refusal, sendRefusal, sendText } from '../http/refusal.js';
import { Activity } from './activity.js';
import { PageFiles, pageHeaders } from './files.js';
import { withoutSecrets } from './hidden.js';

/** Records in one answer at most. */
const mostRecords = 500;

const filters = ['tool', 'client', 'backend', 'outcome', 'request_id', 'since', 'until'] as const;

/** What the console shows of the gateway. */
export interface Observable {
  readonly serverInfo: { readonly name: string; readonly version: string };
  /** The place of this process among the workers. @default - it is the only one */
  readonly worker?: number;
  readonly reloads: ReloadStatus;
  /** Absent when calls are not audited. */
  readonly history?: AuditHistory;
  /** Milliseconds since the epoch at which the gateway started. */
  readonly started: number;
  backends(): readonly object[];
  sessions(): readonly object[];
}

/** What the console needs from the rest of the gateway. */
export interface ConsoleDependencies {
  readonly current: Admitting & { readonly config: GatewayConfig };
  readonly observable: Observable;
  /** Folder with the files of the page. */
  readonly files: string;
}

/**
 * A web page by which operators look into the gateway, and what the page asks for. The page itself holds nothing that anybody
 * could not have; everything else needs the scopes of the configuration.
 */
export class Console implements Neighbour {
  readonly #dependencies: ConsoleDependencies;
  readonly #gatekeeper: Gatekeeper;
  readonly #files: PageFiles;
  readonly #activity = new Activity();
  readonly sendRefusal = sendRefusal;

  constructor(dependencies: ConsoleDependencies) {
    this.#dependencies = dependencies;
    this.#gatekeeper = new Gatekeeper(dependencies.current);
    this.#files = new PageFiles(dependencies.files);
  }

  isServedAt(path: string): boolean {
    const isBelow = path === consolePath || path.startsWith(`${consolePath}/`);
    return isBelow && this.#isServed;
  }

  /** Takes note of a request that ended, in case that somebody looks. */
  record(record: AuditRecord): void {
    if (this.#isServed) this.#activity.record(record);
  }

  /** @throws {Refusal} when the request cannot be served. */
  async handle(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    checkIsGet(request);
    const below = path.slice(consolePath.length);
    const file = this.#files.at(below);
    if (file) {
      sendText(response, 200, file.contentType, await file.text, { ...pageHeaders, 'cache-control': 'no-cache' });
      return;
    }
    const [, subject] = /^\/api\/([a-z]+)$/.exec(below) ?? [];
    const tell = subject !== undefined && Object.hasOwn(this.#subjects, subject) ? this.#subjects[subject] : undefined;
    if (!tell) throw new Refusal(404, `nothing is served here; the console is at ${consolePath}`);
    await this.#admit(request);
    const query = new URL(request.url ?? '/', 'http://console').searchParams;
    sendCurrent(response, 200, 'application/json', JSON.stringify(await tell(query)));
  }

  /** @throws {Refusal} for whoever may not look into the gateway */
  async #admit(request: IncomingMessage): Promise<void> {
    const identity = await this.#gatekeeper.identify(request);
    const { required_scopes = [] } = this.#dependencies.current.config.console;
    const missing = required_scopes.filter((scope) => !identity.scopes.has(scope) && !identity.scopes.has('*'));
    if (missing.length > 0) throw new Refusal(403, `the console needs ${missing.join(', ')}, which the token lacks`);
  }

  readonly #subjects: Record<string, (query: URLSearchParams) => unknown> = {
    overview: () => {
      const { observable, current } = this.#dependencies;
      const { reloads, serverInfo, worker, started } = observable;
      const { path, auth, views, workers } = current.config;
      return {
        ...serverInfo,
        started,
        path,
        auth: auth.enabled,
        views: Object.keys(views),
        ...(worker !== undefined && { worker, workers }),
        backends: observable.backends(),
        sessions: observable.sessions().length,
        reloads,
      };
    },
    sessions: () => this.#dependencies.observable.sessions(),
    activity: () => this.#activity.points(),
    configuration: () => withoutSecrets(this.#dependencies.current.config),
    audit: async (query) => {
      const { history } = this.#dependencies.observable;
      if (!history) return { records: [], isAudited: false };
      const given = filters.flatMap((name) => (query.get(name) ? [[name, query.get(name)]] : []));
      return { ...(await history.find(Object.fromEntries(given), mostRecords)), isAudited: true };
    },
  };

  get #isServed(): boolean {
    return servesConsole(this.#dependencies.current.config);
  }
}
