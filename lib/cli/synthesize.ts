import { spawn } from 'node:child_process';
import { delimiter, join, resolve as resolvePath } from 'node:path';
import { CommandError } from './command-error';
import { findProject, type Project, type ProjectOptions } from './project';
import type { Terminal } from './terminal';

/** Bytes of what an app prints that are kept to explain a failure. */
const mostKept = 64 * 1024;

/** The output folder that a user names, or that of the project, synthesized now. @returns an absolute path */
export async function outputFolder(
  directory: string | undefined,
  options: ProjectOptions,
  terminal: Terminal,
): Promise<string> {
  if (directory !== undefined) return resolvePath(directory);
  return synthesize(findProject(options), terminal);
}

/**
 * Runs the app of a project, as `cdktf synth` does.
 * @param output The folder to write to. @default - that of the project
 * @returns the output folder
 * @throws {CommandError} with what the app said, when it fails
 */
export async function synthesize(
  project: Project,
  terminal: Terminal,
  options: { readonly output?: string; readonly signal?: AbortSignal } = {},
): Promise<string> {
  const { output = project.output, signal } = options;
  const { code, printed } = await terminal.progress(`synthesizing ${project.directory}`, () =>
    runApp(project, output, signal),
  );
  if (code === 0) return output;
  throw new CommandError({
    what: `the app does not synthesize\n${reasonIn(printed).replace(/^/gm, '  ')}`,
    got: `exit code ${code} of \`${project.app}\` in ${project.directory}`,
    fix: 'mend what it says',
  });
}

function runApp(
  { directory, app, context }: Project,
  output: string,
  signal?: AbortSignal,
): Promise<{ code: number | null; printed: string }> {
  const env = {
    ...process.env,
    PATH: [join(directory, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
    CDKTF_OUTDIR: output,
    CHECKPOINT_DISABLE: '1',
    ...(context && { CDKTF_CONTEXT_JSON: JSON.stringify(context) }),
  };
  return new Promise((resolve) => {
    // As a user types it, so a shell reads it.
    const child = spawn(app, { cwd: directory, env, shell: true, stdio: ['ignore', 'pipe', 'pipe'], signal });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        printed = (printed + text).slice(-mostKept);
      });
    }
    child.once('error', (error) => resolve({ code: null, printed: error.message }));
    child.once('close', (code) => resolve({ code, printed }));
  });
}

/** What is wrong, without where in the library it was found. */
function reasonIn(printed: string): string {
  const lines = printed.split('\n').filter((line) => !/^\s+at .*[:(]|^Node\.js v\d|^\s*\^\s*$/.test(line));
  const error = lines.findIndex((line) => /^\w*Error\b/.test(line));
  return lines
    .slice(Math.max(0, error))
    .filter((line) => line.trim() !== '')
    .join('\n')
    .trim();
}
