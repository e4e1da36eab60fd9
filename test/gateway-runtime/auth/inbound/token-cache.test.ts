import { TokenCache } from '../../../../gateway-runtime/src/auth/inbound/token-cache.js';

const connection = {};

afterEach(() => {
  jest.useRealTimers();
});

function cache(): TokenCache<string> {
  jest.useFakeTimers({ now: 0 });
  return new TokenCache();
}

test('what was found out about a token counts until its end, also for a connection that it came over before', () => {
  const tokens = cache();
  tokens.set('one', 'first', 1000);
  expect([tokens.get('one'), tokens.get('one', connection), tokens.get('one', connection)]).toEqual(
    Array(3).fill('first'),
  );
  jest.setSystemTime(1000);
  expect([tokens.get('one'), tokens.get('one', connection)]).toEqual([undefined, undefined]);
});

test('what is found out anew counts for that connection, too', () => {
  const tokens = cache();
  tokens.set('one', 'first', 1000);
  tokens.get('one', connection);
  jest.setSystemTime(1500);
  tokens.set('one', 'second', 2000);
  expect(tokens.get('one', connection)).toBe('second');
});

test('another token over the same connection is another one, and so is a beginning of it', () => {
  const tokens = cache();
  tokens.set('one', 'first', 1000);
  tokens.set('two', 'second', 1000);
  expect([tokens.get('one', connection), tokens.get('two', connection), tokens.get('one', connection)]).toEqual([
    'first',
    'second',
    'first',
  ]);
  expect([tokens.get('on', connection), tokens.get('onee', connection)]).toEqual([undefined, undefined]);
});
