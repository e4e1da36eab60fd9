import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../helpers/imports';
import { clauses } from './clauses';
import { clientScenarios, serverScenarios } from './scenarios';
import { titlesOf } from './titles';

const titles = new Map<string, ReadonlySet<string>>();

const scenarios: readonly string[] = [...proofsOf('server', serverScenarios), ...proofsOf('client', clientScenarios)];

function proofsOf(leg: string, byRevision: typeof serverScenarios): string[] {
  return Object.entries(byRevision).flatMap(([revision, names]) => names.map((name) => `${leg} ${revision} ${name}`));
}

/** Whether a proof names a test or a scenario that there is. */
function exists(proof: string): boolean {
  if (scenarios.includes(proof)) return true;
  const [file = '', title = ''] = splitOnce(proof, ': ');
  if (!existsSync(join(repository, 'test', file))) return false;
  if (!titles.has(file)) titles.set(file, titlesOf(file));
  return titles.get(file)?.has(title) === true;
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + separator.length)];
}

test('each clause has an id of its own', () => {
  const ids = clauses.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

test('each clause has proof', () => {
  expect(clauses.filter(({ proof }) => proof.length === 0).map(({ id }) => id)).toEqual([]);
});

test('each proof is a test or a scenario that there is', () => {
  const unknown = clauses.flatMap(({ id, proof }) =>
    proof.filter((name) => !exists(name)).map((name) => `${id}: ${name}`),
  );
  expect(unknown).toEqual([]);
});

test('each clause says where it stands', () => {
  const links = clauses.flatMap(({ links }) => links);
  expect(links.filter((link) => !/^20\d\d-\d\d-\d\d\/[a-z/-]+#[\w-]+$/.test(link))).toEqual([]);
  expect(clauses.filter(({ links }) => links.length === 0)).toEqual([]);
});

test('a proof that names no test is found', () => {
  expect(exists('conformance/clauses.test.ts: a proof that names no test is found')).toBe(true);
  expect(exists('conformance/clauses.test.ts: something else')).toBe(false);
  expect(exists('conformance/none.test.ts: something else')).toBe(false);
  expect(exists('server 2025-11-25 ping')).toBe(true);
  expect(exists('server 2026-07-28 ping')).toBe(false);
  expect(exists('client 2026-07-28 tools_call')).toBe(true);
});
