import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { IgnoreRules } from './ignore-rules';

/** A file of the folder that an image is built from. */
export interface ContextFile {
  /** Path below the folder, with slashes. */
  readonly path: string;
  readonly content: Buffer;
  readonly isExecutable: boolean;
}

/** What is never part of a server, unless a `.dockerignore` takes it back. */
const leftOut = ['**/.git', '**/node_modules', '**/.venv', '**/venv', '**/__pycache__', '**/*.pyc', '**/.DS_Store'];

/** What a folder has for an image, and what it should not have. */
export interface FolderContent {
  readonly files: readonly ContextFile[];
  /** Paths that are neither files nor folders, so that their content may lie anywhere. */
  readonly links: readonly string[];
}

/**
 * Reads a folder as Docker would, in an order that is the same on every machine.
 * @param keep Paths that are read even where a rule leaves them out.
 */
export function readFolder(directory: string, keep: readonly string[] = []): FolderContent {
  const ignoreFile = join(directory, '.dockerignore');
  const lines = existsSync(ignoreFile) ? readFileSync(ignoreFile, 'utf8').split(/\r?\n/) : [];
  const rules = new IgnoreRules([...leftOut, ...lines]);
  const files: ContextFile[] = [];
  const links: string[] = [];
  const walk = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const full = join(folder, entry.name);
      const path = relative(directory, full).split(sep).join('/');
      const isIgnored = rules.ignores(path) && !keep.includes(path);
      if (entry.isDirectory()) {
        if (!isIgnored || rules.hasExceptions) walk(full);
        continue;
      }
      if (isIgnored || path === '.dockerignore') continue;
      if (entry.isFile()) {
        files.push({ path, content: readFileSync(full), isExecutable: (statSync(full).mode & 0o100) !== 0 });
      } else {
        links.push(path);
      }
    }
  };
  walk(directory);
  return { files: sorted(files), links: links.sort() };
}

/** A hash of files and of whatever else the image depends on. */
export function hashOf(files: readonly ContextFile[], settings: object): string {
  const hash = createHash('sha256').update(JSON.stringify(settings));
  for (const { path, content, isExecutable } of sorted(files)) {
    hash.update(JSON.stringify([path, isExecutable, createHash('sha256').update(content).digest('hex')]));
  }
  return hash.digest('hex').slice(0, 32);
}

const staged: string[] = [];

/** Writes files below a new folder, readable for everyone, and removes it when the process ends. @returns its path */
export function stage(files: readonly ContextFile[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'image-context-'));
  if (staged.length === 0) process.once('exit', () => staged.forEach((each) => void rmSync(each, { recursive: true })));
  staged.push(folder);
  for (const { path, content, isExecutable } of files) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
    // The user of the container is not the one who synthesizes.
    chmodSync(target, isExecutable ? 0o755 : 0o644);
  }
  return folder;
}

/** By code units: the order must not depend on the language of the machine. */
function sorted(files: readonly ContextFile[]): ContextFile[] {
  return [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
}
