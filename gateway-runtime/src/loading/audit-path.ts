import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { AuditFileConfig } from '../config/audit.js';
import type { ConfigFault } from '../errors.js';

/** What keeps audit records out of their file from the start: a gateway that may write none of them answers no call. */
export function auditPathFaults({ path }: AuditFileConfig): ConfigFault[] {
  const [what, place, wanted] = existsSync(path)
    ? ['file', path, constants.R_OK | constants.W_OK]
    : ['directory', dirname(path), constants.W_OK | constants.X_OK];
  try {
    accessSync(place, wanted);
    return [];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'does not exist; make it, or choose another' : `cannot be written (${code})`;
    return [{ path: 'audit.file.path', message: `${what} ${place} ${reason}` }];
  }
}
