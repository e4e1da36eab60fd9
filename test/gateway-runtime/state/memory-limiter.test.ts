import fc from 'fast-check';
import { ConfigError, type GatewayConfigInput, parseGatewayConfig } from '../../../gateway-runtime/src/config/index.js';
import type { Limits } from '../../../gateway-runtime/src/config/limits.js';
import type { Admission, LimitedCall } from '../../../gateway-runtime/src/contracts/rate-limiter.js';
import { MemoryLimiter } from '../../../gateway-runtime/src/state/memory-limiter.js';

const backends = [{ name: 'logs', url: 'https://logs.example' }];

const limitsOf = (limits: GatewayConfigInput['limits']) => parseGatewayConfig({ backends, limits }).limits as Limits;

/** A limiter and its clock, in milliseconds. */
function limiterWith(limits: GatewayConfigInput['limits']) {
  const clock = { now: 0 };
  return { clock, limiter: new MemoryLimiter(limitsOf(limits), { now: () => clock.now }) };
}

const call = (key = 'ada', more: Partial<LimitedCall> = {}): LimitedCall => ({
  identity: { key, clientId: key, scopes: new Set() },
  ...more,
});

/** What became of a call, in one word. */
const outcome = (admission: Admission) => (admission.admitted ? 'ok' : admission.limit.replace('limits.', ''));

describe('calls in a minute', () => {
  test('a bucket begins full and fills evenly', () => {
    const { limiter, clock } = limiterWith({ client: { calls_per_minute: 6, burst: 2 } });
    const take = () => limiter.admit(call());
    expect([take(), take()].map(outcome)).toEqual(['ok', 'ok']);
    expect(take()).toEqual({
      admitted: false,
      limit: 'limits.client',
      reason: 'more than 6 calls a minute by this client',
      retryAfterMs: 10_000,
    });
    clock.now = 9_999;
    expect(outcome(take())).toBe('client');
    clock.now = 10_000;
    expect([take(), take()].map(outcome)).toEqual(['ok', 'client']);
    clock.now = 3_600_000;
    expect([take(), take(), take()].map(outcome)).toEqual(['ok', 'ok', 'client']);
  });

  test.each([
    [60, undefined, 10],
    [5, undefined, 1],
    [7, undefined, 1],
    [7, 3, 3],
    [7000, 70, 70],
    [999_999, undefined, 166_666],
  ])('%d a minute and a burst of %s let %d begin at once', (calls_per_minute, burst, expected) => {
    const { limiter } = limiterWith({ client: { calls_per_minute, burst } });
    let admitted = 0;
    while (limiter.admit(call()).admitted) admitted++;
    expect(admitted).toBe(expected);
  });

  test('callers have buckets of their own, tools and backends one for all', () => {
    const { limiter } = limiterWith({
      client: { calls_per_minute: 1, burst: 2 },
      tools: { '*_delete': { calls_per_minute: 1, burst: 3 } },
      backends: { logs: { calls_per_minute: 1, burst: 4 } },
    });
    const deletes = ['logs_delete', 'delete'];
    expect(outcome(limiter.admit(call('a', { tool: deletes, backend: 'logs' })))).toBe('ok');
    expect(outcome(limiter.admit(call('a', { tool: ['db_delete'], backend: 'db' })))).toBe('ok');
    expect(outcome(limiter.admit(call('a', { tool: ['db_get'], backend: 'db' })))).toBe('client');
    expect(outcome(limiter.admit(call('b', { tool: deletes, backend: 'logs' })))).toBe('ok');
    expect(outcome(limiter.admit(call('b', { tool: deletes, backend: 'logs' })))).toBe('tools.*_delete');
    expect(outcome(limiter.admit(call('b', { tool: ['logs_get'], backend: 'logs' })))).toBe('ok');
    expect(outcome(limiter.admit(call('c', { backend: 'logs' })))).toBe('ok');
    expect(outcome(limiter.admit(call('c', { backend: 'logs' })))).toBe('backends.logs');
    // What was held back took nothing: there is still one left for this caller.
    expect([limiter.admit(call('c')), limiter.admit(call('c'))].map(outcome)).toEqual(['ok', 'client']);
  });

  test('however calls come, no span of time sees more than the burst and what filled up meanwhile', () => {
    const pauses = fc.array(fc.double({ min: 0, max: 30_000, noNaN: true }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(pauses, fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 10 }), (pauses, rate, burst) => {
        const { limiter, clock } = limiterWith({ client: { calls_per_minute: rate, burst } });
        const begun: number[] = [];
        for (const pause of pauses) {
          clock.now += pause;
          const admission = limiter.admit(call());
          if (admission.admitted) begun.push(clock.now);
          else {
            const wait = admission.retryAfterMs ?? 0;
            clock.now += wait;
            expect(limiter.admit(call()).admitted).toBe(true);
            begun.push(clock.now);
          }
        }
        for (const [first, start] of begun.entries()) {
          for (const [last, end] of begun.entries()) {
            if (last < first) continue;
            expect(last - first + 1).toBeLessThanOrEqual(burst + ((end - start) * rate) / 60_000 + 1e-3);
          }
        }
      }),
    );
  });
});

