import { basename, dirname, resolve } from 'node:path';
import { projectFiles } from './project-files.js';
import type { Sources } from './sources.js';

/** A directory in which something may change that a configuration was made of. */
export interface Watched {
  readonly directory: string;
  /** Whether it matters that this entry of the directory came, went or changed. @param isDirectory Looks what it is now. */
  concerns(name: string, isDirectory: () => boolean): boolean;
}

/** Links by which Kubernetes replaces all files of a mounted ConfigMap or Secret at once. */
const isSwap = (name: string) => name.startsWith('..data');

/** Where changes show of a file, whoever replaces it and however. */
export function watchedFile(file: string): Watched {
  return { directory: dirname(resolve(file)), concerns: (name) => name === basename(file) || isSwap(name) };
}

/** Where changes show of everything that was read, but for single files. @param directories Of drop-in files. */
export function watchedDirectories(directories: readonly string[], { scans }: Sources): Watched[] {
  const clientFiles = new Set([...Object.keys(projectFiles), ...Object.values(projectFiles).flat()]);
  return [
    ...directories.flatMap((directory) => [
      itself(directory),
      { directory, concerns: (name: string) => name.endsWith('.json') || isSwap(name) },
    ]),
    ...scans.flatMap(({ path, directories }) => [
      itself(path),
      ...directories.map((directory) => ({
        directory,
        concerns: (name: string, isDirectory: () => boolean) =>
          clientFiles.has(name) || (!name.startsWith('.') && name !== 'node_modules' && isDirectory()),
      })),
    ]),
  ];
}

/** Where it shows that a directory itself comes or goes. */
function itself(directory: string): Watched {
  const path = resolve(directory);
  return { directory: dirname(path), concerns: (name) => name === basename(path) };
}
