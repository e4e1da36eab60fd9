// tools/list over many backends, of which each offers ten tools.
import { Load } from './load.mjs';
import { requestsAt } from './subjects.mjs';

const repetitions = 30;

/** Asks one client's list of tools over and over. @returns milliseconds in the middle, tools, and how many requests backends saw */
export async function measureList({ urls, token }, backends, backend) {
  const load = new Load(urls.json, 1, token);
  const session = await load.begin();
  const list = () => load.post({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }, session);
  const { text } = await list();
  const { tools } = JSON.parse(text).result;
  const before = await requestsAt(backend, 'all');
  const times = [];
  for (let count = 0; count < repetitions; count++) {
    const sentAt = performance.now();
    await list();
    times.push(performance.now() - sentAt);
  }
  const asked = (await requestsAt(backend, 'all')) - before;
  await load.close();
  times.sort((a, b) => a - b);
  return { backends, tools: tools.length, milliseconds: times[repetitions / 2], asked };
}