describe('calls at once', () => {
  test('a call that is over makes room for one, however often it says so', () => {
    const { limiter } = limiterWith({ backends: { logs: { concurrency: 2 } } });
    const begin = () => limiter.admit(call('a', { backend: 'logs' }));
    const [first, second] = [begin(), begin()];
    expect(begin()).toEqual({
      admitted: false,
      limit: 'limits.backends.logs',
      reason: 'more than 2 calls at once to backend "logs"',
    });
    for (const admission of [first, first, first]) if (admission.admitted) admission.release();
    expect([begin(), begin()].map(outcome)).toEqual(['ok', 'backends.logs']);
    if (second.admitted) second.release();
    expect([begin(), begin()].map(outcome)).toEqual(['ok', 'backends.logs']);
  });
});

test('what nobody uses is forgotten', () => {
  const { limiter, clock } = limiterWith({ client: { calls_per_minute: 60, burst: 1, concurrency: 1 } });
  const busy = limiter.admit(call('busy'));
  for (let number = 0; number < 10_000; number++) {
    clock.now += 10;
    limiter.admit(call(`caller ${number}`));
  }
  // Each bucket is full again after a second, in which a hundred callers come. All of them hold on to a call.
  expect(limiter.size).toBe(10_001);
  const { limiter: released, clock: later } = limiterWith({
    client: { calls_per_minute: 60, burst: 1, concurrency: 1 },
  });
  for (let number = 0; number < 10_000; number++) {
    later.now += 10;
    const admission = released.admit(call(`caller ${number}`));
    if (admission.admitted) admission.release();
  }
  expect(released.size).toBeLessThan(300);
  expect(outcome(limiter.admit(call('busy')))).toBe('client');
  if (busy.admitted) busy.release();
  expect(outcome(limiter.admit(call('busy')))).toBe('ok');
});

test.each<[object, RegExp]>([
  [{ client: {} }, /^limits.client: limits nothing; set calls_per_minute, concurrency or both$/],
  [{ client: { burst: 3, concurrency: 1 } }, /^limits.client.burst: is only used with calls_per_minute; set that or/],
  [
    { client: { calls_per_minute: 0 } },
    /^limits.client.calls_per_minute: expected a whole number from 1 to 1000000, got 0/,
  ],
  [{ client: { concurrency: 1.5 } }, /^limits.client.concurrency: expected a whole number from 1 to 100000, got 1.5/],
  [
    { client: { per_minute: 5 } },
    /^limits.client.per_minute: unknown field; did you mean "calls_per_minute"|known ones/,
  ],
  [{ tools: { '': { concurrency: 1 } } }, /^limits.tools.*expected the name of a tool, in which \*/],
  [{ tools: { x: 5 } }, /^limits.tools.x: expected an object, got 5/],
  [{ backends: { log: { concurrency: 1 } } }, /^limits.backends.log: no backend is named "log"; known: "logs"$/],
])('limits %j are a fault', (limits, expected) => {
  const parse = () => parseGatewayConfig({ backends, limits: limits as never });
  expect(parse).toThrow(ConfigError);
  expect(parse).toThrow(expected);
});
