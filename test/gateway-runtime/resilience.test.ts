import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { startGateway, type TestGateway, textOf, until } from '../helpers/gateway-instance.js';
import { type Listening, listen, startHttpServer } from '../helpers/gateway-servers.js';

const stdioServer = join(__dirname, 'fixtures/stdio-server.mjs');
const open: { close(): Promise<void> }[] = [];

function keep<T extends { close(): Promise<void> }>(resource: T): T {
  open.push(resource);
  return resource;
}

afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close();
});

/** The URL of a port where nobody listens. */
async function deadUrl(): Promise<string> {
  const listening = await listen(() => {});
  await listening.close();
  return `${listening.url}/mcp`;
}

async function toolNames(client: Awaited<ReturnType<TestGateway['connect']>>): Promise<string[]> {
  return (await client.listTools()).tools.map(({ name }) => name);
}

test('backends that refuse, say nothing or are not MCP neither delay nor fail the others', async () => {
  const good = keep(await startHttpServer('good'));
  const silent = keep(await listen(() => {}));
  const web = keep(
    await listen((_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>')),
  );
  const gateway = keep(
    await startGateway({
      backends: [
        { name: 'dead', url: await deadUrl() },
        { name: 'silent', url: `${silent.url}/mcp` },
        { name: 'web', url: `${web.url}/mcp` },
        { name: 'gone', command: '/no/such/program' },
        { name: 'good', url: good.url },
      ],
    }),
  );
  const first = await gateway.connect();
  expect(await toolNames(first)).toContain('good_echo');
  const started = Date.now();
  const client = await gateway.connect();
  expect(textOf(await client.callTool({ name: 'good_echo', arguments: { text: 'hi' } }))).toBe('good: hi');
  // Far below connect_timeout, which the silent one uses up.
  expect(Date.now() - started).toBeLessThan(3000);
  const ready = await (await fetch(`${gateway.origin}/ready`)).json();
  expect(ready).toMatchObject({
    status: 'ready',
    backends: [
      { name: 'dead', state: 'down', reason: 'connection refused' },
      { name: 'silent', state: 'connecting' },
      { name: 'web', state: 'down', reason: 'ended its answer to initialize without a result' },
      { name: 'gone', state: 'down', reason: 'cannot be started (ENOENT)' },
      { name: 'good', state: 'connected', tools: 4 },
    ],
  });
});

test('a backend that dies is named at once, and heals in the same session', async () => {
  const [a, b] = [keep(await startHttpServer('a')), await startHttpServer('b')];
  const gateway = keep(
    await startGateway({
      backends: [
        { name: 'a', url: a.url },
        { name: 'b', url: b.url },
      ],
    }),
  );
  await gateway.waitFor('a', 'connected');
  await gateway.waitFor('b', 'connected');
  const client = await gateway.connect();
  const heard: string[] = [];
  client.fallbackNotificationHandler = async ({ method }) => void heard.push(method);
  expect(await toolNames(client)).toContain('b_echo');

  await b.close();
  await gateway.waitFor('b', 'down');
  const started = Date.now();
  const failed = await client.callTool({ name: 'b_echo', arguments: { text: 'hi' } });
  expect(Date.now() - started).toBeLessThan(1000);
  expect(failed).toMatchObject({
    isError: true,
    content: [{ text: expect.stringMatching(/^backend "b" is not connected: /) }],
  });
  expect(await toolNames(client)).not.toContain('b_echo');
  expect(textOf(await client.callTool({ name: 'a_echo', arguments: { text: 'hi' } }))).toBe('a: hi');

  keep(await startHttpServer('b', { port: b.port }));
  await gateway.waitFor('b', 'connected');
  expect(textOf(await client.callTool({ name: 'b_echo', arguments: { text: 'again' } }))).toBe('b: again');
  await until(() => heard.length >= 6, 'list_changed to be heard');
  expect(new Set(heard)).toEqual(
    new Set(['tools', 'prompts', 'resources'].map((list) => `notifications/${list}/list_changed`)),
  );
});

test('a backend that forgot its session is initialized again once, and no call notices', async () => {
  let initialized = 0;
  const refused: ServerResponse[] = [];
  let forgotten: unknown;
  const server = keep(
    await startHttpServer('s', {
      json: true,
      intercept: (request, response) => {
        const id = request.headers['mcp-session-id'];
        const isHandshake = id === undefined && request.headers['mcp-method'] === undefined;
        if (request.method === 'POST' && isHandshake) initialized++;
        if (forgotten === undefined || id !== forgotten) return false;
        refused.push(response);
        // Half of the calls learn of it only when the session has been renewed already.
        if (refused.length === 32) {
          refused.forEach((answer, n) => {
            setTimeout(() => answer.writeHead(404).end(), n % 2 ? 300 : 0);
          });
        }
        return true;
      },
    }),
  );
  const gateway = keep(await startGateway({ backends: [{ name: 's', url: server.url }] }));
  await gateway.waitFor('s', 'connected');
  const client = await gateway.connect();
  await client.callTool({ name: 's_echo', arguments: { text: 'before' } });
  forgotten = server.seen.headers.at(-1)?.['mcp-session-id'];
  expect(forgotten).toEqual(expect.any(String));

  const answers = await Promise.all(
    Array.from({ length: 32 }, (_, n) => client.callTool({ name: 's_echo', arguments: { text: `${n}` } })),
  );
  expect(answers.map(textOf)).toEqual(Array.from({ length: 32 }, (_, n) => `s: ${n}`));
  expect(refused).toHaveLength(32);
  expect(initialized).toBe(2);
});

test('one broken connection fails one call: neither the others nor the backend', async () => {
  let breakNext = false;
  const server = keep(
    await startHttpServer('s', {
      json: true,
      intercept: (request) => {
        if (!breakNext || request.method !== 'POST') return false;
        breakNext = false;
        request.socket.destroy();
        return true;
      },
    }),
  );
  const gateway = keep(await startGateway({ backends: [{ name: 's', url: server.url }] }));
  await gateway.waitFor('s', 'connected');
  const client = await gateway.connect();
  const slow = client.callTool({ name: 's_slow', arguments: { ms: 300 } });
  await new Promise((resolve) => setTimeout(resolve, 50));
  breakNext = true;
  const broken = await client.callTool({ name: 's_echo', arguments: { text: 'x' } });
  expect(broken).toMatchObject({
    isError: true,
    content: [{ text: expect.stringMatching(/^backend "s": connection (closed before the answer|reset)$/) }],
  });
  expect(textOf(await client.callTool({ name: 's_echo', arguments: { text: 'y' } }))).toBe('s: y');
  expect(textOf(await slow)).toBe('s waited 300');
  expect(gateway.logs.filter(({ msg }) => msg === 'backend is down; trying again')).toEqual([]);
});

test('a backend that is down at the start is picked up later, and clients are told', async () => {
  const url = await deadUrl();
  const gateway = keep(await startGateway({ backends: [{ name: 'late', url }] }));
  expect((await fetch(`${gateway.origin}/ready`)).status).toBe(503);
  const client = await gateway.connect();
  const heard: string[] = [];
  client.fallbackNotificationHandler = async ({ method }) => void heard.push(method);
  expect(await toolNames(client)).toEqual([]);
  keep(await startHttpServer('late', { port: Number(new URL(url).port) }));
  await until(() => heard.includes('notifications/tools/list_changed'), 'list_changed');
  expect(textOf(await client.callTool({ name: 'late_echo', arguments: { text: 'hi' } }))).toBe('late: hi');
  expect((await fetch(`${gateway.origin}/ready`)).status).toBe(200);
});

test('a client that listens later hears once what it missed', async () => {
  const url = await deadUrl();
  const gateway = keep(await startGateway({ backends: [{ name: 'late', url }] }));
  const initialize = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } };
  const opened = await gateway.post({ jsonrpc: '2.0', id: 1, method: 'initialize', params: initialize });
  const server = keep(await startHttpServer('late', { port: Number(new URL(url).port) }));
  await gateway.waitFor('late', 'connected');
  server.servers[0]?.registerTool('fresh', {}, () => ({ content: [] }));
  await until(async () => {
    const ready = (await (await fetch(`${gateway.origin}/ready`)).json()) as { backends: { tools?: number }[] };
    return ready.backends[0]?.tools === 5;
  }, 'the new tool');
  const stop = new AbortController();
  const listening = await fetch(gateway.url, {
    headers: { accept: 'text/event-stream', 'mcp-session-id': opened.headers.get('mcp-session-id') as string },
    signal: stop.signal,
  });
  const events = await listening.body?.getReader().read();
  const heard = [...new TextDecoder().decode(events?.value).matchAll(/"method":"([^"]+)"/g)].map(
    ([, method]) => method,
  );
  expect(heard).toContain('notifications/tools/list_changed');
  expect(new Set(heard).size).toBe(heard.length);
  stop.abort();
});

