import { clientName, named, originalOf } from '../../../gateway-runtime/src/rest/names.js';

test.each(['logs_search', '_a', 'A-1', 'x'.repeat(64)])('%s stays as it is', (name) => {
  expect(clientName(name)).toBe(name);
});

test.each(['logs.search', '1st', '-x', 'größe', 'a b', '..', '', 'x'.repeat(65), '../../etc', '{id}'])(
  '%s gets a name that every client takes, and the tool is found by it',
  (name) => {
    const given = clientName(name);
    expect(given).toMatch(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/);
    expect(given).toBe(clientName(name));
    expect(originalOf(given, [{ name: 'other' }, { name }])).toBe(name);
  },
);

test('a name means one tool: nobody can take the place of another by what he is called', () => {
  const thief = clientName('logs.search');
  const { tools, leftOut } = named([{ name: 'logs.search' }, { name: thief }]);
  expect(tools.map(({ name, tool }) => [name, tool.name])).toEqual([[thief, thief]]);
  expect(leftOut).toEqual([{ name: 'logs.search', reason: `another tool is called ${thief}` }]);
  expect(originalOf(thief, [{ name: 'logs.search' }, { name: thief }])).toBe(thief);
  expect(originalOf('nobody_12345678', [{ name: 'logs.search' }])).toBe('nobody_12345678');
});
