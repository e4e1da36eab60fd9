import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { repository } from '../helpers/imports';
import { clientScenarios, type Revision, serverScenarios } from './scenarios';

/** What the suite found in one scenario. */
interface Outcome {
  readonly scenario: string;
  readonly isScored: boolean;
  readonly passed: number;
  readonly failed: number;
  readonly messages: readonly string[];
}

/** All scenarios of a revision against one subject. */
interface Run {
  readonly title: string;
  readonly subject: string;
  readonly scenarios: readonly Outcome[];
}

let runs: readonly Run[] = [];

beforeAll(async () => {
  runs = await measure();
}, 300_000);

const revisions = Object.keys(serverScenarios) as Revision[];

/** What is measured, as whom, and what has to pass. */
const measured = revisions.flatMap((revision) => [
  [`Server, ${revision}`, 'alone', serverScenarios[revision]] as const,
  [`Server, ${revision}`, 'gateway', serverScenarios[revision]] as const,
  [`Client, ${revision}`, 'gateway', clientScenarios[revision]] as const,
]);

describe.each(measured)('%s, %s', (title, subject, required) => {
  const outcomes = () => runs.find((run) => run.title === title && run.subject === subject)?.scenarios ?? [];

  test.each(required)('%s', (scenario) => {
    const outcome = outcomes().find((candidate) => candidate.scenario === scenario);
    const messages = outcome?.failed ? outcome.messages : [];
    expect({ failed: outcome?.failed, messages }).toEqual({ failed: 0, messages: [] });
    expect(outcome?.passed).toBeGreaterThan(0);
  });

  test('every scenario that the suite requires is here', () => {
    const counted = outcomes().filter(({ isScored }) => isScored);
    expect(counted.map(({ scenario }) => scenario)).toEqual(required);
  });
});

/** The real command; scenarios that fail make it end with an error, and are told by their tests. */
function measure(): Promise<readonly Run[]> {
  const script = join(repository, 'scripts', 'conformance.mjs');
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [script, '--json'], { maxBuffer: 64 * 1024 * 1024 }, (_error, stdout, stderr) => {
      if (stdout === '') reject(new Error(stderr));
      else resolve(JSON.parse(stdout) as Run[]);
    });
  });
}
