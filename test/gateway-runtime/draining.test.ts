import { Agent, get } from 'node:http';
import { type CliGateway, startCli } from '../helpers/gateway-cli.js';
import { makeDirectory, type TestDirectory } from '../helpers/gateway-directory.js';
import { textOf, until } from '../helpers/gateway-instance.js';
import { type SampleHttpServer, startHttpServer } from '../helpers/gateway-servers.js';

let directory: TestDirectory;
let server: SampleHttpServer;
beforeAll(async () => {
  directory = makeDirectory();
  server = await startHttpServer('s', { json: true });
});
afterAll(async () => {
  directory.remove();
  await server.close();
});

async function start(config: object): Promise<CliGateway> {
  const file = directory.write('gateway.json', {
    stateless: true,
    backends: [{ name: 's', url: server.url }],
    ...config,
  });
  const gateway = await startCli(['--config', file, '--no-auth']);
  await until(async () => (await fetch(`${gateway.origin}/ready`)).ok, 'the backend');
  return gateway;
}

const slow = (ms: number) =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 's_slow', arguments: { ms } } });

const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

const call = (gateway: CliGateway, ms: number, signal?: AbortSignal) =>
  fetch(`${gateway.origin}/mcp`, { method: 'POST', headers, body: slow(ms), signal });

const statusOf = (gateway: CliGateway, path: string) => fetch(gateway.origin + path).then(({ status }) => status);

test('200 calls in flight are answered; before that nobody is ready, and after the delay nothing new is taken', async () => {
  const gateway = await start({ drain_delay: 1 });
  const before = server.seen.headers.length;
  const inFlight = Array.from({ length: 200 }, () => call(gateway, 2000));
  await until(() => server.seen.headers.length >= before + 200, 'the calls to arrive');
  const told = Date.now();
  gateway.process.kill('SIGTERM');
  await until(async () => (await statusOf(gateway, '/ready')) === 503, 'readiness to end');
  // Who sends calls does not know yet.
  const late = await call(gateway, 1);
  expect(Date.now() - told).toBeLessThan(1000);
  expect([late.status, late.headers.get('connection')]).toEqual([200, 'close']);
  expect(await statusOf(gateway, '/health')).toBe(200);
  await until(async () => (await call(gateway, 1)).status === 503, 'the delay to end');
  const refused = await call(gateway, 1);
  expect([refused.status, refused.headers.get('connection'), refused.headers.get('retry-after')]).toEqual([
    ...[503, 'close', '1'],
  ]);
  const answers = await Promise.all(inFlight);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  // Clients that keep their connections go elsewhere now.
  expect(new Set(answers.map((answer) => answer.headers.get('connection')))).toEqual(new Set(['close']));
  const results = await Promise.all(answers.map((answer) => answer.json() as Promise<{ result: unknown }>));
  expect(results.filter(({ result }) => textOf(result) === 's waited 2000')).toHaveLength(200);
  expect(await gateway.ended).toMatchObject({ code: 0, stderr: '' });
  expect(Date.now() - told).toBeLessThan(6000);
});

test('a call that takes longer than drain_timeout is given up, and the gateway ends in time', async () => {
  const gateway = await start({ drain_timeout: 0.5 });
  const given = call(gateway, 30_000).then(
    (answer) => answer.text(),
    () => 'connection closed',
  );
  await until(
    async () => (await (await fetch(`${gateway.origin}/metrics`)).text()).includes('in_flight 1'),
    'the call',
  );
  const told = Date.now();
  gateway.process.kill('SIGTERM');
  expect(await gateway.ended).toMatchObject({ code: 0, stderr: '' });
  expect(Date.now() - told).toBeLessThan(4000);
  expect(await given).not.toContain('waited');
});

test('a client that listens is told the end once calls have ended', async () => {
  const gateway = await start({ stateless: false });
  const initialize = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'c', version: '1' } };
  const opened = await fetch(`${gateway.origin}/mcp`, {
    ...{ method: 'POST', headers },
    body: JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params: initialize }),
  });
  const session = { ...headers, 'mcp-session-id': String(opened.headers.get('mcp-session-id')) };
  const stream = await fetch(`${gateway.origin}/mcp`, { headers: session });
  const ended = stream.text().then(() => Date.now());
  const answer = fetch(`${gateway.origin}/mcp`, { method: 'POST', headers: session, body: slow(400) });
  await until(
    async () => (await (await fetch(`${gateway.origin}/metrics`)).text()).includes('in_flight 1'),
    'the call',
  );
  gateway.process.kill('SIGTERM');
  const text = await (await answer).text();
  const answered = Date.now();
  expect(text).toContain('s waited 400');
  expect(await ended).toBeGreaterThanOrEqual(answered - 50);
  expect(await gateway.ended).toMatchObject({ code: 0 });
});

test.each(['SIGTERM', 'SIGINT'] as const)('a second %s waits for nothing', async (signal) => {
  const gateway = await start({ drain_delay: 20 });
  const given = call(gateway, 20_000).catch(() => undefined);
  await until(
    async () => (await (await fetch(`${gateway.origin}/metrics`)).text()).includes('in_flight 1'),
    'the call',
  );
  gateway.process.kill('SIGTERM');
  await until(async () => (await statusOf(gateway, '/ready')) === 503, 'the first to arrive');
  const told = Date.now();
  gateway.process.kill(signal);
  expect(await gateway.ended).toMatchObject({ code: 0, stderr: '' });
  expect(Date.now() - told).toBeLessThan(2000);
  await given;
});

test('a connection that is kept open does not hold the end up', async () => {
  const gateway = await start({});
  const agent = new Agent({ keepAlive: true });
  await new Promise((resolve) => {
    get(`${gateway.origin}/health`, { agent }, (response) => response.resume().once('end', resolve));
  });
  const told = Date.now();
  gateway.process.kill('SIGTERM');
  expect(await gateway.ended).toMatchObject({ code: 0 });
  expect(Date.now() - told).toBeLessThan(2000);
  agent.destroy();
});
