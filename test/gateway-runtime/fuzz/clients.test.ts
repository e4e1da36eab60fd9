import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { type CliGateway, startCli } from '../../helpers/gateway-cli.js';
import { makeDirectory } from '../../helpers/gateway-directory.js';
import { until } from '../../helpers/gateway-instance.js';
import { type Answered, type LoadClient, loadClient, quantile } from '../../helpers/gateway-load.js';
import { startScriptedServer } from '../../helpers/gateway-scripted.js';
import { startStdio } from '../../helpers/gateway-stdio.js';
import { mutate, mutateText, Random } from '../../helpers/mutator.js';

const seed = Number(process.env.FUZZ_SEED ?? 20_260_728);
const atOnce = 64;

const legacy = { protocolVersion: '2025-11-25', capabilities: { roots: {} }, clientInfo: { name: 'f', version: '1' } };
const _meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
  progressToken: 'p',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};
const request = (method: string, params?: object) => ({ jsonrpc: '2.0', id: 1, method, params });
const call = { name: 'b_call', arguments: { text: 'hi', n: 1 } };

/** Messages as clients send them, of both eras. */
const messages: readonly object[] = [
  request('initialize', legacy),
  request('ping'),
  request('tools/list', { cursor: 'x' }),
  request('tools/call', call),
  request('tools/call', { ...call, _meta: { progressToken: 1 } }),
  request('resources/list'),
  request('resources/read', { uri: 'x://a' }),
  request('resources/subscribe', { uri: 'x://a' }),
  request('prompts/get', { name: 'b_p', arguments: { a: 'b' } }),
  request('completion/complete', { ref: { type: 'ref/prompt', name: 'b_p' }, argument: { name: 'a', value: 'b' } }),
  request('logging/setLevel', { level: 'info' }),
  request('tasks/get', { taskId: 't' }),
  request('server/discover', { _meta }),
  request('tools/list', { _meta }),
  request('tools/call', { ...call, _meta, inputResponses: { x: {} }, requestState: 's' }),
  { jsonrpc: '2.0', method: 'notifications/initialized' },
  { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1, reason: 'no' } },
  { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } },
  { jsonrpc: '2.0', id: 1, result: {} },
  { jsonrpc: '2.0', id: 1, error: { code: 1, message: 'no' } },
  [request('ping'), request('tools/list')],
];

const statuses = [200, 202, 400, 401, 403, 404, 405, 406, 413, 415];

let gateway: CliGateway;
let client: LoadClient;
let session: Record<string, string>;

beforeAll(async () => {
  process.stderr.write(`FUZZ_SEED=${seed}\n`);
  const backend = await startScriptedServer({ 'tools/call': { content: [{ type: 'text', text: 'called' }] } });
  const directory = makeDirectory();
  const config = directory.write('gateway.json', {
    auth: { enabled: false },
    enable_audit_log: false,
    enable_sse: true,
    log_level: 'ERROR',
    backends: [{ name: 'b', url: backend.url }],
  });
  gateway = await startCli(['--config', config, '--log-level', 'INFO']);
  await until(() => gateway.output().includes('backend connected'), 'the backend to be connected');
  directory.remove();
  client = loadClient(`${gateway.origin}/mcp`, atOnce);
  session = await client.begin();
});

afterAll(() => client?.close());

afterEach(async () => {
  expect(gateway.process.exitCode).toBeNull();
  expect(gateway.output()).not.toContain('request failed');
  const times: number[] = [];
  for (let n = 0; n < 100; n++) {
    const { status, text, ms } = await client.post({ ...request('tools/call', call), id: n }, session);
    expect([status, JSON.parse(text)]).toMatchObject([200, { id: n, result: { content: [{ text: 'called' }] } }]);
    times.push(ms);
  }
  expect(quantile(times, 0.99)).toBeLessThan(250);
});

