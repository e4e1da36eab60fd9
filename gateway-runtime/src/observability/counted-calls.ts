import type { AuditRecord, ToolCallRecord } from '../contracts/audit.js';
import { Durations } from './durations.js';
import { Tally } from './tally.js';

/** Tools of one backend that are counted each by itself: one that keeps renaming its tools must not make counts without end. */
const mostTools = 1000;

/** What the calls of all other tools are counted as. */
const other = 'other';

/** How often one tool was called, by the way in which its calls ended. */
export type ToolOutcomes = Partial<Record<AuditRecord['outcome'], number>>;

/** How often calls of each backend ended in which way, and how long they took. All of it only ever grows. */
export class CountedCalls {
  /** By backend and outcome. */
  readonly durations = new Tally(() => new Durations());
  /** By backend and tool; absent unless tools are counted, too. */
  readonly tools: Tally<ToolOutcomes> | undefined;

  constructor({ tools }: { readonly tools: boolean }) {
    this.tools = tools ? new Tally<ToolOutcomes>(() => ({})) : undefined;
  }

  record({ backend, tool, outcome, ms }: ToolCallRecord): void {
    // What the gateway answers itself tells nothing of a backend.
    if (backend === undefined) return;
    this.durations.at(backend, outcome).record(ms / 1000);
    if (!this.tools) return;
    const isCounted = this.tools.has(backend, tool) || this.tools.sizeOf(backend) < mostTools;
    const outcomes = this.tools.at(backend, isCounted ? tool : other);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
}
