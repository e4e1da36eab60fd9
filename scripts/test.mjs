// npm test: sets up what is missing, checks format, lint, types and packages, runs every test, and ends with a line of counts.
// Arguments after `--` go to jest and leave the other checks out: npm test -- test/lib/iam
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingChromium } from './chromium.mjs';
import { setUpSuite } from './conformance-suite.mjs';
import { setUpPython } from './python.mjs';
import { missingRedis } from './redis.mjs';
import { root, setUp, step } from './setup.mjs';
import { testPackages } from './test-packages.mjs';

const bin = (name) => join(root, 'node_modules', '.bin', name);
const checks = [
  ['checking format and lint', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['checking types', bin('tsc'), ['--noEmit', '-p', 'test/tsconfig.json']],
];

const jestArguments = process.argv.slice(2);
const counts = { passed: 0, failed: 0, skipped: 0 };

try {
  console.error('Setting up');
  await setUp();
  await setUpSuite();
  for (const missing of [await setUpPython(), missingRedis(), missingChromium()]) {
    if (missing) console.error(`  ${missing}: tests that need it are skipped and counted`);
  }
  if (jestArguments.length === 0) {
    for (const check of checks) await count(check);
    const { passed, failed } = await testPackages();
    counts.passed += passed;
    counts.failed += failed;
  }
  runJest();
} catch (error) {
  counts.failed++;
  console.error(error.message);
}
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;

async function count([title, command, args]) {
  try {
    await step(title, command, args);
    counts.passed++;
  } catch (error) {
    counts.failed++;
    console.error(error.message);
  }
}

function runJest() {
  // Whatever tests leave in the temporary folder goes with it.
  const folder = mkdtempSync(join(tmpdir(), 'mcp-tests-'));
  const results = join(folder, 'results.json');
  try {
    const args = ['--json', `--outputFile=${results}`, ...jestArguments];
    // The JSON goes to a file, and again to standard output, which nobody needs; the report goes to standard error.
    const env = { ...process.env, TMPDIR: folder };
    spawnSync(bin('jest'), args, { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] });
    const report = JSON.parse(readFileSync(results, 'utf8'));
    const brokenFiles = report.testResults.filter(
      ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
    );
    counts.passed += report.numPassedTests;
    counts.failed += report.numFailedTests + brokenFiles.length;
    counts.skipped += report.numPendingTests + report.numTodoTests;
    const passed = report.testResults.flatMap(({ assertionResults }) => assertionResults).filter(isPassed);
    for (const { fullName, invocations } of passed) {
      if (invocations > 1) console.error(`passed at the second attempt only: ${fullName}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isPassed({ status }) {
  return status === 'passed';
}
