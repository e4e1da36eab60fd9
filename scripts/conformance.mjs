// npm run conformance: runs the official conformance suite against the fixture server and against the gateway in front of it,
// then against the gateway as a client, once for each era. Prints the scores and exits with an error unless every scenario
// that counts passes.
// --json prints the results for programs; --publish writes them into docs/conformance.md.
import { asText, isPassed, publish } from './conformance-report.mjs';
import { withSubjects } from './conformance-subjects.mjs';
import {
  requiredScenarios,
  runClientScenario,
  runServerScenarios,
  setUpSuite,
  suiteVersion,
} from './conformance-suite.mjs';
import { setUp } from './setup.mjs';

/** The revisions that the suite has requirements for, one for each era. */
const revisions = ['2025-11-25', '2026-07-28'];

/** Starts the gateway in front of the suite's server and uses it. */
const clientCommand = `${process.execPath} test/conformance/client-driver.mjs`;
const allowed = ['--json', '--publish'];
const given = process.argv.slice(2);
const unknown = given.filter((argument) => !allowed.includes(argument));

try {
  if (unknown.length > 0) throw new Error(`unknown argument ${unknown.join(' ')}; allowed: ${allowed.join(', ')}`);
  console.error('Setting up');
  await setUp();
  await setUpSuite();
  const runs = await withSubjects(async (urls) => [...(await measureServers(urls)), ...(await measureClient())]);
  console.log(given.includes('--json') ? JSON.stringify(runs) : asText(runs));
  if (given.includes('--publish'))
    publish(runs, { 'the conformance suite': suiteVersion(), 'Node.js': process.versions.node });
  const counted = runs.flatMap(({ scenarios }) => scenarios.filter(({ isScored }) => isScored));
  if (!counted.every(isPassed)) process.exitCode = 1;
} catch (error) {
  console.error(`\nnpm run conformance failed: ${error.message}`);
  // Scenarios that still run would go on to the next ones.
  process.exit(1);
}

/** Both eras at once, since scenarios mostly wait; one subject after the other, since both end at the same fixture. */
async function measureServers(urls) {
  const runs = [];
  for (const [subject, url] of Object.entries(urls)) {
    const eras = revisions.map(async (revision) => ({
      title: `Server, ${revision}`,
      subject,
      scenarios: await runServerScenarios(revision, url),
    }));
    runs.push(...(await Promise.all(eras)));
  }
  return runs;
}

/** One scenario after the other, each with a gateway of its own; both eras at once. */
function measureClient() {
  const eras = revisions.map(async (revision) => {
    const scenarios = [];
    for (const scenario of requiredScenarios(revision, 'client').filter(isForGateways)) {
      scenarios.push(await runClientScenario(revision, scenario, clientCommand));
    }
    return { title: `Client, ${revision}`, subject: 'gateway', scenarios };
  });
  return Promise.all(eras);
}

/** A gateway has no user whom it could send to a login: it gets tokens of its own, as its configuration says. */
function isForGateways(scenario) {
  return !scenario.startsWith('auth/');
}
