// From the start of a process to the first call of a tool that was answered.
import { Load } from './load.mjs';

/** @param start Starts a gateway and resolves as soon as it listens. @returns seconds */
export async function measureColdStart(start) {
  const began = performance.now();
  const { urls, toolOf, token } = await start();
  const load = new Load(urls.json, 1, token);
  const session = await load.begin();
  const { text } = await load.call(1, toolOf('echo', 'json'), { text: 'first' }, session);
  const seconds = (performance.now() - began) / 1000;
  await load.close();
  if (!text.includes('"text":"first"')) throw new Error(`the first call was answered with ${text}`);
  return seconds;
}