test('a child process that crashes is started again', async () => {
  const gateway = keep(
    await startGateway({ backends: [{ name: 'p', command: process.execPath, args: [stdioServer] }] }),
  );
  await gateway.waitFor('p', 'connected');
  const client = await gateway.connect();
  const crashed = await client.callTool({ name: 'p_crash' });
  expect(crashed).toMatchObject({
    isError: true,
    content: [{ text: 'backend "p": exited with code 3: stdio server is up' }],
  });
  await gateway.waitFor('p', 'connected');
  expect(textOf(await client.callTool({ name: 'p_echo', arguments: { text: 'hi' } }))).toBe('stdio: hi');
});

test('tools that a backend adds later appear', async () => {
  const server = keep(await startHttpServer('s'));
  const gateway = keep(await startGateway({ backends: [{ name: 's', url: server.url }] }));
  await gateway.waitFor('s', 'connected');
  const client = await gateway.connect();
  const heard: string[] = [];
  client.fallbackNotificationHandler = async ({ method }) => void heard.push(method);
  server.servers[0]?.registerTool('fresh', {}, () => ({ content: [] }));
  await until(() => heard.includes('notifications/tools/list_changed'), 'list_changed');
  expect(await toolNames(client)).toContain('s_fresh');
});

test('a backend that stops answering pings is down', async () => {
  let silent = false;
  const server = keep(await startHttpServer('s', { intercept: () => silent }));
  const gateway = keep(
    await startGateway({
      backends: [
        { name: 's', url: server.url, health_check_interval: 0.05, request_timeout: 0.2, connect_timeout: 0.3 },
      ],
    }),
  );
  await gateway.waitFor('s', 'connected');
  silent = true;
  await gateway.waitFor('s', 'down');
  silent = false;
  await gateway.waitFor('s', 'connected');
});

test('1,000 calls with the same id at once: none lost, none crossed', async () => {
  const server: Listening = keep(await startHttpServer('s', { json: true }));
  const gateway = keep(
    await startGateway({
      backends: [
        { name: 's', url: server.url },
        { name: 'p', command: process.execPath, args: [stdioServer] },
      ],
    }),
  );
  await gateway.waitFor('s', 'connected');
  await gateway.waitFor('p', 'connected');
  // With a client of 2025-11-25 a call that takes long is answered on a stream.
  const initialize = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } };
  const opened = await gateway.post({ jsonrpc: '2.0', id: 1, method: 'initialize', params: initialize });
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') as string };
  const answers = await Promise.all(
    Array.from({ length: 1000 }, async (_, n) => {
      const params = { name: n % 2 ? 's_echo' : 'p_echo', arguments: { text: `${n}` } };
      const answer = await gateway.post({ jsonrpc: '2.0', id: 7, method: 'tools/call', params }, session);
      return (await answer.json()) as { id: number; result: unknown };
    }),
  );
  expect(answers.map(({ id, result }) => [id, textOf(result)])).toEqual(
    Array.from({ length: 1000 }, (_, n) => [7, `${n % 2 ? 's' : 'stdio'}: ${n}`]),
  );
});
