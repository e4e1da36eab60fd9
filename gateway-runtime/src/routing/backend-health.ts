import { type BackendState, isUp } from '../contracts/backend-state.js';
import type { JsonObject } from '../contracts/json-rpc.js';

/** Changes of state that are remembered. */
const mostRemembered = 50;

/** That a backend came into a state. */
export interface StateChange {
  readonly state: BackendState;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** No secrets. */
  readonly reason?: string;
}

/** What is known of how a backend is doing. */
export class BackendHealth {
  /** Failures without an answer in between. */
  failures = 0;
  /** Why it is not well; no secrets. */
  reason: string | undefined;
  #state: BackendState = 'connecting';
  #since = Date.now();
  #history: StateChange[] = [{ state: 'connecting', at: this.#since }];

  get state(): BackendState {
    return this.#state;
  }

  get isUp(): boolean {
    return isUp(this.#state);
  }

  /** Milliseconds since the epoch at which it came into this state. */
  get since(): number {
    return this.#since;
  }

  /** How it came to be as it is, the oldest first. */
  get history(): readonly StateChange[] {
    return this.#history;
  }

  /** It answers. */
  connected(): void {
    this.failures = 0;
    this.#become('connected');
  }

  /** It did not answer, or not as it should. */
  failed(reason: string): void {
    this.failures++;
    if (this.isUp) this.#become('degraded', reason);
  }

  /** It is not asked any more until it answers a trial. */
  down(reason: string): void {
    this.#become('down', reason);
  }

  /** The same for operators. */
  report(): JsonObject {
    return {
      state: this.#state,
      since: new Date(this.#since).toISOString(),
      ...(this.failures > 0 && { failures: this.failures }),
      ...(this.reason !== undefined && { reason: this.reason }),
    };
  }

  #become(state: BackendState, reason?: string): void {
    if (state !== this.#state) {
      this.#since = Date.now();
      this.#history = [...this.#history.slice(1 - mostRemembered), { state, at: this.#since, reason }];
    }
    this.#state = state;
    this.reason = reason;
  }
}
