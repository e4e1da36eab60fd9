import { LinkedList } from '../../../gateway-runtime/src/protocol/linked-list.js';

test('items come in their order and go in any', () => {
  const list = new LinkedList<string>();
  const [first, second, third] = ['first', 'second', 'third'].map((item) => list.add(item));
  expect(list.items()).toEqual(['first', 'second', 'third']);
  second?.remove();
  expect(list.items()).toEqual(['first', 'third']);
  list.add('fourth');
  first?.remove();
  third?.remove();
  expect(list.items()).toEqual(['fourth']);
});

test('an item goes once, whoever takes it out again', () => {
  const list = new LinkedList<string>();
  const link = list.add('first');
  expect(list.isEmpty).toBe(false);
  link.remove();
  list.add('second');
  link.remove();
  expect(list.items()).toEqual(['second']);
});
