import { type CliGateway, startCli } from '../../helpers/gateway-cli.js';
import { makeDirectory, type TestDirectory } from '../../helpers/gateway-directory.js';
import { until } from '../../helpers/gateway-instance.js';
import { loadClient } from '../../helpers/gateway-load.js';
import { type SampleHttpServer, startHttpServer } from '../../helpers/gateway-servers.js';
import { type RoundRobin, startRoundRobin } from '../../helpers/proxies.js';

let directory: TestDirectory;
let server: SampleHttpServer;
let balancer: RoundRobin;
const replicas: CliGateway[] = [];

beforeAll(async () => {
  directory = makeDirectory();
  server = await startHttpServer('s', { json: true });
  directory.write('gateway.json', {
    drain_delay: 0.5,
    sealing: { key: 'three replicas have this key in common' },
    backends: [{ name: 's', url: server.url }],
  });
  replicas.push(await replica(), await replica(), await replica());
  balancer = await startRoundRobin(replicas.map(({ origin }) => origin));
});

afterAll(async () => {
  await balancer?.close();
  for (const gateway of replicas) {
    gateway.process.kill('SIGTERM');
    await gateway.ended;
  }
  await server.close();
  directory.remove();
});

async function replica(): Promise<CliGateway> {
  const gateway = await startCli(['--config', `${directory.path}/gateway.json`, '--no-auth']);
  await until(() => isReady(gateway), 'a replica to be ready');
  return gateway;
}

const isReady = async ({ origin }: CliGateway) => (await fetch(`${origin}/ready`)).ok;

/** What an orchestrator does: nothing new goes to a replica that is not ready, and another one takes its place. */
async function replace(index: number): Promise<void> {
  const leaving = replicas[index] as CliGateway;
  leaving.process.kill('SIGTERM');
  await until(async () => !(await isReady(leaving)), 'a replica to say that it goes');
  balancer.targets = replicas.filter((other) => other !== leaving).map(({ origin }) => origin);
  expect(await leaving.ended).toMatchObject({ code: 0 });
  replicas[index] = await replica();
  balancer.targets = replicas.map(({ origin }) => origin);
}

test('three replicas that are replaced one after the other lose no call of any session', async () => {
  const client = loadClient(`${balancer.url}/mcp`, 16);
  const sessions = await Promise.all(Array.from({ length: 8 }, () => client.begin()));
  const lost: string[] = [];
  let calls = 0;
  let isOver = false;
  const callAgainAndAgain = async () => {
    while (!isOver) {
      const n = calls++;
      const params = { name: 's_echo', arguments: { text: `text ${n}` } };
      const message = { jsonrpc: '2.0', id: n, method: 'tools/call', params };
      const { status, text } = await client.post(message, sessions[n % sessions.length]);
      if (status !== 200 || !text.includes(`text ${n}`) || !text.includes(`"id":${n}`)) lost.push(`${status} ${text}`);
    }
  };
  const callers = Array.from({ length: 16 }, callAgainAndAgain);
  for (const index of replicas.keys()) await replace(index);
  isOver = true;
  await Promise.all(callers);
  process.stderr.write(`${calls} calls while three replicas were replaced, ${lost.length} lost\n`);
  expect(lost).toEqual([]);
  expect(calls).toBeGreaterThan(200);
  await client.close();
});
