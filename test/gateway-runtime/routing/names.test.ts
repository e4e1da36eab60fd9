import type { Backend } from '../../../gateway-runtime/src/config/backend.js';
import { maxNameLength, wishFor } from '../../../gateway-runtime/src/routing/names.js';
import { matchesTemplate } from '../../../gateway-runtime/src/routing/uri-template.js';

/** What a tool of a backend "logs" is to be called. */
function wish(namespace_tools: Backend['namespace_tools'], name: string, given?: string) {
  return wishFor({ name: 'logs', namespace_tools } as Backend, name, given);
}

test.each([
  ['search', 'logs_search'],
  ['x'.repeat(maxNameLength - 5), `logs_${'x'.repeat(maxNameLength - 5)}`],
  ['x'.repeat(maxNameLength - 4), `logs_${'x'.repeat(50)}_${'HASH'}`],
])('%s is exposed as %s', (name, expected) => {
  const { certain, better } = wish(true, name);
  expect(certain.replace(/_[0-9a-f]{8}$/, '_HASH')).toBe(expected);
  expect(certain.length).toBeLessThanOrEqual(maxNameLength);
  expect(better).toBeUndefined();
});

test('names that differ only after the cut stay different, and the same at every start', () => {
  const [a, b] = ['a', 'b'].map((end) => wish(true, 'x'.repeat(80) + end).certain);
  expect(a).not.toBe(b);
  // sha256('logs_' + 80 times x + 'a')
  expect(a).toBe(`logs_${'x'.repeat(50)}_c4ec7b32`);
});

test('without namespacing a name changes only when it is too long', () => {
  expect(wish(false, 'y'.repeat(64))).toEqual({ backend: 'logs', original: 'y'.repeat(64), certain: 'y'.repeat(64) });
  expect(wish(false, 'y'.repeat(65)).certain).toMatch(/^y{55}_[0-9a-f]{8}$/);
});

test('on conflict a name is its own if it can be, and can always be qualified', () => {
  const name = 'search';
  expect(wish('on_conflict', name)).toEqual({ backend: 'logs', original: name, certain: 'logs_search', better: name });
  expect(wish('on_conflict', 'y'.repeat(65)).better).toMatch(/^y{55}_[0-9a-f]{8}$/);
});

test.each([true, false, 'on_conflict'] as const)('a name that was given is final (%s)', (namespacing) => {
  expect(wish(namespacing, 'search', 'find')).toEqual({ backend: 'logs', original: 'search', certain: 'find' });
});

test.each([
  ['item://a/{id}', 'item://a/7', true],
  ['item://a/{id}', 'item://a/7/8', false],
  ['item://a/{id}', 'item://b/7', false],
  ['file://{+path}', 'file:///a/b.txt', true],
  ['x://h{/path*}', 'x://h/a/b', true],
  ['x://h/s{?q,page}', 'x://h/s?q=1', true],
  ['x://h/s{?q,page}', 'x://h/s', true],
  ['x://h/s{?q,page}', 'x://h/st', false],
  ['x://h/s{?q}{#part}', 'x://h/s?q=1#p', true],
  ['x://{owner}/{repo}/f{/path*}', 'x://me/it/f/a/b', true],
  ['x://{owner}/{repo}/f{/path*}', 'x://me/f/a/b', false],
  ['x://{a}-{b}', 'x://1-2-3', true],
  ['x://{a}-{b}', 'x://-3', false],
  ['x://{a}{b}', 'x://1', false],
  ['x://h{', 'x://h{', true],
  ['x://h/(a|b).*', 'x://h/a', false],
])('template %s and %s: %s', (template, uri, matches) => {
  expect(matchesTemplate(template, uri)).toBe(matches);
});

test.each([`${'{+a}-'.repeat(15)}!`, `${'{a}-'.repeat(15)}!`, `${'{+a}-'.repeat(300)}!`])(
  'a template with many variables is no long work (%#)',
  (template) => {
    const started = performance.now();
    for (let n = 0; n < 100; n++) expect(matchesTemplate(template, `${'a-'.repeat(1000)}`)).toBe(false);
    expect(matchesTemplate(template, 'a-'.repeat(1_000_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(3000);
  },
);
