import { join, parse } from 'node:path';
import { type AuditConfig, type AuditFileConfig, AuditSchema } from '../config/audit.js';
import type { GatewayConfig } from '../config/index.js';
import type { AuditRecord, AuditHistory as History, AuditTrail as Trail } from '../contracts/audit.js';
import type { Logger } from '../contracts/host.js';
import type { Meters } from '../contracts/meters.js';
import { AuditFile } from './audit-file.js';
import { AuditHistory } from './audit-history.js';
import { auditLog } from './audit-log.js';
import { AuditPublisher, type AuditPublisherOptions } from './audit-publisher.js';
import { createLogger } from './logger.js';
import { plainLine } from './plain-line.js';
import { RecentRecords } from './recent-records.js';

/** What records hold of arguments where there are no records. */
export const nothingAudited: Pick<AuditConfig, 'arguments' | 'redact'> = { arguments: 'none', redact: [] };

/** What the audit trail needs from the rest of the gateway. */
export interface AuditTrailOptions {
  readonly config: GatewayConfig;
  /** Which of the workers this is. @default 1 */
  readonly worker?: number;
  /** Takes log lines. */
  readonly logs: { write(line: string): void };
  readonly logger: Logger;
  readonly meters: Meters;
  /** Sends the body of a PutLogs request, signed; absent where records do not go to OCI Logging. */
  readonly send?: AuditPublisherOptions['send'];
}

/** Puts audit records where the configuration says. */
export class AuditTrail implements Trail {
  readonly config: AuditConfig;
  /** Records of the past: those in the file, or else the last ones. */
  readonly history: History;
  readonly #recent: RecentRecords | undefined;
  readonly #log: ((record: AuditRecord) => void) | undefined;
  readonly #file: AuditFile | undefined;
  readonly #publisher: AuditPublisher | undefined;

  constructor({ config, worker = 1, logs, logger, meters, send }: AuditTrailOptions) {
    this.config = config.audit ?? AuditSchema.parse({});
    const { stdout } = this.config;
    const files = this.config.file && filesOf(this.config.file, config.workers);
    const file = files?.[worker - 1];
    // The audit log is switched by its own field, not by the level of the other lines.
    this.#log = stdout ? auditLog(createLogger({ ...config, log_level: 'INFO' }, logs)) : undefined;
    const dropped = (records: number) => meters.auditDropped(records);
    this.#file = file && new AuditFile({ config: file, logger, dropped });
    const recent = new RecentRecords();
    this.#recent = file ? undefined : recent;
    this.history = files ? new AuditHistory(files) : recent;
    this.#publisher = send && new AuditPublisher({ gateway: config.name, send, logger, dropped });
  }

  ready(): Promise<void> | undefined {
    return this.#file?.ready();
  }

  record(record: AuditRecord, isAlone = false): Promise<void> | undefined {
    this.#log?.(record);
    this.#recent?.record(record);
    if (!this.#file && !this.#publisher) return undefined;
    const json = plainLine(JSON.stringify(record));
    this.#publisher?.add(record, json);
    return this.#file?.append(`${json}\n`, isAlone);
  }

  start(): void {
    this.#publisher?.start();
  }

  /** Writes and sends what waits, at most for 3 s. */
  async close(): Promise<void> {
    await Promise.all([this.#file?.close(), this.#publisher?.close()]);
  }
}

/** The files of all workers: two of them could not rotate the same one. The first one has the name in the configuration. */
function filesOf(file: AuditFileConfig, workers: number): AuditFileConfig[] {
  const { dir, name, ext } = parse(file.path);
  return Array.from({ length: workers }, (_, index) => ({
    ...file,
    path: index === 0 ? file.path : join(dir, `${name}.worker-${index + 1}${ext}`),
  }));
}
