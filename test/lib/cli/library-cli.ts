import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { repository } from '../../helpers/imports';

/** The built program. */
export const cliMain = join(repository, 'lib', 'dist', 'cli', 'main.js');

/** What a run of the program came to. */
export interface CliRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program as a user does whose streams are no terminal. */
export function runCli(
  args: readonly string[],
  options: { readonly cwd?: string; readonly input?: string } = {},
): CliRun {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cliMain, ...args], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
    ...options,
  });
  return { status, stdout, stderr };
}
