import { existsSync, readFileSync } from 'node:fs';

/** An audit record as it stands in a file. */
export type AuditLine = Record<string, unknown>;

/** Every record in a file and in those that it became, oldest first; lines that are none are left out. */
export function auditLines(path: string): AuditLine[] {
  const files = [path];
  while (existsSync(`${path}.${files.length}`)) files.unshift(`${path}.${files.length}`);
  return files
    .flatMap((file) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []))
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as AuditLine];
      } catch {
        return [];
      }
    });
}
