import { matchesName } from '../config/name-pattern.js';
import type { AuditFilter, AuditRecord } from '../contracts/audit.js';

/** Whether a record is looked for. */
export function matchesFilter({ tool, since, until, ...exact }: AuditFilter, record: AuditRecord): boolean {
  if (tool !== undefined && !(record.method === 'tools/call' && matchesName(tool, record.tool))) return false;
  if (since !== undefined && record.time < since) return false;
  if (until !== undefined && record.time > until) return false;
  const wanted = Object.entries(exact) as [keyof typeof exact, string | undefined][];
  return wanted.every(([member, value]) => value === undefined || value === record[member]);
}
