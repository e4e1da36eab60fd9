import cluster, { type Worker } from 'node:cluster';
import { randomBytes } from 'node:crypto';
import type { Logger } from '../contracts/host.js';
import { type Order, placeVariables, type WorkerMessage } from './messages.js';

/** Milliseconds that a worker has to run for its successor to be started at once. */
const steadyMs = 10_000;

/** Milliseconds until the successor of another one is started. */
const pauseMs = 1000;

/** What a supervisor needs. */
export interface SupervisorOptions {
  /** How many workers there are. */
  readonly workers: number;
  readonly logger: Logger;
  /** All of them have ended. @param code 0 when they were told to; otherwise that of the one that could not be started. */
  onEnded(code: number): void;
}

interface Place {
  readonly number: number;
  worker: Worker;
  startedAt: number;
  hasListened: boolean;
}

/** Keeps several processes running that serve one port together, and passes on what they say to each other. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #places = new Map<number, Place>();
  /** Another one each time; it is never written anywhere. */
  readonly #key = randomBytes(32).toString('base64url');
  #code: number | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  start(): void {
    for (let number = 1; number <= this.#options.workers; number++) this.#fork(number);
  }

  /** Tells every worker to do something. */
  tell(order: Order, reason?: string): void {
    if (order === 'end' || order === 'end now') this.#code ??= 0;
    for (const { worker } of this.#places.values()) say(worker, { order, reason });
  }

  #fork(number: number): void {
    const worker = cluster.fork({ [placeVariables.number]: String(number), [placeVariables.key]: this.#key });
    const place: Place = { number, worker, startedAt: Date.now(), hasListened: false };
    this.#places.set(number, place);
    worker.once('listening', () => {
      place.hasListened = true;
    });
    worker.on('message', (message: WorkerMessage) => {
      if ('relayed' in message) this.#relay(message, number);
    });
    worker.once('exit', (code, signal) => this.#ended(place, code, signal));
  }

  #relay(message: WorkerMessage, from: number): void {
    for (const { number, worker } of this.#places.values()) if (number !== from) say(worker, message);
  }

  #ended({ number, startedAt, hasListened }: Place, code: number, signal: string): void {
    this.#places.delete(number);
    if (this.#code === undefined && hasListened) {
      const ms = Date.now() - startedAt > steadyMs ? 0 : pauseMs;
      this.#options.logger.error({ worker: number, code, signal }, 'a worker has failed; another one takes its place');
      setTimeout(() => {
        if (this.#code === undefined) this.#fork(number);
      }, ms);
      return;
    }
    // What keeps one from starting keeps all of them.
    if (this.#code === undefined) {
      this.#code = code || 1;
      for (const { worker } of this.#places.values()) say(worker, { order: 'end now' });
    }
    if (this.#places.size === 0) this.#options.onEnded(this.#code);
  }
}

function say(worker: Worker, message: WorkerMessage): void {
  // One that is about to end hears nothing any more.
  if (worker.isConnected()) worker.send(message, () => {});
}
