// What has to come out of it. Ratios are to what was measured in the same run.

/** How far a ratio may fall behind the one that was stored. */
const tolerance = 0.15;

const guarded = 'gateway, guarded';
const floor = 'bare proxy';

/**
 * @param results `calls` (rows), `sessions`, `lists`, `workers` and `coldStart`
 * @returns one row per goal: what it is, the value, the bound, and whether it is met; `value` is undefined for what could not
 *   be measured
 */
export function goalsOf({ calls, sessions, lists, workers, coldStart }) {
  const row = (point, subject) => calls.find((each) => each.point === point && each.subject === subject);
  const ratio = (point, field, other) => {
    const [own, compared] = [row(point, guarded), row(point, other)];
    return own && compared ? own[field] / compared[field] : undefined;
  };
  const one = 'echo, 1 connection';
  const added = (subject) => row(one, subject).p50 - row(one, 'direct').p50;
  const atLeast = (what, value, least) => ({ what, value, bound: `>= ${least}`, isMet: value >= least });
  const atMost = (what, value, most) => ({ what, value, bound: `<= ${most}`, isMet: value <= most });
  const many = sessions.at(-1);
  const list = lists.at(-1);
  const [single, two] = workers;
  const asked = calls.filter(({ subject, requestsPerCall }) => subject === guarded && requestsPerCall !== undefined);
  return [
    atLeast('calls/s at 32 connections, to the bare proxy', ratio('echo, 32 connections', 'perSecond', floor), 0.75),
    atLeast('calls/s at 128 connections, to the bare proxy', ratio('echo, 128 connections', 'perSecond', floor), 0.75),
    atLeast(
      'calls/s at 32 connections, to agentgateway',
      ratio('echo, 32 connections', 'perSecond', 'agentgateway'),
      1.3,
    ),
    atMost('added p50 at 1 connection, to that of the bare proxy', added(guarded) / added(floor), 1.3),
    atMost('p99 at 32 connections, to that of the bare proxy', ratio('echo, 32 connections', 'p99', floor), 1.5),
    atLeast('100 kB results, to the bare proxy', ratio('100 kB, 32 connections', 'perSecond', floor), 0.85),
    atLeast('the same as streams', ratio('100 kB as a stream, 32 connections', 'perSecond', floor), 0.85),
    atLeast('calls/s over stdio, to mcp-proxy', ratio('echo over stdio, 32 connections', 'perSecond', 'mcp-proxy'), 2),
    atMost('backend requests per call', Math.max(...asked.map((each) => each.requestsPerCall)), 1),
    atMost('kB per idle session', many?.kilobytesEach, 4),
    atMost('MB with 10,000 sessions', many?.sessions === 10_000 ? many.megabytes : undefined, 120),
    atMost('ms of tools/list over 1,000 backends', list?.backends === 1000 ? list.milliseconds : undefined, 20),
    atMost('requests to backends for it', list?.asked, 0),
    atLeast('answers/s of two workers on two processors, to one', two && two.perSecond / single.perSecond, 1.7),
    atMost('seconds from the start to the first answered call', coldStart, 0.4),
    atMost(
      'wrong answers',
      [...calls, ...workers].reduce((sum, { wrong }) => sum + wrong, 0),
      0,
    ),
  ];
}

/** The ratios of the gateway to the bare proxy that are kept in the repository, by name. */
export function ratiosOf({ calls }) {
  const ratios = {};
  for (const { point, subject, perSecond } of calls) {
    const compared = calls.find((each) => each.point === point && each.subject === floor);
    if (subject.startsWith('gateway') && compared) {
      ratios[`${subject}: ${point}`] = Number((perSecond / compared.perSecond).toFixed(3));
    }
  }
  return ratios;
}

/** What became slower than it was by more than the tolerance. */
export function regressionsOf(ratios, stored) {
  return Object.entries(stored)
    .filter(([name, before]) => ratios[name] < before * (1 - tolerance))
    .map(([name, before]) => ({ name, before, now: ratios[name] }));
}
