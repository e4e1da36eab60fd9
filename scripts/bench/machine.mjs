// What is done with processors and processes, where the machine can.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Whether a process can be given a processor of its own. */
export const canPin = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0;

/** A command that runs on one processor, or on those of a list. @returns command and arguments */
export function pinned(processor, command, args) {
  return canPin ? ['taskset', ['-c', String(processor), command, ...args]] : [command, args];
}

/** Moves this process to a processor. */
export function pinSelf(processor) {
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', String(processor), String(process.pid)]);
}

/** Seconds of processor time that a process has used; undefined where nobody knows. */
export function processorSeconds(pid) {
  if (!existsSync('/proc/self/stat')) return undefined;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Megabytes that a process holds; undefined where nobody knows. */
export function residentMegabytes(pid) {
  if (!existsSync('/proc/self/status')) return undefined;
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}
