import { createHash } from 'node:crypto';

/** What stands for a caller on a shared server: who reads there learns nobody's name. */
export function digest(caller: string): string {
  return createHash('sha256').update(caller).digest('base64url');
}
