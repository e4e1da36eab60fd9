import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../helpers/imports';

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(repository, 'docs')).map((page) => `docs/${page}`),
].filter((page) => page.endsWith('.md'));
const read = (path: string) => readFileSync(join(repository, path), 'utf8');

test.each(pages)('%s shows its examples as they are', (page) => {
  for (const [, path = '', shown] of read(page).matchAll(/<!-- (examples\/\S+) -->\n```\w+\n([\s\S]*?)```/g)) {
    expect({ path, text: shown }).toEqual({ path, text: read(path) });
  }
});

test('README shows a stack', () => {
  expect(read('README.md')).toContain('<!-- examples/minimal/main.ts -->');
});

test('README names every example', () => {
  const named = [...read('README.md').matchAll(/^\| \[([\w-]+)\]\(examples\//gm)].map((match) => match[1]);
  expect(named.sort()).toEqual(readdirSync(join(repository, 'examples')).sort());
});

test.each(pages)('%s links to files that exist', (page) => {
  const targets = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)(#[^)]*)?\)/g)].map((match) => match[1] as string);
  for (const target of targets) {
    const from = page.startsWith('docs/') ? 'docs' : '';
    expect(() => readdirOrFile(join(repository, from, target))).not.toThrow();
  }
});

function readdirOrFile(path: string): unknown {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EISDIR') return readdirSync(path);
    throw error;
  }
}
