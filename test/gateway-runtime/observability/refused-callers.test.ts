import type { RefusalRecord, RefusedCaller } from '../../../gateway-runtime/src/contracts/audit.js';
import { RefusedCallers } from '../../../gateway-runtime/src/observability/refused-callers.js';
import { until } from '../../helpers/gateway-instance.js';

const caller = (failure: RefusedCaller['failure'], message: string): RefusedCaller => ({ failure, message, ms: 1.234 });

function callers(sharedMs: number) {
  const records: RefusalRecord[] = [];
  const refused = new RefusedCallers({ record: (record) => records.push(record), sharedMs });
  const told = () => records.map(({ rule, reason, others }) => [rule, reason, others]);
  return { refused, told, records };
}

test('those that come after one of their kind share a record, which tells the last of them', async () => {
  const { refused, told } = callers(100);
  for (const message of ['one', 'two', 'three']) refused.note(caller('invalid_token', message));
  refused.note(caller('missing_token', 'none'));
  const first = [
    ['invalid_token', 'one', undefined],
    ['missing_token', 'none', undefined],
  ];
  expect(told()).toEqual(first);
  await until(() => told().length > 2, 'the others to be told');
  expect(told()).toEqual([...first, ['invalid_token', 'three', 1]]);
  refused.note(caller('invalid_token', 'four'));
  await until(() => told().length > 3, 'the next to be told');
  expect(told().at(-1)).toEqual(['invalid_token', 'four', undefined]);
});

test('after a while that none came, the next has a record at once', async () => {
  const { refused, told } = callers(10);
  refused.note(caller('unavailable', 'one'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  refused.note(caller('unavailable', 'two'));
  expect(told().map(([, reason]) => reason)).toEqual(['one', 'two']);
});

test('those that share a record are told at the end, and nothing after it', async () => {
  const { refused, told } = callers(20);
  refused.note(caller('invalid_token', 'one'));
  refused.note(caller('invalid_token', 'two'));
  refused.close();
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(told().map(([, reason]) => reason)).toEqual(['one', 'two']);
});

test('what callers make up is cut', () => {
  const { refused, records } = callers(1000);
  const long = 'x'.repeat(5000);
  const identity = { key: long, clientId: long, issuer: long, subject: long, scopes: new Set<string>() };
  refused.note({ ...caller('insufficient_scope', long), identity });
  refused.close();
  expect(JSON.stringify(records).length).toBeLessThan(1500);
});
