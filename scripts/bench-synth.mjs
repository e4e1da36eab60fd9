// npm run bench:synth: how long N servers take through the constructs, beside the same resources written by hand with the
// bindings of the provider. --json prints results for programs, --check fails when a goal is missed.
import { parseArgs } from 'node:util';
import { setUp } from './setup.mjs';

/** How much longer the constructs may take. */
const mostTimes = 1.3;

/** How much more one of a thousand servers may take than one of a hundred. */
const mostGrowth = 1.3;

const { values } = parseArgs({ options: { json: { type: 'boolean' }, check: { type: 'boolean' } } });
await setUp();
// What has to be built first.
const { measureSynth } = await import('./bench/synth.mjs');
const results = [];
for (const [servers, rounds] of [
  [1, 9],
  [10, 9],
  [100, 5],
  [1000, 3],
]) {
  const result = measureSynth(servers, rounds);
  results.push({ ...result, ratio: result.constructs / result.bindings });
}
const [, , hundred, thousand] = results;
const growth = thousand.constructs / thousand.servers / (hundred.constructs / hundred.servers);
if (values.json) console.log(JSON.stringify({ results, growth }));
else {
  for (const { servers, resources, constructs, bindings, ratio } of results) {
    const times = `${constructs.toFixed(0)} ms through the constructs, ${bindings.toFixed(0)} ms by hand`;
    console.log(`${servers} servers, ${resources} resources: ${times}, ratio ${ratio.toFixed(2)}`);
  }
  console.log(`one of a thousand takes ${growth.toFixed(2)} times as long as one of a hundred`);
}
if (values.check && (thousand.ratio > mostTimes || growth > mostGrowth)) process.exitCode = 1;
