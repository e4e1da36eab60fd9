// What a second process of the gateway brings: answers per second of one and of two. They get batches of calls for a tool that
// nobody has: all is done for them that is done for others, and neither a server nor the load takes much of the processors.
import { Load } from './load.mjs';

/** The only version with batches. */
const version = '2025-03-26';
const connections = 32;
/** As many as the gateway takes. */
const inBatch = 50;

const params = { name: 'nobody_has_this', arguments: { text: 'some text' } };
const batch = JSON.stringify(
  Array.from({ length: inBatch }, (_, id) => ({ jsonrpc: '2.0', id, method: 'tools/call', params })),
);

/** @param gateways By how many processes they are. @returns for each its answers per second (the median), and wrong ones */
export async function measureWorkers(gateways, { rounds, seconds }) {
  const found = gateways.map(({ workers }) => ({ workers, rounds: [], wrong: 0 }));
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { gateway }] of gateways.entries()) {
      const { perSecond, wrong } = await ask(gateway, round === 0 ? 0.5 : seconds);
      // The first one is for the compiler.
      if (round > 0) found[index].rounds.push(perSecond);
      found[index].wrong += wrong;
    }
  }
  const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  return found.map(({ workers, rounds: all, wrong }) => ({ workers, perSecond: median(all), wrong }));
}

async function ask({ urls, token }, seconds) {
  const load = new Load(urls.json, connections, token);
  const session = await load.begin(version);
  const expected = await expectedFrom(load, session);
  let answers = 0;
  let wrong = 0;
  const began = performance.now();
  const end = began + seconds * 1000;
  const client = async () => {
    while (performance.now() < end) {
      const { text } = await load.post(batch, session);
      answers += inBatch;
      if (text !== expected) wrong += inBatch;
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  const perSecond = answers / ((performance.now() - began) / 1000);
  await load.close();
  return { perSecond, wrong };
}

/** What every batch is answered with. */
async function expectedFrom(load, session) {
  const { text } = await load.post(batch, session);
  const isRefusal = ({ id, error }, index) => id === index && error.message.includes('nobody_has_this');
  if (!JSON.parse(text).every(isRefusal)) throw new Error(`a call for no tool was answered with ${text.slice(0, 200)}`);
  return text;
}
