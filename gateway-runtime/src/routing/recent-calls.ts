import type { AuditFilter, AuditHistory, AuditRecord, FoundRecords } from '../config/audit.js';
import { matchesFilter } from '../config/audit-filter.js';

/** Records that are remembered: some hundred kilobytes, and a few megabytes with arguments. What is older is in the log. */
const mostCalls = 1000;

/** The last audited requests at this replica. */
export class RecentCalls implements AuditHistory {
  readonly #calls: AuditRecord[] = [];
  #next = 0;

  record(record: AuditRecord): void {
    this.#calls[this.#next] = record;
    this.#next = (this.#next + 1) % mostCalls;
  }

  find(filter: AuditFilter, limit: number): FoundRecords {
    const newestFirst = [...this.#calls.slice(0, this.#next).reverse(), ...this.#calls.slice(this.#next).reverse()];
    const records = newestFirst.filter((call) => matchesFilter(filter, call)).slice(0, limit);
    return { records, isPartial: this.#calls.length === mostCalls };
  }
}