/** MiB that the gateway holds. */
function memory(): number {
  const status = readFileSync(`/proc/${gateway.process.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** Does something for each of so many numbers, several at once. */
async function forEach(count: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

function check(sent: unknown, { status, headers, text }: Answered): void {
  const wrong = (why: string) =>
    new Error(`${why}: ${status} ${text.slice(0, 500)} to ${JSON.stringify(sent).slice(0, 2000)}`);
  if (!statuses.includes(status)) throw wrong('unexpected status');
  if (/node:internal|\bat .*:\d+:\d+|gateway-runtime|\.js:\d/.test(text)) throw wrong('tells of the inside');
  const type = String(headers['content-type'] ?? '');
  const bodies = type.includes('event-stream') ? [...text.matchAll(/^data: (.+)$/gm)].map(([, data]) => data) : [text];
  for (const body of bodies.filter((one) => one)) {
    for (const message of [JSON.parse(body as string)].flat()) {
      const { jsonrpc, result, error, method } = message as Record<string, { code?: unknown } & unknown>;
      const isAnswer = (result === undefined) !== (error === undefined);
      if (String(jsonrpc) !== '2.0' || (!isAnswer && method === undefined)) throw wrong('no JSON-RPC');
      if (error?.code === -32_603) throw wrong('an internal error');
    }
  }
}

/** Headers as they should be, or nearly so. */
function headersFor(message: unknown, random: Random): Record<string, string> {
  const { method, params } = Object(message) as { method?: unknown; params?: { name?: unknown } };
  const text = (value: unknown) =>
    String(typeof value === 'string' ? value : 'x')
      .replace(/[^\x20-\x7e]/g, '?')
      .slice(0, 500);
  const modern = {
    'mcp-protocol-version': random.pick(['2026-07-28', '2026-07-28', '2025-11-25', '2099-01-01', '']),
    'mcp-method': text(method),
    'mcp-name': text(Object(params).name),
  };
  const sessions = [session, session, {}, { 'mcp-session-id': text(random.bytes(10).toString('latin1')) }];
  return {
    ...random.pick(sessions),
    ...(random.below(3) === 0 && modern),
    ...(random.below(20) === 0 && { accept: random.pick(['application/json', 'text/event-stream', '*/*', 'x', '']) }),
    ...(random.below(20) === 0 && {
      'content-type': random.pick(['text/plain', 'application/json; charset=x', 'x', '']),
    }),
    ...(random.below(20) === 0 && { 'last-event-id': text(random.bytes(20).toString('latin1')) }),
  };
}

test('40,000 messages with members changed are each answered once, as JSON-RPC has it, and cost no memory', async () => {
  const random = new Random(seed);
  const run = (count: number) =>
    forEach(count, async () => {
      const message = random.pick(messages);
      const sent = random.below(4) === 0 ? mutateText(message, random) : (mutate(message, random) ?? null);
      check(sent, await client.post(sent, headersFor(sent, random)));
    });
  await run(20_000);
  const half = memory();
  await run(20_000);
  expect(memory() - half).toBeLessThan(80);
}, 90_000);

const valid =
  'POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n';
const ping = JSON.stringify(request('ping'));
const raw: readonly string[] = [
  `${valid}Content-Length: ${ping.length}\r\n\r\n${ping}`,
  `${valid}Transfer-Encoding: chunked\r\n\r\n${ping.length.toString(16)}\r\n${ping}\r\n0\r\n\r\n`,
  'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  'GET /ready?x=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  'OPTIONS /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: https://x.example\r\nAccess-Control-Request-Method: POST\r\n\r\n',
  'DELETE /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nMcp-Session-Id: x\r\n\r\n',
  'POST /messages?sessionId=x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}',
];

const pieces = [
  '\r\n',
  '\n',
  '\0',
  ' ',
  ':',
  'Transfer-Encoding: chunked\r\n',
  'Content-Length: 5\r\n',
  'Expect: 100-continue\r\n',
  'Upgrade: h2c\r\n',
  'x'.repeat(20_000),
  '%',
  'ffffffffffffffff\r\n',
  '0\r\n\r\n',
  'Host: evil\r\n',
  '\x80\xff',
];

function mutateBytes(text: string, random: Random): Buffer {
  let bytes = Buffer.from(text, 'latin1');
  for (let changes = random.below(4); changes >= 0; changes--) {
    const at = random.below(bytes.length + 1);
    const inserted =
      random.below(3) === 0 ? random.bytes(random.below(20)) : Buffer.from(random.pick(pieces), 'latin1');
    bytes = Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + random.below(6))]);
  }
  return bytes;
}

/** Sends bytes and no more after them. @returns everything that came back until the gateway closed the connection */
function exchange(bytes: Buffer | string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(gateway.origin).port), '127.0.0.1');
    let answer = '';
    socket.setEncoding('latin1').setTimeout(8000, () => {
      socket.destroy();
      reject(new Error(`no end of ${JSON.stringify(String(bytes).slice(0, 1000))}`));
    });
    socket.on('data', (text) => {
      answer += text;
    });
    // Who is refused may be cut off while still sending.
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
    socket.end(bytes);
  });
}

const statusesOf = (answer: string) =>
  [...answer.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status));

test('8,000 requests that may be no HTTP are answered or refused, and none is left hanging', async () => {
  const random = new Random(seed + 1);
  await forEach(8000, async () => {
    const bytes = random.below(10) === 0 ? random.bytes(1 + random.below(500)) : mutateBytes(random.pick(raw), random);
    const answer = await exchange(bytes);
    const unexpected = statusesOf(answer).filter((status) => status >= 500 && status !== 501 && status !== 505);
    if (unexpected.length > 0 || (answer !== '' && !answer.startsWith('HTTP/1.1 '))) {
      throw new Error(`${answer.slice(0, 500)} to ${JSON.stringify(bytes.toString('latin1').slice(0, 1000))}`);
    }
  });
}, 60_000);

const smuggled = 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
test.each([
  ['a length beside chunks', `Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
  ['chunks beside a length', `Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${smuggled}`],
  ['two lengths', `Content-Length: 0\r\nContent-Length: 5\r\n\r\n${smuggled}`],
  ['a negative length', `Content-Length: -1\r\n\r\n${smuggled}`],
  ['a length with a sign', `Content-Length: +0\r\n\r\n${smuggled}`],
  ['an unknown coding', `Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`],
  ['chunked, but not last', `Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`],
  ['a blank before the colon', `Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`],
  ['a size that is no number', `Transfer-Encoding: chunked\r\n\r\nz\r\n\r\n${smuggled}`],
])('a request with %s carries no second one in', async (_, rest) => {
  const [first, second] = statusesOf(await exchange(`${valid}${rest}`));
  expect([first, second]).toEqual([400, undefined]);
});

test('10,000 lines with members changed leave a gateway over stdio as it was', async () => {
  const random = new Random(seed + 2);
  const stdio = startStdio();
  await stdio.initialize();
  for (let n = 0; n < 10_000; n++) {
    const sent = mutateText(random.pick(messages), random).replaceAll('\n', ' ');
    // A line of the next round tells that those before were read.
    stdio.send(sent);
    if (n % 1000 === 999) expect(await stdio.request(`alive-${n}`, 'ping')).toMatchObject({ result: {} });
  }
  const internal = stdio.messages.flat().filter(({ error }) => (error as { code?: number })?.code === -32_603);
  expect(internal).toEqual([]);
  expect((await stdio.end()).code).toBe(0);
}, 60_000);
