import { type FSWatcher, lstatSync, statSync, watch } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Logger } from '../contracts/host.js';
import type { Watched } from '../loading/watched.js';

/** Directories that are watched at most: what the kernel watches is limited, and shared with other programs. */
const mostDirectories = 1000;

interface Watch {
  readonly watcher: FSWatcher;
  /** Which directory it was: another one of the same name needs a watch of its own. */
  readonly inode: string;
  reasons: Watched[];
}

/**
 * Tells when something changes in directories. Watching these, and not the files in them, shows files that are replaced by
 * renaming, and all of a mounted ConfigMap, whose files are links that never change themselves.
 * https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/#mounted-configmaps-are-updated-automatically
 */
export class Watcher {
  readonly #watches = new Map<string, Watch>();
  readonly #onChange: () => void;
  readonly #logger: Logger;
  #hasTold = false;

  constructor(onChange: () => void, logger: Logger) {
    this.#onChange = onChange;
    this.#logger = logger;
  }

  /** Watches these directories and no others. @returns whether one of them was not watched before */
  follow(watched: readonly Watched[]): boolean {
    const wanted = new Map<string, Watched[]>();
    for (const each of watched.map(existing)) wanted.set(each.directory, [...(wanted.get(each.directory) ?? []), each]);
    for (const [directory, { watcher, inode }] of this.#watches) {
      if (wanted.has(directory) && inode === inodeOf(directory)) continue;
      watcher.close();
      this.#watches.delete(directory);
    }
    let hasMore = false;
    for (const [directory, reasons] of wanted) {
      const known = this.#watches.get(directory);
      if (known) known.reasons = reasons;
      else hasMore = this.#begin(directory, reasons) || hasMore;
    }
    return hasMore;
  }

  close(): void {
    for (const { watcher } of this.#watches.values()) watcher.close();
    this.#watches.clear();
  }

  #begin(directory: string, reasons: Watched[]): boolean {
    if (this.#watches.size >= mostDirectories) {
      this.#tell(`more than ${mostDirectories} directories`);
      return false;
    }
    try {
      const inode = inodeOf(directory);
      const watcher = watch(directory, { persistent: false }, (_, name) => this.#look(directory, name));
      watcher.on('error', () => this.#end(directory, watcher));
      this.#watches.set(directory, { watcher, inode, reasons });
      return true;
    } catch (error) {
      this.#tell((error as NodeJS.ErrnoException).code ?? 'unknown');
      return false;
    }
  }

  #look(directory: string, name: string | null): void {
    const reasons = this.#watches.get(directory)?.reasons ?? [];
    const isConcerned = (entry: string) =>
      reasons.some((reason) => reason.concerns(entry, () => isDirectory(join(directory, entry))));
    if (name === null || isConcerned(name)) this.#onChange();
  }

  #end(directory: string, watcher: FSWatcher): void {
    watcher.close();
    this.#watches.delete(directory);
    this.#onChange();
  }

  #tell(reason: string): void {
    if (this.#hasTold) return;
    this.#hasTold = true;
    this.#logger.warn({ reason }, 'not every directory can be watched; changes are found more slowly');
  }
}

/** The same, or the nearest directory above it that there is, in which it would appear. */
function existing({ directory, concerns }: Watched): Watched {
  const path = resolve(directory);
  if (inodeOf(path) !== '') return { directory: path, concerns };
  let [above, below] = [dirname(path), path];
  while (inodeOf(above) === '' && dirname(above) !== above) [above, below] = [dirname(above), above];
  return { directory: above, concerns: (name) => join(above, name) === below };
}

/** Whether it is a directory itself, and no link to one. */
function isDirectory(path: string): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Which directory it is; empty when there is none. */
function inodeOf(directory: string): string {
  try {
    const stats = statSync(directory, { bigint: true });
    return stats.isDirectory() ? `${stats.dev} ${stats.ino}` : '';
  } catch {
    return '';
  }
}
