import type { AuditRecord } from '../config/audit.js';
import { matchesName } from '../config/name-pattern.js';

/** Calls that are remembered: some hundred kilobytes. What is older is in the log. */
const mostCalls = 1000;

/** Which calls are looked for. */
export interface CallFilter {
  /** Name of the tool, in which `*` stands for any characters. */
  readonly tool?: string;
  readonly client?: string;
  readonly outcome?: string;
}

/** The last audited requests at this replica. */
export class RecentCalls {
  readonly #calls: AuditRecord[] = [];
  #next = 0;

  record(record: AuditRecord): void {
    this.#calls[this.#next] = record;
    this.#next = (this.#next + 1) % mostCalls;
  }

  /** Newest first. */
  find({ tool, client, outcome }: CallFilter, limit: number): AuditRecord[] {
    const newestFirst = [...this.#calls.slice(0, this.#next).reverse(), ...this.#calls.slice(this.#next).reverse()];
    return newestFirst
      .filter(
        (call) =>
          (tool === undefined || (call.method === 'tools/call' && matchesName(tool, call.tool))) &&
          (client === undefined || client === call.client) &&
          (outcome === undefined || outcome === call.outcome),
      )
      .slice(0, limit);
  }
}
