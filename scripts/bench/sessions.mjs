// Sessions that are opened and left alone: how long that takes, and what each holds of memory.
import { Load } from './load.mjs';
import { residentMegabytes } from './machine.mjs';

const connections = 32;

/** Milliseconds in which a process that is left alone tidies up. */
const restMs = 1500;

/** Opens so many sessions at a gateway that has seen as many before. @returns seconds, kilobytes each, megabytes in all */
export async function measureSessions({ urls, token, pid }, count) {
  const load = new Load(urls.json, connections, token);
  // What the process takes for its work once is no part of what a session holds.
  await open(load, Math.min(count, 1000));
  await rest();
  const before = residentMegabytes(pid);
  const began = performance.now();
  await open(load, count);
  const seconds = (performance.now() - began) / 1000;
  await rest();
  const megabytes = residentMegabytes(pid);
  await load.close();
  return { sessions: count, seconds, kilobytesEach: ((megabytes - before) * 1024) / count, megabytes };
}

async function open(load, count) {
  let left = count;
  const worker = async () => {
    while (left-- > 0) {
      const session = await load.begin();
      if (!session['mcp-session-id']) throw new Error('no session was opened');
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
}

const rest = () => new Promise((resolve) => setTimeout(resolve, restMs));
