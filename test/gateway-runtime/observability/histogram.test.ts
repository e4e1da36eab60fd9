import { CallTotals } from '../../../gateway-runtime/src/observability/call-metrics.js';
import { Histogram } from '../../../gateway-runtime/src/observability/histogram.js';

function histogramOf(values: number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

test('without values there is nothing to say', () => {
  expect(new Histogram().quantile(0.5)).toBeUndefined();
});

test.each([0.01, 0.5, 1, 1.5, 3, 17, 99.99, 100, 1234, 60_000, 3_600_000, 30_000_000])(
  '%d ms is known to within 2 percent or a 64th of a millisecond',
  (ms) => {
    const value = histogramOf([ms]).quantile(0.99) as number;
    expect(Math.abs(value - ms)).toBeLessThanOrEqual(Math.max(ms / 50, 1 / 64));
  },
);

test.each([-5, 0, 0.001])('%d ms counts as next to nothing', (ms) => {
  expect(histogramOf([ms]).quantile(0.5)).toBeLessThan(1 / 64);
});

test('what is longer than can be told counts as the longest', () => {
  expect(histogramOf([1e12]).quantile(0.5)).toBeGreaterThan(33_000_000);
});

test('quantiles of known values', () => {
  const histogram = histogramOf(Array.from({ length: 1000 }, (_, index) => index + 1));
  const [p50, p99, all] = [0.5, 0.99, 1].map((share) => histogram.quantile(share) as number);
  expect(Math.abs((p50 as number) - 500)).toBeLessThan(10);
  expect(Math.abs((p99 as number) - 990)).toBeLessThan(20);
  expect(Math.abs((all as number) - 1000)).toBeLessThan(20);
});

test('99 fast values and a slow one: the p99 is fast, a second slow one makes it slow', () => {
  const values = [...Array(99).fill(1), 1000];
  expect(histogramOf(values).quantile(0.99)).toBeLessThan(1.1);
  expect(histogramOf([...values, 1000]).quantile(0.99)).toBeGreaterThan(900);
});

test('random values: never further off than a bucket is wide', () => {
  for (let round = 0; round < 50; round++) {
    const values = Array.from({ length: 200 }, () => 10 ** (Math.random() * 7 - 1));
    const sorted = [...values].sort((a, b) => a - b);
    for (const share of [0.5, 0.9, 0.99]) {
      const exact = sorted[Math.ceil(share * 200) - 1] as number;
      const told = histogramOf(values).quantile(share) as number;
      expect(Math.abs(told - exact)).toBeLessThanOrEqual(Math.max(exact / 50, 1 / 64));
    }
  }
});

test('totals since an earlier copy', () => {
  const totals = new CallTotals();
  const record = (outcome: 'ok' | 'error' | 'unavailable' | 'cancelled' | 'denied' | 'limited', ms: number) =>
    totals.record({ outcome, ms });
  record('ok', 1000);
  const before = totals.since();
  for (const outcome of ['ok', 'ok', 'error', 'unavailable', 'cancelled', 'denied', 'limited'] as const)
    record(outcome, 8);
  const { calls, errors, unavailable, denied, limited, latency } = totals.since(before);
  expect({ calls, errors, unavailable, denied, limited }).toEqual({
    ...{ calls: 5, errors: 2, unavailable: 1, denied: 1, limited: 1 },
  });
  expect(latency.quantile(1)).toBeCloseTo(8, 0);
  expect(before.calls).toBe(1);
  expect(totals.calls).toBe(6);
  expect(totals.latency.quantile(1)).toBeGreaterThan(900);
});
