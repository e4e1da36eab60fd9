import type { AuditRecord } from '../config/audit.js';
import type { Logger } from '../config/host.js';

/** Writes one log line per tools/call. */
export function auditLog(logger: Logger): (record: AuditRecord) => void {
  return (record) => logger.info({ audit: record }, 'tool called');
}
