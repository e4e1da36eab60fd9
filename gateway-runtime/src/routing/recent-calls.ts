import type { AuditRecord } from '../config/audit.js';
import { matchesName } from '../config/name-pattern.js';

/** Calls that are remembered: some hundred kilobytes. What is older is in the log. */
const mostCalls = 1000;

/** A call with the time at which it ended. */
export type RecentCall = AuditRecord & { readonly time: string };

/** Which calls are looked for. */
export interface CallFilter {
  /** Name of the tool, in which `*` stands for any characters. */
  readonly tool?: string;
  readonly client?: string;
  readonly outcome?: string;
}

/** The last calls of tools at this replica. */
export class RecentCalls {
  readonly #calls: RecentCall[] = [];
  #next = 0;

  record(record: AuditRecord): void {
    this.#calls[this.#next] = { time: new Date().toISOString(), ...record };
    this.#next = (this.#next + 1) % mostCalls;
  }

  /** Newest first. */
  find({ tool, client, outcome }: CallFilter, limit: number): RecentCall[] {
    const newestFirst = [...this.#calls.slice(0, this.#next).reverse(), ...this.#calls.slice(this.#next).reverse()];
    return newestFirst
      .filter(
        (call) =>
          (tool === undefined || matchesName(tool, call.tool)) &&
          (client === undefined || client === call.client) &&
          (outcome === undefined || outcome === call.outcome),
      )
      .slice(0, limit);
  }
}
