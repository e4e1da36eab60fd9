import type { Logger } from '../contracts/host.js';
import type { ReloadStatus } from '../contracts/reload-status.js';
import { type ConfigFault, formatFault } from '../errors.js';

/** What came of reading the configuration again. */
export interface ReloadOutcome {
  /** Whether anything is served otherwise than before. */
  readonly hasChanged: boolean;
  readonly faults: readonly ConfigFault[];
  /** What works but may not be meant. */
  readonly warnings: readonly ConfigFault[];
  /** Fields that differ but need a restart. */
  readonly ignored: readonly string[];
}

/** Remembers how reading the configuration again went, and tells of what is new about that, once. */
export class ReloadRecord implements ReloadStatus {
  readonly counts = { success: 0, failure: 0 };
  lastReload: number | undefined;
  lastSuccess: number | undefined;
  faults: readonly ConfigFault[] = [];
  readonly #logger: Logger;
  #warnings: ReadonlySet<string>;
  #ignored = '';

  /** @param warnings Those that were told at the start. */
  constructor(logger: Logger, warnings: readonly ConfigFault[] = []) {
    this.#logger = logger;
    this.#warnings = new Set(warnings.map(formatFault));
  }

  note({ hasChanged, faults, warnings, ignored }: ReloadOutcome): void {
    this.lastReload = Date.now();
    if (faults.length === 0) this.lastSuccess = this.lastReload;
    this.counts[faults.length === 0 ? 'success' : 'failure'] += 1;
    this.#tellFaults(faults);
    this.#tellWarnings(warnings);
    this.#tellIgnored(ignored.join(', '));
    if (hasChanged) this.#logger.info({}, 'configuration was changed');
  }

  #tellFaults(faults: readonly ConfigFault[]): void {
    const before = new Set(this.faults.map(formatFault));
    const sources = new Set(faults.map(({ path }) => path));
    for (const fault of faults) {
      if (before.has(formatFault(fault))) continue;
      this.#logger.warn({ fault: formatFault(fault) }, 'configuration fault; what could last be used stays');
    }
    for (const source of new Set(this.faults.map(({ path }) => path))) {
      if (!sources.has(source)) this.#logger.info({ source }, 'configuration is good again');
    }
    this.faults = faults;
  }

  #tellWarnings(warnings: readonly ConfigFault[]): void {
    const told = this.#warnings;
    this.#warnings = new Set(warnings.map(formatFault));
    for (const warning of this.#warnings) if (!told.has(warning)) this.#logger.warn({ warning }, 'configuration');
  }

  #tellIgnored(ignored: string): void {
    if (ignored !== '' && ignored !== this.#ignored) this.#logger.warn({}, `needs a restart: ${ignored}`);
    this.#ignored = ignored;
  }
}
