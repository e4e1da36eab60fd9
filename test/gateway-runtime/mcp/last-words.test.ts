import { LastWords } from '../../../gateway-runtime/src/mcp/last-words.js';

function lastWords(lines: readonly string[], given: Partial<{ env: Record<string, string>; args: string[] }> = {}) {
  const words = new LastWords({ env: {}, args: [], ...given });
  for (const line of lines) words.note(line);
  return words.line;
}

test.each<[string, string[], string | undefined]>([
  ['nothing', [], undefined],
  ['blank lines', ['', '  '], undefined],
  ['a plain line', ['starting', 'cannot open database', ''], 'cannot open database'],
  [
    'an exception of Python',
    ['Traceback (most recent call last):', '  File "x.py", line 1', "ModuleNotFoundError: No module named 'x'"],
    "ModuleNotFoundError: No module named 'x'",
  ],
  [
    'an error of Node',
    [
      'file:///x.mjs:1',
      "throw new TypeError('no')",
      '^',
      '',
      'TypeError: no',
      '    at x.mjs:1',
      '',
      'Node.js v20.20.2',
    ],
    'TypeError: no',
  ],
  ['an error and what followed it', ['ValueError: a', 'goodbye'], 'ValueError: a'],
  ['a long line', ['x'.repeat(1000)], 'x'.repeat(300)],
  ['many lines', Array.from({ length: 1000 }, (_, n) => `line ${n}`), 'line 999'],
])('what counts of %s', (_, lines, expected) => {
  expect(lastWords(lines)).toBe(expected);
});

test.each<[string, Partial<{ env: Record<string, string>; args: string[] }>, string, string]>([
  ['a variable', { env: { DB: 'canary-1' } }, 'no access with canary-1', 'no access with [hidden]'],
  ['a short variable named so', { env: { DB_PASSWORD: 'abc' } }, 'abc is wrong', '[hidden] is wrong'],
  ['--token=x', { args: ['--token=canary-2'] }, 'bad canary-2', 'bad [hidden]'],
  ['--api-key x', { args: ['--api-key', 'canary-3'] }, 'bad canary-3', 'bad [hidden]'],
  ['one that begins with another', { env: { A: 'secret', B: 'secret-2' } }, 'secret-2', '[hidden]'],
  ['not a module', { env: { MODE: 'dev' }, args: ['-m', 'server'] }, 'no server for dev', 'no server for dev'],
])('hides the value of %s', (_, given, line, expected) => {
  expect(lastWords([line], given)).toBe(expected);
});
