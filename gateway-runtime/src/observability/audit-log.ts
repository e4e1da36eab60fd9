import type { AuditRecord } from '../contracts/audit.js';
import type { Logger } from '../contracts/host.js';

const messages = {
  'tools/call': 'tool called',
  'prompts/get': 'prompt read',
  'resources/read': 'resource read',
  authenticate: 'caller refused',
} as const satisfies Record<AuditRecord['method'], string>;

/** Writes one log line per record. */
export function auditLog(logger: Logger): (record: AuditRecord) => void {
  return (record) => logger.info({ audit: record }, messages[record.method]);
}
