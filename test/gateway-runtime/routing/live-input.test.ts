import { RpcError } from '../../../gateway-runtime/src/errors.js';
import { answerLive } from '../../../gateway-runtime/src/routing/live-input.js';

const { signal } = new AbortController();
const required = (names: string[], requestState?: string) => ({
  resultType: 'input_required',
  inputRequests: Object.fromEntries(names.map((name) => [name, { method: 'roots/list', params: { name } }])),
  ...(requestState && { requestState }),
});

test('a result that is complete stays as it is', async () => {
  const result = { content: [], resultType: 'complete' };
  expect(
    await answerLive(
      result,
      () => Promise.reject(),
      () => Promise.reject(),
      signal,
    ),
  ).toBe(result);
});

test('every question is asked, and the request is sent again with the answers and the state, until it is complete', async () => {
  const sent: unknown[] = [];
  const results = [required(['c'], 'two'), { content: ['done'] }];
  const result = await answerLive(
    required(['a', 'b'], 'one'),
    async (members) => {
      sent.push(members);
      return results.shift();
    },
    async (method, { name }) => ({ method, name }),
    signal,
  );
  const answer = (name: string) => [name, { method: 'roots/list', name }];
  expect(sent).toEqual([
    { inputResponses: Object.fromEntries([answer('a'), answer('b')]), requestState: 'one' },
    { inputResponses: Object.fromEntries([answer('c')]), requestState: 'two' },
  ]);
  expect(result).toEqual({ content: ['done'] });
});

test('without a state none is sent, and without questions the request is sent again as it was', async () => {
  const sent: unknown[] = [];
  const results = [required([], 'later'), { content: [] }];
  await answerLive(
    required(['a']),
    async (members) => {
      sent.push(members);
      return results.shift();
    },
    async () => ({}),
    signal,
  );
  expect(sent).toEqual([{ inputResponses: { a: {} } }, { inputResponses: {}, requestState: 'later' }]);
});

test('a client that refuses to answer refuses the request', async () => {
  const refusing = () => Promise.reject(new RpcError(-1, 'the user said no'));
  await expect(answerLive(required(['a']), () => Promise.reject(), refusing, signal)).rejects.toThrow(
    'the user said no',
  );
});

test('a backend that never has enough is given up, and so is one that asks too much at once', async () => {
  let rounds = 0;
  const again = async () => required([`${++rounds}`]);
  await expect(answerLive(required(['a']), again, async () => ({}), signal)).rejects.toThrow(
    'asked for input 20 times',
  );
  expect(rounds).toBe(20);
  const names = Array.from({ length: 21 }, (_, i) => `n${i}`);
  await expect(answerLive(required(names), again, async () => ({}), signal)).rejects.toThrow('more than 20 questions');
});
