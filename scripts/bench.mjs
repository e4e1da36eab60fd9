// npm run bench: calls of a tool through the gateway, beside the same through a proxy that looks at nothing, as ratios.
// --quick takes less than three minutes, --json prints results for programs.

import { callRepeatedly, Load } from './bench/load.mjs';
import { canPin, pinSelf, processorSeconds, residentMegabytes } from './bench/machine.mjs';
import { otherProcessor, requestsAt, Subjects } from './bench/subjects.mjs';
import { asTable } from './bench/table.mjs';
import { setUp } from './setup.mjs';

/** One call in each way that is measured. */
const points = [
  { name: 'echo, 1 connection', connections: 1, kind: 'json' },
  { name: 'echo, 32 connections', connections: 32, kind: 'json' },
  { name: 'echo, 128 connections', connections: 128, kind: 'json' },
  { name: 'echo as a stream, 32 connections', connections: 32, kind: 'sse' },
  { name: '100 kB, 32 connections', connections: 32, kind: 'json', size: 'large' },
  { name: '100 kB as a stream, 32 connections', connections: 32, kind: 'sse', size: 'large' },
];

const allowed = ['--quick', '--json'];
const given = process.argv.slice(2);
const unknown = given.filter((argument) => !allowed.includes(argument));
const isQuick = given.includes('--quick');
const rounds = isQuick ? 3 : 5;
const seconds = isQuick ? 1.5 : 5;

const subjects = new Subjects();
try {
  if (unknown.length > 0) throw new Error(`unknown argument ${unknown.join(' ')}; allowed: ${allowed.join(', ')}`);
  console.error('Setting up');
  await setUp();
  if (!canPin) console.error('  no processor of its own for the gateway here: the load takes from it');
  pinSelf(otherProcessor);
  await subjects.start();
  const all = [subjects.direct(), await subjects.floor(), await subjects.gateway(), await subjects.guardedGateway()];
  const results = await measure(all);
  console.log(given.includes('--json') ? JSON.stringify(results) : asTable(results));
  if (results.some(({ wrong }) => wrong > 0)) process.exitCode = 1;
} catch (error) {
  console.error(`\nnpm run bench failed: ${error.message}`);
  process.exitCode = 1;
} finally {
  await subjects.close();
}

/** Every point of every subject in turn, again and again: whatever else happens on the machine meets all of them. */
async function measure(all) {
  const found = new Map();
  for (const subject of all) await run(subject, points[1], 1);
  for (let round = 1; round <= rounds; round++) {
    console.error(`  round ${round} of ${rounds}`);
    for (const point of points) {
      for (const subject of all) {
        const key = `${point.name} ${subject.name}`;
        const measured = await run(subject, point, seconds);
        found.set(key, [...(found.get(key) ?? []), { point: point.name, subject: subject.name, ...measured }]);
      }
    }
  }
  return [...found.values()].map(median);
}

async function run({ urlOf, toolOf, pid, token }, { connections, kind, size }, duration) {
  const load = new Load(urlOf(kind), connections, token);
  const session = await load.begin();
  const before = { asked: await requestsAt(subjects.backend), used: pid && processorSeconds(pid) };
  const expected = size === 'large' ? () => 'xxxxxxxxxx' : (id) => `text ${id}`;
  const measured = await callRepeatedly(load, {
    connections,
    seconds: duration,
    tool: toolOf('echo', kind),
    argumentsOf: (id) => ({ text: `text ${id}`, ...(size && { size }) }),
    expected,
    session,
  });
  const used = pid && processorSeconds(pid) - before.used;
  const asked = (await requestsAt(subjects.backend)) - before.asked;
  await load.close();
  const { calls } = measured;
  return {
    ...measured,
    requestsPerCall: asked / calls,
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
