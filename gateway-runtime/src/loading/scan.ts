import { type Dirent, opendirSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigFault } from '../errors.js';
import type { Environment } from './flags.js';
import { reasonOf } from './json-file.js';
import { type ProjectFile, projectFiles, readProjectFile } from './project-files.js';

/** How far below a path is looked, and at how much: whatever is more was not meant. */
const limits = { depth: 3, entries: 20_000, files: 100 };

/** What is below a path. */
export interface Scan {
  readonly path: string;
  readonly files: readonly ProjectFile[];
  /** Every directory that was looked into. */
  readonly directories: readonly string[];
  /** Why the path itself cannot be looked into. */
  readonly faults: readonly ConfigFault[];
  /** What was not looked at. */
  readonly warnings: readonly ConfigFault[];
}

/**
 * Looks for the files of MCP clients at a path and up to three levels below it. Links are not followed, so that nothing outside
 * is read; what is hidden is left out, but for the folders in which clients keep such files.
 */
export function scan(path: string, environment: Environment): Scan {
  const walk = new Walk();
  walk.into(path, 0);
  const files = walk.files.slice(0, limits.files).map((file) => readProjectFile(file, environment));
  const { directories, faults, warnings } = walk;
  if (walk.files.length > limits.files) {
    warnings.push({ path, message: `has more than ${limits.files} files of MCP clients; the others are left out` });
  }
  return { path, files, directories, faults, warnings };
}

class Walk {
  readonly files: string[] = [];
  readonly directories: string[] = [];
  readonly faults: ConfigFault[] = [];
  readonly warnings: ConfigFault[] = [];
  #entries = 0;

  into(directory: string, depth: number): void {
    const entries = this.#list(directory, depth);
    this.#take(directory, entries, '.');
    for (const folder of Object.keys(projectFiles)) {
      if (!entries.some((entry) => entry.name === folder && entry.isDirectory())) continue;
      const place = join(directory, folder);
      this.#take(place, this.#list(place, depth + 1), folder);
    }
    if (depth === limits.depth) return;
    for (const entry of entries) {
      const isMeant = !entry.name.startsWith('.') && entry.name !== 'node_modules';
      if (isMeant && entry.isDirectory()) this.into(join(directory, entry.name), depth + 1);
    }
  }

  #take(directory: string, entries: readonly Dirent[], folder: string): void {
    const names = projectFiles[folder] ?? [];
    const found = entries.filter((entry) => names.includes(entry.name) && entry.isFile());
    this.files.push(...found.map(({ name }) => join(directory, name)));
  }

  /** Entries in the order of their names. */
  #list(directory: string, depth: number): Dirent[] {
    const entries: Dirent[] = [];
    if (this.#entries >= limits.entries) return entries;
    try {
      const opened = opendirSync(directory);
      this.directories.push(directory);
      try {
        for (let entry = opened.readSync(); entry; entry = opened.readSync()) {
          entries.push(entry);
          this.#entries += 1;
          if (this.#entries < limits.entries) continue;
          this.warnings.push({
            path: directory,
            message: `more than ${limits.entries} files and directories were looked at; whatever follows is left out`,
          });
          break;
        }
      } finally {
        opened.closeSync();
      }
    } catch (error) {
      (depth === 0 ? this.faults : this.warnings).push({ path: directory, message: reasonOf(error) });
    }
    return entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  }
}
