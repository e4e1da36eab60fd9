// Brings the Python packages that tests talk to into environments of their own: one for each list in test/python.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, step } from './setup.mjs';

const lists = join(root, 'test', 'python');
const environments = join(root, 'node_modules', '.cache', 'cdktf-oci-mcp', 'python');

/**
 * Makes each environment that is missing or older than its list.
 * @returns why there are none; undefined where all is well
 */
export async function setUpPython() {
  const python = ['python3', 'python'].find((command) => isUsable(command));
  if (python === undefined) return 'Python 3.10 or later with venv and pip is not installed';
  const names = readdirSync(lists).filter((name) => name.startsWith('requirements'));
  for (const name of names) await setUpEnvironment(python, name);
  return undefined;
}

function isUsable(command) {
  const wanted = 'import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, 10) else 1)';
  return spawnSync(command, ['-c', wanted], { stdio: 'ignore' }).status === 0;
}

async function setUpEnvironment(python, name) {
  const list = join(lists, name);
  const environment = join(environments, name.replace(/^requirements-|\.txt$/g, ''));
  const stamp = join(environment, 'requirements.sha256');
  const wanted = createHash('sha256').update(readFileSync(list)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(environment, { recursive: true, force: true });
  await step(`making a Python environment of ${name}`, python, ['-m', 'venv', environment]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '-r', list];
  await step(`installing ${name}`, join(environment, 'bin', 'python'), pip);
  writeFileSync(stamp, wanted);
}
