import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { BackendInput } from '../../../gateway-runtime/src/config/index.js';
import { makeDirectory } from '../../helpers/gateway-directory.js';
import { startGateway, type TestGateway, textOf, until } from '../../helpers/gateway-instance.js';
import { quantile } from '../../helpers/gateway-load.js';
import { startModernServer } from '../../helpers/gateway-modern-servers.js';
import { type Listening, listen, startHttpServer } from '../../helpers/gateway-servers.js';

/** Seconds for which the backend is away; more of them show more. */
const awaySeconds = Number(process.env.AWAY_SECONDS ?? 2);

const open: { close(): Promise<void> }[] = [];
function keep<T extends { close(): Promise<void> }>(resource: T): T {
  open.push(resource);
  return resource;
}
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close();
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What came of one call. */
interface Outcome {
  readonly isError: boolean;
  readonly text: string;
  readonly ms: number;
}

async function call(client: Client, name: string): Promise<Outcome> {
  const began = performance.now();
  const result = await client.callTool({ name, arguments: { text: 'hi' } });
  return { isError: result.isError === true, text: textOf(result), ms: performance.now() - began };
}

/** Calls a tool every 50 ms until told otherwise. */
function callAllTheTime(client: Client, name: string) {
  const outcomes: Outcome[] = [];
  let isOver = false;
  const calling = (async () => {
    while (!isOver) {
      outcomes.push(await call(client, name));
      await pause(50);
    }
  })();
  const stop = async () => {
    isOver = true;
    await calling;
    return outcomes;
  };
  return { outcomes, stop };
}

/** A server that can be killed, and started again with its sessions forgotten. */
interface Mortal {
  readonly backend: BackendInput;
  kill(gateway: TestGateway): Promise<void>;
  revive(): Promise<void>;
}

async function overHttp(start: (port?: number) => Promise<Listening>): Promise<Mortal> {
  let server = await start();
  const { port, url } = server;
  open.push({ close: () => server.close() });
  return {
    backend: { name: 'b', url },
    kill: () => server.close(),
    revive: async () => {
      server = await start(port);
    },
  };
}

const mortals: Record<string, () => Promise<Mortal>> = {
  'legacy, with sessions': () => overHttp((port) => startHttpServer('b', { port })),
  'legacy, answering in JSON': () => overHttp((port) => startHttpServer('b', { port, json: true })),
  modern: () => overHttp((port) => startModernServer('b', { port })),
};

test.each(Object.entries(mortals))(
  'a backend (%s) that is killed for a while fails fast, heals in the same session, and harms no other',
  async (_, make) => {
    const [a, b] = [keep(await startHttpServer('a')), await make()];
    const gateway = keep(await startGateway({ backends: [{ name: 'a', url: a.url }, b.backend] }));
    for (const name of ['a', 'b']) await gateway.waitFor(name, 'connected');
    const client = await gateway.connect();
    const healthy = callAllTheTime(client, 'a_echo');
    expect((await call(client, 'b_echo')).isError).toBe(false);

    await b.kill(gateway);
    await gateway.waitFor('b', 'down');
    const dead = callAllTheTime(client, 'b_echo');
    const ofNewSessions: Outcome[] = [];
    const end = Date.now() + awaySeconds * 1000;
    while (Date.now() < end) {
      const newcomer = await gateway.connect();
      ofNewSessions.push(await call(newcomer, 'a_echo'));
      await newcomer.close();
      await pause(100);
    }
    expect(dead.outcomes.filter(({ isError }) => !isError)).toEqual([]);
    expect(new Set(dead.outcomes.map(({ text }) => text))).toEqual(
      new Set(['backend "b" is not connected: connection refused']),
    );
    // All but one in twenty: other tests run on the machine meanwhile.
    const deadMs = dead.outcomes.map(({ ms }) => ms);
    expect(quantile(deadMs, 0.95)).toBeLessThan(100);

    const back = performance.now();
    await b.revive();
    await until(() => dead.outcomes.at(-1)?.isError === false, 'the backend to be back', 5000);
    const healedMs = performance.now() - back;
    await dead.stop();
    const all = [...(await healthy.stop()), ...ofNewSessions];
    expect(all.filter(({ isError }) => isError)).toEqual([]);
    expect(healedMs).toBeLessThan(300);
    if (process.env.AWAY_SECONDS) {
      const slowest = Math.round(Math.max(...all.map(({ ms }) => ms)));
      process.stderr.write(
        `${_}: ${all.length} healthy calls, slowest ${slowest} ms; ${deadMs.length} of the dead one, slowest ${Math.round(Math.max(...deadMs))} ms; back in ${Math.round(healedMs)} ms\n`,
      );
    }
  },
);

test('a program that is killed is started again for the same session', async () => {
  const directory = makeDirectory();
  const CHILD_PID_FILE = join(directory.path, 'pids');
  const stdioServer = join(__dirname, '../fixtures/stdio-server.mjs');
  const backend = { name: 'p', command: process.execPath, args: [stdioServer], env: { CHILD_PID_FILE } };
  const gateway = keep(await startGateway({ backends: [backend] }));
  await gateway.waitFor('p', 'connected');
  const client = await gateway.connect();
  expect((await call(client, 'p_echo')).isError).toBe(false);
  const [pid] = JSON.parse(readFileSync(CHILD_PID_FILE, 'utf8')) as [number];
  process.kill(pid, 'SIGKILL');
  await gateway.waitFor('p', 'down');
  const gone = await call(client, 'p_echo');
  expect([gone.isError, gone.text]).toEqual([true, 'backend "p" is not connected: was ended by SIGKILL']);
  expect(gone.ms).toBeLessThan(100);
  await until(async () => !(await call(client, 'p_echo')).isError, 'the program to run again');
  directory.remove();
});

test('a backend that is down at the start is picked up within two seconds, though nobody calls it, and announced', async () => {
  const later = await listen(() => {});
  await later.close();
  const a = keep(await startHttpServer('a'));
  const backends = [
    { name: 'a', url: a.url },
    { name: 'late', url: `${later.url}/mcp` },
  ];
  const gateway = keep(await startGateway({ backends }));
  await gateway.waitFor('late', 'down');
  const client = await gateway.connect();
  let announced = 0;
  client.fallbackNotificationHandler = async ({ method }) => {
    if (method === 'notifications/tools/list_changed') announced = performance.now();
  };
  // By now it waits as long between two attempts as it ever does.
  await pause(4000);
  const back = performance.now();
  keep(await startHttpServer('late', { port: later.port }));
  await until(() => announced > 0, 'its tools to be announced', 5000);
  expect(announced - back).toBeLessThan(2000);
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain('late_echo');
});
