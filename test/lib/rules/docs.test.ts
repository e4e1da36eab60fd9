import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { registry } from '../../../lib/rules/registry';
import { repository } from '../../helpers/imports';

const page = readFileSync(join(repository, 'docs', 'rules.md'), 'utf8');

test('the table of the page is the registry', () => {
  const rows = [...page.matchAll(/^\| (MCP\d+) \| (.*?) \| (.*?) \| (.*?) \| (.+) \|$/gm)];
  expect(rows.map(([, id, title, why, fix]) => ({ id, title, why, fix }))).toEqual(
    registry.map(({ id, title, why, fix }) => ({ id, title, why, fix })),
  );
});

test('every rule says what it looks at', () => {
  expect([...page.matchAll(/^- \*\*(MCP\d+)\*\*/gm)].map(([, id]) => id)).toEqual(registry.map(({ id }) => id));
});
