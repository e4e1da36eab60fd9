import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { repository } from '../helpers/imports';
import { type Revision, serverScenarios } from './scenarios';

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
}, 120_000);

const measured: readonly (readonly [string, Revision])[] = [
  ['alone', '2025-11-25'],
  ['alone', '2026-07-28'],
  ['gateway', '2025-11-25'],
];

describe.each(measured)('the fixture server, %s, %s', (subject, revision) => {
  const outcomes = () => runs.find((run) => run.subject === subject && run.title.includes(revision))?.scenarios ?? [];

  test.each(serverScenarios[revision])('%s', (scenario) => {
    const outcome = outcomes().find((candidate) => candidate.scenario === scenario);
    expect({ failed: outcome?.failed, messages: outcome?.failed ? outcome.messages : [] }).toEqual({
      failed: 0,
      messages: [],
    });
    expect(outcome?.passed).toBeGreaterThan(0);
  });

  test('every scenario that the suite requires is here', () => {
    const required = outcomes().filter(({ isScored }) => isScored);
    expect(required.map(({ scenario }) => scenario)).toEqual(serverScenarios[revision]);
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
