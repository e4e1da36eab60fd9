import type { AuditFilter, AuditHistory, AuditRecord, FoundRecords } from '../contracts/audit.js';
import { matchesFilter } from './audit-filter.js';

/** Records that are remembered: some hundred kilobytes, and a few megabytes with arguments. What is older is in the log. */
const most = 1000;

/** The last records of this replica. */
export class RecentRecords implements AuditHistory {
  readonly #records: AuditRecord[] = [];
  #next = 0;

  record(record: AuditRecord): void {
    this.#records[this.#next] = record;
    this.#next = (this.#next + 1) % most;
  }

  find(filter: AuditFilter, limit: number): FoundRecords {
    const newestFirst = [...this.#records.slice(0, this.#next).reverse(), ...this.#records.slice(this.#next).reverse()];
    const records = newestFirst.filter((record) => matchesFilter(filter, record)).slice(0, limit);
    return { records, isPartial: this.#records.length === most };
  }
}
