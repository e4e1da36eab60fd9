import { setTimeout as delay } from 'node:timers/promises';

/** How far a gateway is on its way out. */
export type Phase = 'serving' | 'draining' | 'closing';

/** What a gateway does when it ends. */
export interface ShutdownSteps {
  /** Milliseconds for which calls are still taken: whoever sends them has to hear first that this gateway goes. */
  readonly delayMs: number;
  /** Milliseconds that calls in flight then get to finish. */
  readonly graceMs: number;
  /** Tells clients to come back over other connections. */
  announce(): void;
  /** Lets calls in flight finish, at most for so many milliseconds. */
  drain(graceMs: number): Promise<unknown>;
  /** Lets go of everything else. */
  release(): Promise<unknown>;
}

/** The end of a gateway: it says so, then takes nothing new, then lets go of everything. */
export class Shutdown {
  readonly #steps: ShutdownSteps;
  readonly #hurry = new AbortController();
  #phase: Phase = 'serving';
  #ended: Promise<void> | undefined;

  constructor(steps: ShutdownSteps) {
    this.#steps = steps;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Begins, once. @param now Whether calls in flight are given up, also when it has begun already. */
  run(now: boolean): Promise<void> {
    if (now) this.#hurry.abort();
    this.#ended ??= this.#run();
    return this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#hurry;
    const { delayMs, graceMs, announce, drain, release } = this.#steps;
    this.#phase = 'draining';
    announce();
    if (delayMs > 0) await delay(delayMs, undefined, { signal }).catch(() => {});
    this.#phase = 'closing';
    const hurried = new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(drain(0)));
    });
    await Promise.race([drain(signal.aborted ? 0 : graceMs), hurried]);
    await release();
  }
}
