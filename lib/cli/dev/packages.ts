import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { templateFile } from '../../core/template-file';
import { CommandError } from '../command-error';
import type { Terminal } from '../terminal';

const run = promisify(execFile);

/** Bytes of output of an installation. */
const maxBuffer = 16 * 2 ** 20;

/** Where packages of servers are kept between two runs. */
export interface PackageStore {
  readonly directory: string;
  readonly terminal: Terminal;
  readonly env: NodeJS.ProcessEnv;
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal;
}

/**
 * Makes the packages of a Node server importable from its folder: those around it, where they are of the versions that it asks
 * for, else those that npm installs, once for each list.
 */
export async function nodePackages(folder: string, store: PackageStore): Promise<void> {
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) return;
  const { dependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    dependencies?: { [name: string]: string };
  };
  if (Object.entries(dependencies).every(([name, version]) => isAround(folder, name, version))) return;
  const lists = ['package.json', 'package-lock.json'].filter((name) => existsSync(join(folder, name)));
  const place = join(store.directory, 'node', hashOf(lists.map((name) => readFileSync(join(folder, name)))));
  await once(place, async () => {
    for (const name of lists) copyFileSync(join(folder, name), join(place, name));
    const command = lists.length > 1 ? 'ci' : 'install';
    // As in the image: what a package wants to run while it is installed is not run.
    const args = [command, '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
    await install(`installing the packages of ${folder}`, 'npm', args, { ...store, cwd: place });
  });
  symlinkSync(join(place, 'node_modules'), join(folder, 'node_modules'));
}

/** Whether Node finds a package from a folder, in the version that is asked for where that is one. */
function isAround(folder: string, name: string, wanted: string): boolean {
  const manifest = join(folder, 'node_modules', name, 'package.json');
  if (existsSync(manifest)) {
    return !/^\d/.test(wanted) || JSON.parse(readFileSync(manifest, 'utf8')).version === wanted;
  }
  const parent = dirname(folder);
  return parent !== folder && isAround(parent, name, wanted);
}

/**
 * An interpreter with the packages of a Python server: that of the active virtual environment, else one of an environment that is
 * made once for each list.
 * @returns path of the interpreter
 */
export async function pythonPackages(folder: string, store: PackageStore): Promise<string> {
  const { VIRTUAL_ENV } = store.env;
  if (VIRTUAL_ENV) return join(VIRTUAL_ENV, 'bin', 'python');
  const list = ['requirements.txt', 'pyproject.toml'].find((name) => existsSync(join(folder, name)));
  const file = list === undefined ? templateFile('python-function/requirements.txt') : join(folder, list);
  const place = join(store.directory, 'python', hashOf([readFileSync(file)]));
  const python = join(place, 'bin', 'python');
  await once(place, async () => {
    const base = await basePython(store);
    await install('making a Python environment', base, ['-m', 'venv', place], { ...store, cwd: folder });
    const what = list === 'pyproject.toml' ? ['.'] : ['--requirement', file];
    const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', ...what];
    await install(`installing the packages of ${folder}`, python, args, { ...store, cwd: folder });
  });
  return python;
}

async function basePython({ env }: PackageStore): Promise<string> {
  const program = 'import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, 10) else 1)';
  for (const name of ['python3', 'python']) {
    const isUsable = await run(name, ['-c', program], { env }).then(
      () => true,
      () => false,
    );
    if (isUsable) return name;
  }
  throw new CommandError({
    what: 'no Python runs the server',
    allowed: 'Python 3.10 or later with venv, as python3 or python',
    fix: 'install it, or activate a virtual environment that has the packages',
  });
}

/** Does some work in a folder, unless it was done there before. */
async function once(place: string, work: () => Promise<void>): Promise<void> {
  const stamp = join(place, '.complete');
  if (existsSync(stamp)) return;
  mkdirSync(place, { recursive: true });
  await work();
  writeFileSync(stamp, '');
}

async function install(
  title: string,
  program: string,
  args: readonly string[],
  { cwd, terminal, env, signal }: Omit<PackageStore, 'directory'> & { readonly cwd: string },
): Promise<void> {
  try {
    await terminal.progress(title, () => run(program, args, { cwd, env, signal, maxBuffer }));
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    const said = `${stdout}${stderr}`.trim().split('\n').slice(-12).join('\n') || message;
    throw new CommandError({
      what: `${title} failed\n${said.replace(/^/gm, '  ')}`,
      got: [program, ...args].join(' '),
      fix: 'mend what it says',
    });
  }
}

function hashOf(contents: readonly Buffer[]): string {
  const hash = createHash('sha256');
  for (const content of contents) hash.update(createHash('sha256').update(content).digest());
  return hash.digest('hex').slice(0, 16);
}
