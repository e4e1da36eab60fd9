import { pageOf } from '../../../gateway-runtime/src/routing/pages.js';
import { inFrontOf } from '../../helpers/gateway-offering.js';

const named = (...names: string[]) => names.map((name) => ({ name }));

test('a list that fits into one page keeps its order', () => {
  expect(pageOf('tools', named('b', 'a'), undefined, 2)).toEqual({ items: named('b', 'a') });
});

test('a longer one comes in pages, each item once', () => {
  const items = named('d', 'b', 'a', 'c', 'e');
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = pageOf('tools', items, cursor, 2);
    expect(page.items.length).toBeLessThanOrEqual(2);
    seen.push(...page.items.map(({ name }) => String(name)));
    cursor = page.nextCursor;
  } while (cursor);
  expect(seen).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('a cursor holds while items come and go, the one it stands at among them', () => {
  const { nextCursor } = pageOf('tools', named('a', 'b', 'c', 'd'), undefined, 2);
  expect(pageOf('tools', named('0', 'a', 'aa', 'd', 'c', 'e'), nextCursor, 2).items).toEqual(named('c', 'd'));
  expect(pageOf('tools', named('c'), nextCursor, 2)).toEqual({ items: named('c') });
  expect(pageOf('tools', [], nextCursor, 2)).toEqual({ items: [] });
});

test('names of any characters can end a page', () => {
  const odd = ['ä\u2028"', '\ud800', ''];
  const items = odd.map((uri) => ({ uri }));
  const first = pageOf('resources', items, undefined, 1);
  const second = pageOf('resources', items, first.nextCursor, 1);
  const third = pageOf('resources', items, second.nextCursor, 1);
  expect([first, second, third].flatMap((page) => page.items.map(({ uri }) => uri)).sort()).toEqual([...odd].sort());
});

const cursorOfPrompts = pageOf('prompts', named('a', 'b'), undefined, 1).nextCursor;

test.each([
  null,
  7,
  '',
  'x',
  '{}',
  'eyJ0b29scyI6MX0',
  `${cursorOfPrompts}`,
  'eyJ0b29scyI6ImEiLCJ4IjoxfQ',
  'eyJ0b29scyI6ImEifQ==',
])('fails when the cursor is %s', (cursor) => {
  expect(() => pageOf('tools', named('a'), cursor, 1)).toThrow('cursor must be one that this list gave');
});

test('a client reads every list page by page', async () => {
  const all = ['1', '2', '3', '4', '5'];
  const { gateway, servers } = await inFrontOf(
    [{ tools: all, prompts: all, resources: all.map((n) => `r://${n}`), templates: all.map((n) => `t://${n}/{x}`) }],
    [],
    { page_size: 2 },
  );
  const client = await gateway.connect();
  const pages = async <T extends { nextCursor?: string }>(read: (params: { cursor?: string }) => Promise<T>) => {
    const read1 = await read({});
    const read2 = await read({ cursor: read1.nextCursor });
    return [read1, read2, await read({ cursor: read2.nextCursor })];
  };
  expect((await pages((params) => client.listTools(params))).map(({ tools }) => tools.length)).toEqual([2, 2, 1]);
  expect((await pages((params) => client.listPrompts(params))).map(({ prompts }) => prompts.length)).toEqual([2, 2, 1]);
  expect((await pages((params) => client.listResources(params))).map(({ resources }) => resources.length)).toEqual([
    2, 2, 1,
  ]);
  const templates = await pages((params) => client.listResourceTemplates(params));
  expect(templates.map(({ resourceTemplates }) => resourceTemplates.length)).toEqual([2, 2, 1]);
  expect(templates[2]?.nextCursor).toBeUndefined();
  await expect(client.listTools({ cursor: 'nope' })).rejects.toMatchObject({ code: -32602 });
  const { nextCursor } = await client.listTools();
  await servers[0]?.offer({ tools: ['1', '3'] });
  expect((await client.listTools({ cursor: nextCursor })).tools.map(({ name }) => name)).toContain('3');
  await gateway.close();
});
