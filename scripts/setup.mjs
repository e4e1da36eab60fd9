// Brings a fresh clone to where it can run: packages installed, workspaces built. Uses nothing but Node.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What each workspace is built from and into, in the order in which they need each other. */
const workspaces = [
  {
    name: 'provider-oci',
    sources: ['package.json', 'subset.json', 'schema', 'scripts', 'runtime'],
    product: 'lib/core-vcn/index.js',
  },
  {
    name: 'gateway-runtime',
    sources: ['package.json', 'build.mjs', 'tsconfig.json', 'tsconfig.console.json', 'src', 'console'],
    product: 'dist/main.js',
  },
  { name: 'lib', sources: ['.'], product: 'dist/index.js' },
];

/** Installs packages and builds workspaces where something is missing or older than its sources. */
export async function setUp() {
  if (!isInstalled()) await step('installing packages', 'npm', ['ci', '--no-fund', '--no-audit']);
  for (const workspace of workspaces) await build(workspace);
}

async function build({ name, sources, product }) {
  const stamp = join(root, 'node_modules', '.cache', 'cdktf-oci-mcp', `${name}.sha256`);
  const hash = createHash('sha256').update(readFileSync(join(root, 'tsconfig.json')));
  for (const file of sources.flatMap((source) => filesBelow(join(root, name, source)))) {
    hash.update(relative(root, file)).update(readFileSync(file));
  }
  const wanted = hash.digest('hex');
  const isCurrent = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  if (isCurrent && existsSync(join(root, name, product))) return;
  await step(`building ${name}`, 'npm', ['run', '--silent', 'build', '-w', name]);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** The files below a folder in a fixed order, products and installed packages left out; a file is its own list. */
function filesBelow(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => name !== 'dist' && name !== 'node_modules')
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

/** Whether every package of the lock file that this platform needs is there in its version. */
function isInstalled() {
  const hidden = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(hidden)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(hidden, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional, link }]) =>
      !path.includes('node_modules/') || optional || link || present[path]?.version === version,
  );
}

/**
 * Runs one command, showing what is under way and how long it took; its output is shown when it fails.
 * @returns what it wrote to its standard output
 */
export async function step(title, command, args, env = {}) {
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(0)} s`;
  const live = process.stderr.isTTY;
  const ticker = live && setInterval(() => process.stderr.write(`\r  ${title} … ${seconds()} `), 500);
  const result = await run(command, args, env);
  if (ticker) clearInterval(ticker);
  process.stderr.write(`${live ? '\r' : ''}  ${title} … ${result.code === 0 ? 'done' : 'failed'} in ${seconds()}\n`);
  if (result.code !== 0) throw new StepFailure(title, result);
  return result.output;
}

/** A command of the set-up that ended with an error; the message holds what it printed. */
export class StepFailure extends Error {
  constructor(title, { code, output, errors }) {
    super(`${title} failed with exit code ${code}:\n${[output, errors].filter(Boolean).join('\n').trim()}`);
  }
}

function run(command, args, env) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, CHECKPOINT_DISABLE: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let errors = '';
    child.stdout.on('data', (text) => {
      output += text;
    });
    child.stderr.on('data', (text) => {
      errors += text;
    });
    child.on('error', (error) => resolve({ code: 127, output, errors: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output, errors }));
  });
}
