import type { ServerResponse } from 'node:http';
import { startGateway, type TestGateway, until } from '../helpers/gateway-instance.js';
import { answerJson, type ScriptedServer, startScriptedServer } from '../helpers/gateway-scripted.js';

const unhandled: unknown[] = [];
const remember = (reason: unknown) => void unhandled.push(reason);
const open: { close(): Promise<void> }[] = [];

beforeAll(() => void process.on('unhandledRejection', remember));
afterAll(() => void process.off('unhandledRejection', remember));
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close();
  expect(unhandled.splice(0)).toEqual([]);
});

/** A gateway in front of a backend that plays a script and of one that does nothing wrong. */
async function start(scripts: Record<string, unknown>, backend: object = {}) {
  const hostile = await startScriptedServer(scripts);
  open.push(hostile);
  const good = await startScriptedServer({ 'tools/call': { content: [] } });
  open.push(good);
  const gateway = await startGateway({
    stateless: true,
    backends: [
      { name: 'hostile', url: hostile.url, ...backend },
      { name: 'good', url: good.url },
    ],
  });
  open.push(gateway);
  await gateway.waitFor('good', 'connected');
  return { hostile, gateway };
}

async function ask(gateway: TestGateway, method: string, params?: object) {
  return (await gateway.post({ jsonrpc: '2.0', id: 1, method, params })).json() as Promise<{
    result?: unknown;
    error?: { code: number; message: string };
  }>;
}

async function names(gateway: TestGateway): Promise<string[]> {
  return ((await ask(gateway, 'tools/list')).result as { tools: { name: string }[] }).tools.map(({ name }) => name);
}

async function listening(server: ScriptedServer): Promise<void> {
  await until(() => (server.counts.GET ?? 0) > 0, 'the gateway to listen');
}

const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

test.each(['constructor', '__proto__', 'toString', { toString: 1 }])(
  'a notification that is called %j changes nothing',
  async (method) => {
    const { hostile, gateway } = await start({});
    await gateway.waitFor('hostile', 'connected');
    await listening(hostile);
    hostile.push(JSON.stringify({ jsonrpc: '2.0', method, params: {} }));
    const before = hostile.counts['tools/list'] as number;
    hostile.push(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }));
    await until(() => (hostile.counts['tools/list'] as number) > before, 'the list to be fetched again');
    expect(await names(gateway)).toEqual(['hostile_call', 'good_call']);
  },
);

test('items without a proper name are left out and hurt nobody', async () => {
  const name = { toString: 1, valueOf: 1 };
  const { gateway } = await start({
    'tools/list': { tools: [{ name }, { name: 5 }, {}, { name: 'call' }] },
    'resources/list': { resources: [{ uri: name }] },
    'resources/templates/list': { resourceTemplates: [{ uriTemplate: name }] },
  });
  await gateway.waitFor('hostile', 'connected');
  expect(await names(gateway)).toEqual(['hostile_call', 'good_call']);
  expect((await ask(gateway, 'resources/list')).result).toEqual({ resources: [] });
});

test.each([1000, 100_000])('a list that is nested %i deep keeps only its own backend away', async (levels) => {
  let isDeep = false;
  const { hostile, gateway } = await start({
    'tools/list': (response: never, id: number) => {
      const schema = isDeep ? nested(levels) : '{}';
      answerJson(response, `{"jsonrpc":"2.0","id":${id},"result":{"tools":[{"name":"call","inputSchema":${schema}}]}}`);
    },
  });
  await gateway.waitFor('hostile', 'connected');
  await listening(hostile);
  isDeep = true;
  for (let round = 0; round < 2; round++) {
    const before = hostile.counts['tools/list'] as number;
    hostile.push(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }));
    await until(() => (hostile.counts['tools/list'] as number) > before, 'the list to be fetched again');
    await until(() => gateway.logs.some(({ list }) => list === 'tools'), 'the refusal to be logged');
    expect(await names(gateway)).toContain('good_call');
  }
});

describe('a backend that', () => {
  const callAnsweredBy = async (script: unknown, backend?: object) => {
    const { gateway, hostile } = await start({ 'tools/call': script }, backend);
    await gateway.waitFor('hostile', 'connected');
    const answer = await ask(gateway, 'tools/call', { name: 'hostile_call' });
    return { answer, gateway, hostile };
  };
  const said = (text: string) => ({
    result: { isError: true, content: [{ type: 'text', text: `backend "hostile": ${text}` }] },
  });

  test.each(['application/json', 'text/event-stream'])('sends an endless answer as %s', async (type) => {
    let sent = 0;
    const { answer } = await callAnsweredBy((response: ServerResponse) => {
      response.writeHead(200, { 'content-type': type });
      const chunk = Buffer.alloc(1024 * 1024, 'x');
      const write = () => {
        if (response.destroyed || sent > 100) return;
        sent++;
        response.write(chunk, () => setImmediate(write));
      };
      write();
    });
    expect(answer).toMatchObject(said('sent a message of more than 32 MiB'));
    expect(sent).toBeLessThan(60);
  });

  test('never ends its event streams does not collect connections', async () => {
    const streams: ServerResponse[] = [];
    const { answer } = await callAnsweredBy((response: ServerResponse, id: number) => {
      streams.push(response);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result: { content: [] } })}\n\n`);
    });
    expect(answer.result).toEqual({ content: [] });
    await until(() => streams.every(({ closed }) => closed), 'the stream to be closed');
  });
});
