import { copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { makeDirectory, type TestDirectory } from './gateway-directory.js';
import { repository } from './imports.js';

/** A folder as a Dockerfile of the templates would fill it: files of the repository, and the packages they import. */
export function makeFunctionFolder(files: readonly string[]): TestDirectory {
  const directory = makeDirectory();
  mkdirSync(directory.path, { recursive: true });
  for (const file of files) copyFileSync(join(repository, file), join(directory.path, basename(file)));
  symlinkSync(join(repository, 'node_modules'), join(directory.path, 'node_modules'));
  return directory;
}
