import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ClientConfiguration } from 'oci-mcp-gateway/clients';

/** What became of the files of clients. */
export interface ClientFiles {
  /** Those that were written, below the folder. */
  readonly written: readonly string[];
  /** Those that were there before, which may hold other servers and are left as they are. */
  readonly kept: readonly string[];
}

/** Files that belong into a project. Others belong to a user, and have a place of their own on each system. */
const projectFile = /^(\.[\w-]+\/)?[\w.-]+\.json$/;

/** Writes the files that clients look for in a project. @param folder The project. */
export function writeClientFiles(folder: string, configurations: readonly ClientConfiguration[]): ClientFiles {
  const written: string[] = [];
  const kept: string[] = [];
  for (const { text, file } of configurations.flatMap(({ snippets }) => snippets)) {
    if (typeof file !== 'string' || !projectFile.test(file)) continue;
    const path = join(folder, file);
    if (existsSync(path)) {
      kept.push(file);
      continue;
    }
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${text}\n`);
    written.push(file);
  }
  return { written, kept };
}
