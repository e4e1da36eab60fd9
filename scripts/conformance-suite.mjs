// Brings the official conformance suite and runs it: https://github.com/modelcontextprotocol/conformance
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, step } from './setup.mjs';

const source = join(root, 'test', 'conformance', 'suite');
const folder = join(root, 'node_modules', '.cache', 'cdktf-oci-mcp', 'conformance');
const suite = join(folder, 'node_modules', '@modelcontextprotocol', 'conformance');

/** The suite imports what came with Node.js 22; for an older one npm has a Node.js to bring along. */
const isNewEnough = Number(process.versions.node.split('.')[0]) >= 22;

/** Installs the suite where it is missing or older than its lock file. */
export async function setUpSuite() {
  const stamp = join(folder, 'package-lock.sha256');
  const lock = readFileSync(join(source, 'package-lock.json'));
  const wanted = `${createHash('sha256').update(lock).digest('hex')} ${isNewEnough}`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(source, name), join(folder, name));
  const args = ['ci', '--prefix', folder, '--ignore-scripts', '--no-fund', '--no-audit'];
  await step('installing the conformance suite', 'npm', isNewEnough ? [...args, '--omit=optional'] : args);
  writeFileSync(stamp, wanted);
}

/** Version of the suite that the lock file names. */
export function suiteVersion() {
  return JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')).dependencies[
    '@modelcontextprotocol/conformance'
  ];
}

/** The scenarios that a revision of the specification requires of a `server` or a `client`, as the suite lists them. */
export function requiredScenarios(revision, leg) {
  const lines = readFileSync(join(suite, 'requirements', `${revision}.yaml`), 'utf8').split('\n');
  const start = lines.indexOf(`${leg}:`) + 1;
  const length = lines.slice(start).findIndex((line) => !line.startsWith('  - '));
  return lines.slice(start, start + length).map((line) => line.slice('  - '.length));
}

/**
 * Runs every server scenario of a revision, those that are not scored too.
 * @returns for each what passed and, of what did not, the suite's own words
 */
export async function runServerScenarios(revision, url) {
  const required = requiredScenarios(revision, 'server');
  return withFolder(async (output) => {
    const printed = await run(['server', '--url', url, '--requirements', revision, '--output-dir', output]);
    const lines = [...printed.matchAll(/^[✓✗] (\S+): (\d+) passed, (\d+) failed/gm)];
    if (lines.length === 0) throw new Error(`the conformance suite printed no result:\n${printed.slice(-4000)}`);
    return lines.map(([, scenario, passed, failed]) => ({
      scenario,
      isScored: required.includes(scenario),
      passed: Number(passed),
      failed: Number(failed),
      messages: messagesOf(output, `server-${scenario}`) ?? [thrown(printed, scenario)],
    }));
  });
}

/** Runs one client scenario of a revision: the suite serves, and starts `command` with its URL. */
export async function runClientScenario(revision, scenario, command) {
  return withFolder(async (output) => {
    const args = ['client', '--command', command, '--scenario', scenario, '--spec-version', revision];
    const printed = await run([...args, '--output-dir', output]);
    const [, passed = '0', , failed = '1'] = /Passed: (\d+)\/(\d+), (\d+) failed/.exec(printed) ?? [];
    return {
      scenario,
      isScored: true,
      passed: Number(passed),
      failed: Number(failed),
      messages: messagesOf(output, scenario) ?? [printed.slice(-2000)],
    };
  });
}

/** Failed checks and warnings of a scenario; undefined where the suite wrote nothing because it gave up. */
function messagesOf(output, scenario) {
  const name = readdirSync(output).find(
    (entry) => entry.startsWith(scenario) && /^-\d{4}-\d\d-\d\dT/.test(entry.slice(scenario.length)),
  );
  const file = name && join(output, name, 'checks.json');
  if (!file || !existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, 'utf8'))
    .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
    .map(({ id, status, errorMessage, description }) => `${status} ${id}: ${errorMessage ?? description}`);
}

function thrown(printed, scenario) {
  const [, text = 'no result'] = new RegExp(`Failed to run scenario ${scenario}: (.*)`).exec(printed) ?? [];
  return `FAILURE ${text}`;
}

async function withFolder(use) {
  const output = mkdtempSync(join(tmpdir(), 'conformance-'));
  try {
    return await use(output);
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

/** What the suite prints; it ends with an error when a scenario fails, which is a result too. */
function run(args) {
  const child = spawn(node(), [join(suite, 'dist', 'index.js'), ...args], { cwd: root });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      printed += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve(printed));
  });
}

function node() {
  if (isNewEnough) return process.execPath;
  const { platform, arch } = process;
  const name = `${platform === 'darwin' && arch === 'arm64' ? 'node-bin' : 'node'}-${platform}-${arch}`;
  const binary = join(folder, 'node_modules', name, 'bin', 'node');
  if (!existsSync(binary))
    throw new Error(`the conformance suite needs Node.js 22 or later; this is ${process.version}`);
  return binary;
}
