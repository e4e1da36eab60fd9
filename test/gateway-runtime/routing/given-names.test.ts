import fc from 'fast-check';
import type { Backend } from '../../../gateway-runtime/src/config/backend.js';
import { GivenNames, type Wish } from '../../../gateway-runtime/src/routing/given-names.js';
import { maxNameLength, wishFor } from '../../../gateway-runtime/src/routing/names.js';

const wish = (backend: string, original: string, certain: string, better?: string): Wish => ({
  backend,
  original,
  certain,
  better,
});

/** The usual wish of an "on_conflict" backend. */
const flexible = (backend: string, name: string) => wish(backend, name, `${backend}_${name}`, name);

const listed = (names: GivenNames, ...wishes: Wish[]) =>
  names.give(wishes).map((name) => ('listed' in name ? name.listed : name));

test('of what is known at the same time, the first gets the better name', () => {
  expect(listed(new GivenNames(), flexible('a', 'x'), flexible('b', 'x'), flexible('b', 'y'))).toEqual([
    'x',
    'b_x',
    'y',
  ]);
});

test('what was given stays, whoever comes later', () => {
  const names = new GivenNames();
  expect(listed(names, flexible('b', 'x'))).toEqual(['x']);
  expect(listed(names, flexible('a', 'x'), flexible('b', 'x'))).toEqual(['a_x', 'x']);
  expect(listed(names, flexible('a', 'x'))).toEqual(['a_x']);
});

test('a tool that can have one name alone goes before one that can have two', () => {
  expect(listed(new GivenNames(), flexible('a', 'b_x'), wish('b', 'x', 'b_x'))).toEqual(['a_b_x', 'b_x']);
  expect(listed(new GivenNames(), flexible('b', 'b_x'), flexible('b', 'x'))).toEqual(['b_b_x', 'x']);
});

test('what is taken is not given, and it is said who has it', () => {
  const names = new GivenNames(['own']);
  expect(listed(names, wish('a', 'x', 'x'), wish('b', 'x', 'x'), wish('b', 'own', 'own'))).toEqual([
    'x',
    { taken: 'x', by: 'a' },
    { taken: 'own', by: undefined },
  ]);
  expect(listed(names, flexible('c', 'own'))).toEqual(['c_own']);
});

test('names that come and go are forgotten at some time, those that are offered never', () => {
  const names = new GivenNames();
  expect(listed(names, flexible('a', 'kept'), flexible('b', 'kept'))).toEqual(['kept', 'b_kept']);
  for (let round = 0; round < 5; round++) {
    const passing = Array.from({ length: 9000 }, (_, n) => flexible('a', `${round} ${n}`));
    expect(listed(names, flexible('a', 'kept'), ...passing)[0]).toBe('kept');
  }
  expect(listed(names, flexible('c', '0 0'), flexible('c', '4 0'), flexible('a', 'kept'))).toEqual([
    '0 0',
    'c_4 0',
    'kept',
  ]);
});

describe('whatever backends offer, in whatever order they come and go', () => {
  const part = fc.constantFrom('a', 'b', 'a_b', 'b_a', 'x', 'a_x', 'x'.repeat(70), `a_${'x'.repeat(70)}`, 'y_z');
  const backends = fc.uniqueArray(
    fc.record({ name: part, namespace_tools: fc.constantFrom<Backend['namespace_tools']>(true, false, 'on_conflict') }),
    { selector: ({ name }) => name, minLength: 1, maxLength: 5 },
  );
  const renames = fc.dictionary(part, fc.constantFrom('x', 'renamed', 'a_x'), { maxKeys: 2 });
  /** At each time, what each backend offers; nothing while it is not there. */
  const times = fc.array(fc.array(fc.uniqueArray(part, { maxLength: 5 }), { minLength: 5, maxLength: 5 }), {
    minLength: 1,
    maxLength: 6,
  });

  test('names map one to one, fit, and never change', () => {
    fc.assert(
      fc.property(backends, renames, times, (configured, renamed, offers) => {
        const names = new GivenNames(['reserved']);
        const owners = new Map<string, string>();
        const had = new Map<string, string>();
        for (const offered of offers) {
          const wishes = configured.flatMap((backend, index) =>
            (offered[index] ?? []).map((name) =>
              wishFor(backend as Backend, name, index === 0 ? renamed[name] : undefined),
            ),
          );
          for (const [index, given] of names.give(wishes).entries()) {
            const { backend, original, certain, better } = wishes[index] as Wish;
            const tool = `${backend}/${original}`;
            if ('taken' in given) {
              expect(had.has(tool)).toBe(false);
              expect(given.taken).toBe(certain);
              expect(owners.get(certain)).not.toBe(tool);
              expect(owners.has(certain)).toBe(true);
              continue;
            }
            expect([certain, better]).toContain(given.listed);
            expect(given.certain).toBe(certain);
            expect(had.get(tool) ?? given.listed).toBe(given.listed);
            had.set(tool, given.listed);
            for (const name of [given.listed, given.certain]) {
              expect(name.length).toBeLessThanOrEqual(maxNameLength);
              expect(owners.get(name) ?? tool).toBe(tool);
              owners.set(name, tool);
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

test('names that are reserved later are taken back, and free again once they are not', () => {
  const names = new GivenNames();
  expect(listed(names, flexible('a', 'own'), flexible('a', 'x'))).toEqual(['own', 'x']);
  names.reserve(['own', 'a_x']);
  expect(listed(names, flexible('a', 'own'), flexible('a', 'x'))).toEqual(['a_own', { taken: 'a_x', by: undefined }]);
  names.reserve([]);
  expect(listed(names, flexible('d', 'own'), flexible('a', 'x'))).toEqual(['own', 'x']);
});

test('a backend whose names were forgotten gets others', () => {
  const names = new GivenNames();
  expect(listed(names, flexible('a', 'x'))).toEqual(['x']);
  names.forget('a');
  expect(listed(names, wish('a', 'x', 'a_x'), flexible('b', 'x'))).toEqual(['a_x', 'x']);
});

test('of backends that are gone, a bounded number is remembered', () => {
  const names = new GivenNames();
  const kept = flexible('kept', 'x');
  listed(names, kept);
  for (let n = 0; n < 1100; n++) listed(names, kept, flexible(`b${n}`, `t${n}`));
  const wanted = ['t0', 't1099', 'x'].map((name) => flexible('new', name));
  expect(listed(names, kept, ...wanted)).toEqual(['x', 't0', 'new_t1099', 'new_x']);
});
