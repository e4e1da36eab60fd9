import { readdir, readFile } from 'node:fs/promises';

/**
 * Bytes of memory that process groups hold: the sum of the resident sets of their processes. A page that several of them share
 * counts for each. https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
 *
 * @param groups Ids of process groups.
 * @throws where processes cannot be looked at through `/proc`
 */
export async function groupMemory(groups: ReadonlySet<number>): Promise<ReadonlyMap<number, number>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const bytes = new Map<number, number>();
  // One after the other: a machine with thousands of processes must not keep as many files open.
  for (const pid of pids) {
    // A process may have ended since.
    const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '');
    const group = Number(/^NSpgid:\s+(\d+)/m.exec(status)?.[1]);
    if (!groups.has(group)) continue;
    const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    bytes.set(group, (bytes.get(group) ?? 0) + kilobytes * 1024);
  }
  return bytes;
}
