import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { AuditFileConfig } from '../config/audit.js';
import type { ConfigFault } from '../errors.js';

const { R_OK, W_OK, X_OK } = constants;

/** What keeps audit records out of their file from the start: a gateway that may write none of them answers no call. */
export function auditPathFaults({ path }: AuditFileConfig): ConfigFault[] {
  const fault = (message: string): ConfigFault[] => [{ path: 'audit.file.path', message }];
  const stats = statSync(path, { throwIfNoEntry: false });
  // What is none cannot be moved away when it is full.
  if (stats && !stats.isFile()) return fault(`${path} is not a file; records go to the log by "stdout": true`);
  const [place, wanted] = stats ? [`file ${path}`, R_OK | W_OK] : [`directory ${dirname(path)}`, W_OK | X_OK];
  try {
    accessSync(stats ? path : dirname(path), wanted);
    return [];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return fault(
      `${place} ${code === 'ENOENT' ? 'does not exist; make it, or choose another' : `cannot be written (${code})`}`,
    );
  }
}
