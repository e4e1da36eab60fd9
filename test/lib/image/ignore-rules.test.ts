import { IgnoreRules } from '../../../lib/image/ignore-rules';

test.each<[string[], string, boolean]>([
  [['*.md'], 'README.md', true],
  [['*.md'], 'docs/README.md', false],
  [['**/*.md'], 'docs/a/README.md', true],
  [['**/*.md'], 'README.md', true],
  [['docs'], 'docs/a/b.txt', true],
  [['/docs/'], 'docs/b.txt', true],
  [['docs'], 'mydocs/b.txt', false],
  [['docs/**'], 'docs/a/b.txt', true],
  [['a?.txt'], 'ab.txt', true],
  [['a?.txt'], 'a.txt', false],
  [['a?.txt'], 'a/.txt', false],
  [['[ab].txt'], 'b.txt', true],
  [['[ab].txt'], 'c.txt', false],
  [['a.txt'], 'aXtxt', false],
  [['\\!a'], '!a', true],
  [['*.md', '!README.md'], 'README.md', false],
  [['!README.md', '*.md'], 'README.md', true],
  [['docs', '!docs/keep.txt'], 'docs/keep.txt', false],
  [['# *.md', '', '  '], '# *.md', false],
  [['.'], 'a', false],
])('%j leaves out %s: %s', (lines, path, ignored) => {
  expect(new IgnoreRules(lines).ignores(path)).toBe(ignored);
});
