// Tells what the conformance suite found: as text, and as the tables of docs/conformance.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

const page = join(root, 'docs', 'conformance.md');
const tables = /(<!-- scores -->\n)[\s\S]*(<!-- end of scores -->)/;

/** Whether a scenario passed: nothing failed, and something was looked at. */
export const isPassed = ({ passed, failed }) => passed > 0 && failed === 0;

/** The score tables, and what failed with the suite's own words. */
export function asText(runs) {
  const lines = [];
  for (const { title, columns, rows } of tablesOf(runs)) {
    const width = Math.max(...rows.map(({ scenario }) => scenario.length), title.length) + 2;
    const line = (name, cells) => name.padEnd(width) + cells.map((cell) => cell.padStart(10)).join('');
    lines.push('', line(title, columns));
    for (const { scenario, cells } of rows) lines.push(line(scenario, cells));
  }
  const failed = runs.flatMap(({ title, subject, scenarios }) =>
    scenarios
      .filter((scenario) => scenario.isScored && !isPassed(scenario))
      .map(({ scenario, messages }) => [`\n${title}, ${subject}: ${scenario}`, ...messages].join('\n  ')),
  );
  return [...lines, ...failed].join('\n');
}

/** Puts the tables into the page, with the day and the versions. */
export function publish(runs, versions) {
  const said = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const parts = [`Measured on ${new Date().toISOString().slice(0, 10)} with ${said.join(', ')}.`];
  for (const { title, columns, rows } of tablesOf(runs)) {
    const line = (cells) => `| ${cells.join(' | ')} |`;
    parts.push(`### ${title}`);
    parts.push(
      [
        line(['scenario', ...columns]),
        line(['---', ...columns.map(() => '---:')]),
        ...rows.map(({ scenario, cells }) => line([scenario, ...cells])),
      ].join('\n'),
    );
  }
  const text = readFileSync(page, 'utf8');
  writeFileSync(
    page,
    text.replace(tables, (_, start, end) => `${start}\n${parts.join('\n\n')}\n\n${end}`),
  );
}

/** For each title a row for each scenario and a cell for each subject; scenarios that are not scored have a table too. */
function tablesOf(runs) {
  return [...new Set(runs.map(({ title }) => title))].flatMap((title) => {
    const all = runs.filter((run) => run.title === title);
    const columns = all.map(({ subject }) => subject);
    return [true, false].flatMap((isScored) => {
      const lists = all.map(({ scenarios }) => scenarios.filter((scenario) => scenario.isScored === isScored));
      if (lists[0].length === 0) return [];
      const rows = lists[0].map(({ scenario }, index) => ({
        scenario,
        cells: lists.map((list) => `${list[index].passed}/${list[index].passed + list[index].failed}`),
      }));
      const totals = lists.map((list) => `${list.filter(isPassed).length}/${list.length}`);
      const total = { scenario: 'scenarios that pass', cells: totals };
      return [{ title: isScored ? title : `${title}, not scored`, columns, rows: [...rows, total] }];
    });
  });
}
