// npm run bench: calls of a tool through the gateway, beside the same through a proxy that looks at nothing, as ratios; and what
// sessions, long lists and a start cost. --quick takes less than three minutes, --json prints results for programs, --check
// fails when a goal is missed or a ratio has fallen behind the stored one, --store stores those of this run, and --peers FILE
// measures other gateways, too: docs/benchmark.md has the form of the file.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { measureCalls } from './bench/calls.mjs';
import { measureColdStart } from './bench/cold-start.mjs';
import { goalsOf, ratiosOf, regressionsOf } from './bench/goals.mjs';
import { measureList } from './bench/lists.mjs';
import { canPin, pinSelf } from './bench/machine.mjs';
import { measureSessions } from './bench/sessions.mjs';
import { otherProcessor, Subjects } from './bench/subjects.mjs';
import { asText } from './bench/table.mjs';
import { measureWorkers } from './bench/workers.mjs';
import { setUp } from './setup.mjs';

const stored = new URL('bench/ratios.json', import.meta.url);
const switches = { quick: false, json: false, check: false, store: false };

const subjects = new Subjects();
try {
  const options = Object.fromEntries(Object.keys(switches).map((name) => [name, { type: 'boolean' }]));
  const { values } = parseArgs({ options: { ...options, peers: { type: 'string' } } });
  const peers = values.peers ? JSON.parse(readFileSync(values.peers, 'utf8')).peers : [];
  console.error('Setting up');
  await setUp();
  if (!canPin) console.error('  no processor of its own for the gateway here: the load takes from it');
  pinSelf(otherProcessor);
  await subjects.start();
  const results = await measure(values.quick === true, peers);
  const goals = goalsOf(results);
  const ratios = ratiosOf(results);
  const regressions = regressionsOf(ratios, JSON.parse(readFileSync(stored, 'utf8')));
  console.log(
    values.json ? JSON.stringify({ ...results, goals, ratios, regressions }) : asText(results, goals, regressions),
  );
  if (values.store) writeFileSync(stored, `${JSON.stringify(ratios, null, 2)}\n`);
  const missed = goals.filter(({ value, isMet }) => value !== undefined && !isMet);
  if (values.check && missed.length + regressions.length > 0) process.exitCode = 1;
  if (results.calls.some(({ wrong }) => wrong > 0)) process.exitCode = 1;
} catch (error) {
  console.error(`\nnpm run bench failed: ${error.message}`);
  process.exitCode = 1;
} finally {
  await subjects.close();
}

async function measure(isQuick, peers) {
  const { backend } = subjects;
  console.error('  starting again and again');
  const alone = { backends: [{ name: 'b', url: `${backend}/mcp/json` }] };
  const starts = [];
  for (let count = 0; count < (isQuick ? 3 : 9); count++) {
    let started;
    starts.push(await measureColdStart(async () => (started = await subjects.guardedGateway(alone))));
    await subjects.stop(started);
  }
  console.error('  sessions');
  const sessions = [];
  for (const count of [1000, 10_000]) {
    const gateway = await subjects.guardedGateway(alone);
    sessions.push(await measureSessions(gateway, count));
    await subjects.stop(gateway);
  }
  console.error('  lists');
  const lists = [];
  for (const count of [1, 10, 100, 1000]) {
    const gateway = await subjects.gatewayOf(count);
    await gateway.untilConnected();
    lists.push(await measureList(gateway, count, backend));
    await subjects.stop(gateway);
  }
  const workers = canPin ? await workersInTurn(isQuick) : [];
  const all = [
    subjects.direct(),
    await subjects.floor(),
    await subjects.openGateway(),
    await subjects.guardedGateway(),
    ...(await inTurn(peers, (peer) => subjects.peer(peer))),
  ];
  for (const { untilConnected } of all) await untilConnected?.();
  const calls = await measureCalls(all, { backend, rounds: isQuick ? 3 : 5, seconds: isQuick ? 1 : 5 });
  return { calls, sessions, lists, workers, coldStart: starts.sort((a, b) => a - b)[Math.floor(starts.length / 2)] };
}

async function workersInTurn(isQuick) {
  console.error('  one worker and two');
  const gateways = await inTurn([1, 2], async (workers) => ({ workers, gateway: await subjects.workers(workers) }));
  const measured = await measureWorkers(gateways, { rounds: isQuick ? 3 : 5, seconds: isQuick ? 1.5 : 5 });
  for (const { gateway } of gateways) await subjects.stop(gateway);
  return measured;
}

async function inTurn(items, work) {
  const results = [];
  for (const item of items) results.push(await work(item));
  return results;
}
