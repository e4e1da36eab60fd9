// Calls of a tool, as many as so many connections can: each way of calling, for each subject in turn.
import { callRepeatedly, Load } from './load.mjs';
import { processorSeconds, residentMegabytes } from './machine.mjs';
import { requestsAt } from './subjects.mjs';

/** One call in each way that is measured. */
export const points = [
  { name: 'echo, 1 connection', connections: 1, kind: 'json' },
  { name: 'echo, 32 connections', connections: 32, kind: 'json' },
  { name: 'echo, 128 connections', connections: 128, kind: 'json' },
  { name: 'echo as a stream, 32 connections', connections: 32, kind: 'sse' },
  { name: '100 kB, 32 connections', connections: 32, kind: 'json', size: 'large' },
  { name: '100 kB as a stream, 32 connections', connections: 32, kind: 'sse', size: 'large' },
  { name: 'echo over stdio, 32 connections', connections: 32, kind: 'stdio' },
];

/**
 * Every point of every subject in turn, again and again: whatever else happens on the machine meets all of them.
 * @returns one row per point and subject: the round in the middle by calls per second
 */
export async function measureCalls(subjects, { backend, rounds, seconds }) {
  const found = new Map();
  for (const subject of subjects) {
    for (const point of points.filter(({ kind }) => subject.urls[kind])) await run(subject, point, backend, 0.5);
  }
  for (let round = 1; round <= rounds; round++) {
    console.error(`  calls, round ${round} of ${rounds}`);
    for (const point of points) {
      for (const subject of subjects.filter(({ urls }) => urls[point.kind])) {
        const key = `${point.name} ${subject.name}`;
        const measured = await run(subject, point, backend, seconds);
        found.set(key, [...(found.get(key) ?? []), { point: point.name, subject: subject.name, ...measured }]);
      }
    }
  }
  return [...found.values()].map(median);
}

async function run({ urls, toolOf, pid, token }, { connections, kind, size }, backend, seconds) {
  const load = new Load(urls[kind], connections, token);
  const session = await load.begin();
  const before = { asked: await requestsAt(backend), used: pid && processorSeconds(pid) };
  const expected = size === 'large' ? () => 'xxxxxxxxxx' : (id) => `text ${id}`;
  const measured = await callRepeatedly(load, {
    connections,
    seconds,
    tool: toolOf('echo', kind),
    argumentsOf: (id) => ({ text: `text ${id}`, ...(size && { size }) }),
    expected,
    session,
  });
  const used = pid && processorSeconds(pid) - before.used;
  const asked = (await requestsAt(backend)) - before.asked;
  await load.close();
  const { calls } = measured;
  return {
    ...measured,
    // Nobody counts what a child process is asked.
    requestsPerCall: kind === 'stdio' ? undefined : asked / calls,
    processorMicroseconds: pid ? (used / calls) * 1e6 : undefined,
    megabytes: pid && residentMegabytes(pid),
  };
}

/** The one in the middle by calls per second; what was wrong in any of them counts. */
function median(measured) {
  const sorted = [...measured].sort((a, b) => a.perSecond - b.perSecond);
  const middle = sorted[Math.floor(sorted.length / 2)];
  const used = measured.map(({ processorMicroseconds }) => processorMicroseconds).sort((a, b) => a - b);
  const wrong = measured.reduce((sum, each) => sum + each.wrong, 0);
  return { ...middle, processorMicroseconds: used[Math.floor(used.length / 2)], wrong };
}
