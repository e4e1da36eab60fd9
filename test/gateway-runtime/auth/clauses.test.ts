import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { titlesOf } from '../../conformance/titles';
import { repository } from '../../helpers/imports';

const page = readFileSync(join(repository, 'docs/authorization.md'), 'utf8');

/** The rows of the tables: a clause, where it stands, and what proves it. */
const rows = [...page.matchAll(/^\| (.*) \| (.*) \| (.*) \|$/gm)]
  .map(([, clause = '', place = '', proof = '']) => ({ clause, place, proof }))
  .filter(({ clause }) => clause !== 'Clause');

const reason = /^not applicable: .{20}/;

/** Tests that a cell names, by their file below `test/gateway-runtime` and their title. */
function testsIn(proof: string): [file: string, title: string][] {
  return [...proof.matchAll(/`([\w/-]+\.test\.ts)`: \*([^*]+)\*/g)].map(([, file = '', title = '']) => [file, title]);
}

function exists([file, title]: readonly [file: string, title: string]): boolean {
  const path = `gateway-runtime/${file}`;
  return existsSync(join(repository, 'test', path)) && titlesOf(path).has(title);
}

test('each clause stands somewhere, and once here', () => {
  expect(rows.length).toBeGreaterThan(50);
  expect(rows.filter(({ place }) => !/^\[[^\]]+\]\(https:\/\/\S+\)$/.test(place))).toEqual([]);
  const clauses = rows.map(({ clause }) => clause);
  expect(clauses.filter((clause, index) => clauses.indexOf(clause) !== index)).toEqual([]);
});

test('each clause names a test, or says why there is none', () => {
  const without = rows.filter(({ proof }) => {
    const named = testsIn(proof).map(([file, title]) => `\`${file}\`: *${title}*`);
    return !reason.test(proof) && (named.length === 0 || named.join('<br>') !== proof);
  });
  expect(without).toEqual([]);
});

test('each test that a clause names is there', () => {
  const missing = rows.flatMap(({ clause, proof }) =>
    testsIn(proof)
      .filter((named) => !exists(named))
      .map((named) => [clause, ...named]),
  );
  expect(missing).toEqual([]);
});

test('a test that is not there is found', () => {
  expect(exists(['auth/clauses.test.ts', 'a test that is not there is found'])).toBe(true);
  expect(exists(['auth/clauses.test.ts', 'something else'])).toBe(false);
  expect(exists(['auth/none.test.ts', 'a test that is not there is found'])).toBe(false);
});
