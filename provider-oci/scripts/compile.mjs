import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Folders given to one run of the compiler: keeps the memory of a complete build at about 2 GB. */
const FOLDERS_PER_RUN = 400;

const COMPILER_OPTIONS = {
  target: 'es2022',
  lib: ['es2022'],
  types: [],
  module: 'commonjs',
  moduleResolution: 'bundler',
  strict: true,
  declaration: true,
  skipLibCheck: true,
  noEmitOnError: true,
};

/**
 * Compiles generated folders to CommonJS with declarations.
 *
 * @param {object} options
 * @param {string} options.rootDir holds the folders
 * @param {string[]} options.folders
 * @param {string} options.outDir
 * @param {(done: number, total: number) => void} options.onProgress counted in folders
 * @throws Error with the compiler's own messages
 */
export async function compileBindings({ rootDir, folders, outDir, onProgress }) {
  for (let start = 0; start < folders.length; start += FOLDERS_PER_RUN) {
    const chunk = folders.slice(start, start + FOLDERS_PER_RUN);
    const project = join(rootDir, 'tsconfig.json');
    const files = chunk.map((folder) => `./${folder}/index.ts`);
    writeFileSync(project, JSON.stringify({ compilerOptions: { ...COMPILER_OPTIONS, rootDir, outDir }, files }));
    await tsc(project);
    onProgress(start + chunk.length, folders.length);
  }
}

async function tsc(project) {
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
  try {
    await run(process.execPath, [join(typescript, 'bin', 'tsc'), '-p', project], { maxBuffer: 64 * 2 ** 20 });
  } catch (error) {
    if (!error.stdout) throw error;
    throw new Error(`the generated bindings do not compile:\n${error.stdout}`);
  }
}
