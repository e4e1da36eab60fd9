import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(__dirname, '..', '..');

/**
 * Synthesizes an app as its users do, in a process of its own.
 *
 * @param main Path of the app from the root of the repository: `examples/quickstart/main.ts`.
 * @param environment Variables beside those of this process.
 * @returns text of every file written, by its path below the output folder
 * @throws with what the app printed, where it fails
 */
export async function synthApp(
  main: string,
  environment: { readonly [name: string]: string } = {},
): Promise<ReadonlyMap<string, string>> {
  const outdir = await mkdtemp(join(tmpdir(), 'synth-'));
  try {
    const env = { ...process.env, NODE_OPTIONS: '', ...environment, CDKTF_OUTDIR: outdir };
    await promisify(execFile)(process.execPath, ['--import', 'tsx', main], { cwd: root, env });
    const entries = await readdir(outdir, { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
    return new Map(paths.map((path, i) => [path.slice(outdir.length + 1), texts[i] ?? '']));
  } finally {
    await rm(outdir, { recursive: true });
  }
}
