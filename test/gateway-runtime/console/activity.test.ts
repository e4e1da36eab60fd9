import { Activity } from '../../../gateway-runtime/src/console/activity.js';

test('calls are counted by how they ended, in intervals of five seconds for a quarter of an hour', () => {
  let now = 1_000_000_000_000;
  const activity = new Activity(() => now);
  for (let ms = 1; ms <= 100; ms++) activity.record({ outcome: 'ok', ms });
  activity.record({ outcome: 'error', ms: 1 });
  activity.record({ outcome: 'denied', ms: 1 });
  now += 10_000;
  activity.record({ outcome: 'unavailable', ms: 7 });
  const points = activity.points();
  expect(points).toHaveLength(180);
  expect(points.at(-1)).toEqual({ at: now, calls: 1, failed: 1, refused: 0, p50: 7, p99: 7 });
  expect(points.at(-2)).toEqual({ at: now - 5000, calls: 0, failed: 0, refused: 0 });
  expect(points.at(-3)).toMatchObject({ calls: 101, failed: 1, refused: 1, p50: 50 });
  now += 15 * 60_000;
  expect(activity.points().every(({ calls }) => calls === 0)).toBe(true);
});

test('a busy gateway keeps no more than it shows', () => {
  let now = 0;
  const activity = new Activity(() => now);
  for (let n = 0; n < 2000; n++) {
    now += 5000;
    for (let call = 0; call < 100; call++) activity.record({ outcome: 'ok', ms: call });
  }
  expect(activity.points().filter(({ calls }) => calls === 100)).toHaveLength(180);
});
