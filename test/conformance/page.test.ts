import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../helpers/imports';
import { clientScenarios, type Revision, serverScenarios } from './scenarios';

const page = readFileSync(join(repository, 'docs', 'conformance.md'), 'utf8');

/** The rows of the table below a heading, without its head and its total. */
function rowsBelow(heading: string): string[][] {
  const [, section = ''] = page.split(`### ${heading}\n`);
  const [table = ''] = section.split('###');
  const rows = [...table.matchAll(/^\| (.*) \|$/gm)].map(([, cells = '']) => cells.split(' | '));
  return rows.slice(2, -1);
}

const tables = (Object.keys(serverScenarios) as Revision[]).flatMap((revision) => [
  [`Server, ${revision}`, serverScenarios[revision]] as const,
  [`Client, ${revision}`, clientScenarios[revision]] as const,
]);

describe.each(tables)('docs/conformance.md, %s', (title, required) => {
  const rows = rowsBelow(title);

  test('has a row for every scenario that counts', () => {
    expect(rows.map(([scenario]) => scenario)).toEqual(required);
  });

  test('shows that each of them passes', () => {
    const failed = rows.filter(([, ...cells]) => cells.some((cell) => !/^([1-9]\d*)\/\1$/.test(cell)));
    expect(failed).toEqual([]);
  });
});
