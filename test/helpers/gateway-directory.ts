import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A directory for one test. */
export interface TestDirectory {
  readonly path: string;
  /** Writes a file, as JSON unless it is text already. @returns its path */
  write(name: string, content: unknown): string;
  remove(): void;
}

/** Makes a directory that the test has to remove. */
export function makeDirectory(): TestDirectory {
  const path = mkdtempSync(join(tmpdir(), 'gateway-'));
  return {
    path,
    write: (name, content) => {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
      return file;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
