import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repository } from '../helpers/imports';

const site = join(repository, 'site');

const pagesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return pagesBelow(path);
    return path.endsWith('.html') ? [path] : [];
  });

beforeAll(() => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/docs.mjs'], { cwd: repository, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}, 180_000);

test('every page of docs is a page of the site, and every name that importers see has one', () => {
  const titles = readdirSync(join(repository, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => /^# (.+)$/m.exec(readFileSync(join(repository, 'docs', name), 'utf8'))?.[1] as string);
  const shown = pagesBelow(join(site, 'documents')).map(
    (page) => /<title>(.*?) \| /.exec(readFileSync(page, 'utf8'))?.[1],
  );
  expect(shown.sort()).toEqual(titles.map(escaped).sort());
  const pages = pagesBelow(site).map((page) => page.slice(site.length));
  for (const name of ['McpServer', 'McpGateway', 'OkeHosting', 'ApiGatewayEdge', 'ClientConfiguration']) {
    expect(pages.some((page) => page.startsWith('/classes/') && page.endsWith(`.${name}.html`))).toBe(true);
  }
});

test('no link of the site leads nowhere, and nothing is loaded from elsewhere', () => {
  const dead: string[] = [];
  for (const page of pagesBelow(site)) {
    const text = readFileSync(page, 'utf8');
    for (const [, target = ''] of text.matchAll(/(?:href|src)="([^"#?]+)[^"]*"/g)) {
      if (/^(https?:|mailto:|data:)/.test(target)) continue;
      if (!existsSync(join(dirname(page), decodeURI(target)))) dead.push(`${page.slice(site.length)} -> ${target}`);
    }
    expect(text.match(/<(?:script|link|img)[^>]+(?:src|href)="https?:/g) ?? []).toEqual([]);
  }
  expect(dead).toEqual([]);
});

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
