import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CommandError } from './command-error';

/** A CDKTF project: the folder of a `cdktf.json`. */
export interface Project {
  readonly directory: string;
  /** Command that synthesizes. */
  readonly app: string;
  /** Absolute path of the output folder. */
  readonly output: string;
  /** Context of the app, as `cdktf.json` says it. */
  readonly context?: object;
}

/** What a user says about the project. */
export interface ProjectOptions {
  /** The folder, or one below it. @default - the working directory */
  readonly project?: string;
  /** Command that synthesizes. @default - `app` of cdktf.json */
  readonly app?: string;
}

/**
 * The project of a folder.
 * @throws {CommandError} when there is none, or its `cdktf.json` names no app
 */
export function findProject({ project = '.', app }: ProjectOptions): Project {
  const from = resolve(project);
  const directory = folderOf(from);
  if (directory === undefined) {
    throw new CommandError({
      what: 'no CDKTF project is here',
      got: from,
      allowed: 'a folder with a cdktf.json, or one below it',
      fix: 'change to the project, pass --project DIR, or begin one with `cdktf-oci-mcp init`',
    });
  }
  const file = join(directory, 'cdktf.json');
  const settings = readSettings(file);
  const command = app ?? settings.app;
  if (typeof command !== 'string' || command.trim() === '') {
    throw new CommandError({
      what: `${file} names no app`,
      got: JSON.stringify(command),
      allowed: 'the command that synthesizes, such as "npx tsx main.ts"',
      fix: 'write it as "app", or pass --app COMMAND',
    });
  }
  const output = typeof settings.output === 'string' ? settings.output : 'cdktf.out';
  return { directory, app: command, output: resolve(directory, output), context: settings.context };
}

function folderOf(directory: string): string | undefined {
  if (existsSync(join(directory, 'cdktf.json'))) return directory;
  const parent = dirname(directory);
  return parent === directory ? undefined : folderOf(parent);
}

function readSettings(file: string): { app?: unknown; output?: unknown; context?: object } {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new CommandError({ what: `${file} is not JSON`, got: (error as Error).message, fix: 'mend the file' });
  }
}
