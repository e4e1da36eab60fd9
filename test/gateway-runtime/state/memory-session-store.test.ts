import { MemorySessionStore } from '../../../gateway-runtime/src/state/memory-session-store.js';

function session(id: string, owner: string, idle = true) {
  return {
    id,
    owner,
    idle,
    closed: false,
    close() {
      this.closed = true;
    },
  };
}

test('a caller who opens many sessions pushes out only their own', () => {
  const store = new MemorySessionStore<ReturnType<typeof session>>({ most: 10 });
  const victim = session('victim', 'ada');
  store.add(victim);
  const flood = Array.from({ length: 30 }, (_, n) => session(`${n}`, 'mallory'));
  for (const one of flood) store.add(one);
  expect(victim.closed).toBe(false);
  expect([...store.values()].map(({ id }) => id)).toEqual(['victim', ...flood.slice(21).map(({ id }) => id)]);
  expect(flood.filter(({ closed }) => closed)).toHaveLength(21);
  store.close();
});

test('a full store drops what is unused for longest before what is in use', () => {
  const store = new MemorySessionStore<ReturnType<typeof session>>({ most: 3 });
  const [busy, first, second] = [session('busy', 'a', false), session('first', 'a'), session('second', 'a')];
  for (const one of [busy, first, second]) store.add(one);
  store.get('first');
  store.add(session('new', 'a'));
  expect([...store.values()].map(({ id }) => id)).toEqual(['busy', 'first', 'new']);
  store.close();
});
