import { isDeepStrictEqual } from 'node:util';
import type { Backend } from '../config/backend.js';
import type { Logger } from '../contracts/host.js';
import type { UpstreamFactory } from '../contracts/upstream.js';
import { BackendConnection, type BackendObserver } from './backend-connection.js';

/** What a set of backends needs from the rest of the gateway. */
export interface BackendsOptions {
  readonly createUpstream: UpstreamFactory;
  readonly logger: Logger;
  /** Told of those that serve. */
  readonly observer: BackendObserver;
  /** Milliseconds that calls in flight get to finish at a backend that was removed or changed. @default 30000 */
  readonly drainMs?: number;
  /** Another connection serves in the place of one of the same name. */
  onReplaced(successor: BackendConnection, predecessor: BackendConnection): void;
  /** It serves no more; calls in flight may still finish. */
  onRetired(backend: BackendConnection): void;
}

/** The backends of the configuration, whatever a reload makes of it. */
export class Backends {
  readonly #options: BackendsOptions;
  #all: readonly BackendConnection[] = [];
  #wanted: readonly Backend[] = [];
  /** Those that are about to take the place of one of the same name. */
  readonly #successors = new Map<string, BackendConnection>();
  readonly #retired = new Set<BackendConnection>();
  #isStarted = false;

  constructor(options: BackendsOptions) {
    this.#options = options;
  }

  /** Those that serve, in the order of the configuration. */
  get all(): readonly BackendConnection[] {
    return this.#all;
  }

  find(name: string): BackendConnection | undefined {
    return this.#all.find((backend) => backend.name === name);
  }

  /** Connects all in the background. */
  start(): void {
    this.#isStarted = true;
    for (const backend of [...this.#all, ...this.#successors.values()]) backend.start();
  }

  async stop(): Promise<void> {
    const all = [...this.#all, ...this.#successors.values(), ...this.#retired];
    await Promise.all(all.map((backend) => backend.stop()));
  }

  /**
   * Follows the configuration. What is the same stays untouched; what is new serves at once; what is gone ends when its calls
   * have. One that is configured differently goes on as it was until its successor has connected, or failed to.
   * @returns whether others serve than before, or in another order
   */
  follow(wanted: readonly Backend[]): boolean {
    this.#wanted = wanted;
    for (const [name, successor] of this.#successors) {
      if (!wanted.some((config) => isDeepStrictEqual(config, successor.config))) this.#drop(name, successor);
    }
    for (const config of wanted) {
      const serving = this.find(config.name);
      const isNew = serving !== undefined && !isDeepStrictEqual(serving.config, config);
      if (isNew && !this.#successors.has(config.name)) this.#prepare(config);
    }
    return this.#arrange();
  }

  #arrange(): boolean {
    const before = this.#all;
    this.#all = this.#wanted.map((config) => this.find(config.name) ?? this.#open(config));
    for (const backend of before.filter((each) => !this.#all.includes(each))) this.#retire(backend);
    return before.length !== this.#all.length || before.some((backend, index) => backend !== this.#all[index]);
  }

  #prepare(config: Backend): void {
    const { name } = config;
    const successor = this.#open(config);
    this.#successors.set(name, successor);
    void successor.firstAttempt.then(() => {
      if (this.#successors.get(name) !== successor) return;
      this.#successors.delete(name);
      const predecessor = this.find(name);
      if (!predecessor) return;
      // What it will offer is unknown, and calls of what there was should name the backend that is down.
      if (!successor.health.isUp) successor.lists = predecessor.lists;
      this.#all = this.#all.map((backend) => (backend === predecessor ? successor : backend));
      this.#retire(predecessor);
      this.#options.onReplaced(successor, predecessor);
    });
  }

  #open(config: Backend): BackendConnection {
    const { createUpstream, logger, observer } = this.#options;
    const backend: BackendConnection = new BackendConnection(config, createUpstream, logger, {
      ...observer,
      // Until it serves, and when it does no more, nothing that clients see depends on it.
      onListsChanged: (kinds, kind) => {
        if (this.#all.includes(backend)) observer.onListsChanged(kinds, kind);
      },
    });
    if (this.#isStarted) backend.start();
    return backend;
  }

  #drop(name: string, successor: BackendConnection): void {
    this.#successors.delete(name);
    this.#retire(successor);
  }

  #retire(backend: BackendConnection): void {
    const { drainMs = 30_000, onRetired, logger } = this.#options;
    onRetired(backend);
    this.#retired.add(backend);
    void backend.drain(drainMs).then(() => {
      this.#retired.delete(backend);
      logger.info({ backend: backend.name }, 'backend was closed');
    });
  }
}
