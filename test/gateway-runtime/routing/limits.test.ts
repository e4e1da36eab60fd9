import { join } from 'node:path';
import type { GatewayConfigInput } from '../../../gateway-runtime/src/config/index.js';
import type { JsonObject } from '../../../gateway-runtime/src/contracts/json-rpc.js';
import { connectAnswering, startAskingServer } from '../../helpers/gateway-asking.js';
import { makeDirectory } from '../../helpers/gateway-directory.js';
import { type HoldingServer, startHolding } from '../../helpers/gateway-holding.js';
import { startGateway, type TestGateway, textOf, until } from '../../helpers/gateway-instance.js';
import { modern, startStdio } from '../../helpers/gateway-stdio.js';

let open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const resource of open.reverse()) await resource.close();
  open = [];
});

const auth = {
  static_tokens: {
    ada: { client_id: 'ada', scopes: ['use'] },
    bob: { client_id: 'bob', scopes: ['use'] },
    eve: { client_id: 'eve', scopes: [] },
  },
};

/** A gateway in front of a backend `b` that holds calls. */
async function start(limits: GatewayConfigInput['limits'], config: GatewayConfigInput = {}) {
  const server = await startHolding('b');
  const gateway = await startGateway({ backends: [{ name: 'b', url: server.url }], auth, limits, ...config });
  open.push(server, gateway);
  await gateway.waitFor('b', 'connected');
  return { server, gateway };
}

/** One request of a client of the modern era, which needs no session. It can be asked questions. */
function ask({ url }: TestGateway, method: string, params: JsonObject, token = 'ada', signal?: AbortSignal) {
  const { name, uri } = params as { name?: string; uri?: string };
  const named = name ?? uri;
  return fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(named !== undefined && { 'mcp-name': named }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: modern(params, { elicitation: { form: {} } }) }),
    signal,
  });
}

const call = (gateway: TestGateway, name: string, token?: string, signal?: AbortSignal) =>
  ask(gateway, 'tools/call', { name }, token, signal);

/** Opens a session of the legacy era. @returns the headers that name it */
async function begin(gateway: TestGateway, protocolVersion = '2025-11-25'): Promise<Record<string, string>> {
  const params = { protocolVersion, capabilities: {}, clientInfo: { name: 't', version: '1' } };
  const headers = { authorization: 'Bearer ada' };
  const answer = await gateway.post({ jsonrpc: '2.0', id: 0, method: 'initialize', params }, headers);
  return { ...headers, 'mcp-session-id': answer.headers.get('mcp-session-id') ?? '' };
}

const toolCall = (id: number, name: string) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name } });

const audits = ({ logs }: TestGateway) =>
  logs.flatMap(({ audit }) => (audit ? [audit as Record<string, unknown>] : []));

describe('a call that is too many', () => {
  test('is answered with 429, when to try again, and which limit it is: in both eras', async () => {
    const { gateway, server } = await start({ client: { calls_per_minute: 4, burst: 1 } });
    expect((await call(gateway, 'b_quick')).status).toBe(200);
    const message =
      /^there are more than 4 calls a minute by this client \(limits\.client\); try again in 1[45] seconds$/;
    const session = await begin(gateway);
    for (const answer of [await call(gateway, 'b_quick'), await gateway.post(toolCall(1, 'b_quick'), session)]) {
      expect(answer.status).toBe(429);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(14);
      const { error, id } = (await answer.json()) as { error: { data: object }; id: number };
      expect({ id, error }).toEqual({
        id: 1,
        error: {
          code: -32003,
          message: expect.stringMatching(message),
          data: { retry_after_seconds: Number(answer.headers.get('retry-after')) },
        },
      });
    }
    expect(server.calls).toBe(1);
    expect((await call(gateway, 'b_quick', 'bob')).status).toBe(200);
    expect(audits(gateway).map(({ client, outcome, rule }) => [client, outcome, rule])).toEqual([
      ['ada', 'ok', 'no rule'],
      ['ada', 'limited', 'limits.client'],
      ['ada', 'limited', 'limits.client'],
      ['bob', 'ok', 'no rule'],
    ]);
    expect(audits(gateway)[1]?.reason).toMatch(message);
  });

  test('of a batch is a JSON-RPC error among answers', async () => {
    const { gateway } = await start({ tools: { 'b_q*': { calls_per_minute: 1, burst: 2 } } });
    const session = await begin(gateway, '2025-03-26');
    const answer = await gateway.post(
      [1, 2, 3].map((id) => toolCall(id, 'b_quick')),
      session,
    );
    expect(answer.status).toBe(200);
    const answers = (await answer.json()) as { id: number; error?: { code: number } }[];
    expect(answers.map(({ id, error }) => [id, error?.code])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, -32003],
    ]);
  });

  test('is only a JSON-RPC error over stdio', async () => {
    const directory = makeDirectory();
    const command = { command: process.execPath, args: [join(__dirname, '../fixtures/stdio-server.mjs')] };
    const limits = { tools: { p_echo: { calls_per_minute: 1, burst: 1 } } };
    const config = directory.write('gateway.json', { backends: [{ name: 'p', ...command }], limits });
    const gateway = startStdio(['--config', config]);
    await gateway.initialize();
    const echo = { name: 'p_echo', arguments: { text: 'x' } };
    expect((await gateway.request(1, 'tools/call', echo)).error).toBeUndefined();
    for (const params of [echo, modern(echo)]) {
      expect((await gateway.request(Math.random(), 'tools/call', params)).error).toMatchObject({
        code: -32003,
        message: expect.stringContaining('more than 1 call a minute of tool "p_echo" (limits.tools.p_echo)'),
        data: { retry_after_seconds: 60 },
      });
    }
    await gateway.end();
    directory.remove();
  });
});

test('what counts: everything that is asked of a backend, and for callers the own tools of the gateway', async () => {
  const limit = { calls_per_minute: 1, burst: 4 };
  const gateway_tools = { enabled: true, required_scopes: [] };
  const { gateway } = await start({ client: { ...limit, burst: 5 }, backends: { b: limit } }, { gateway_tools });
  const reference = { ref: { type: 'ref/prompt', name: 'b_say' }, argument: { name: 'x', value: '' } };
  const requests: [string, JsonObject][] = [
    ['tools/call', { name: 'b_quick' }],
    ['prompts/get', { name: 'b_say' }],
    ['resources/read', { uri: 'note://it' }],
    ['completion/complete', reference],
    ['tools/call', { name: 'gateway_health' }],
  ];
  for (const [method, params] of requests) {
    // Lists count nowhere.
    expect((await ask(gateway, 'tools/list', {})).status).toBe(200);
    expect((await ask(gateway, method, params)).status).not.toBe(429);
  }
  for (const [method, params] of requests) expect((await ask(gateway, method, params)).status).toBe(429);
  expect((await call(gateway, 'gateway_health', 'bob')).status).toBe(200);
  const answer = await ask(gateway, 'prompts/get', { name: 'b_say' }, 'bob');
  expect(answer.status).toBe(429);
  expect(await answer.text()).toContain('call a minute to backend \\"b\\" (limits.backends.b)');
});

test('a call that is denied takes nothing from anybody', async () => {
  const { gateway } = await start(
    { client: { calls_per_minute: 1, burst: 1 }, tools: { '*': { calls_per_minute: 1, burst: 1 } } },
    { auth: { ...auth, tool_scopes: { '*': ['use'] } } },
  );
  for (let round = 0; round < 5; round++) expect((await call(gateway, 'b_quick', 'eve')).status).toBe(403);
  expect((await call(gateway, 'b_quick')).status).toBe(200);
  expect((await call(gateway, 'b_quick', 'bob')).status).toBe(429);
});

describe('calls in flight', () => {
  const one = { backends: { b: { concurrency: 1 } } };

  /** Waits until the backend holds a call, and sees that another one is refused. */
  async function full(gateway: TestGateway, server: HoldingServer): Promise<void> {
    await until(() => server.held === 1, 'the call to arrive');
    const answer = await call(gateway, 'b_quick');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await answer.text()).toContain('more than 1 call at once to backend');
  }

  const free = (gateway: TestGateway) =>
    until(async () => (await call(gateway, 'b_quick')).status === 200, 'room for another call');

  test('of 200 at once, 5 reach the backend and all others are told', async () => {
    const { gateway, server } = await start({ tools: { b_hold: { concurrency: 5 } } });
    let told = 0;
    const answers = Array.from({ length: 200 }, async () => {
      const { status } = await call(gateway, 'b_hold');
      if (status === 429 && ++told === 195) server.letGo();
      return status;
    });
    const statuses = await Promise.all(answers);
    expect(statuses.filter((status) => status === 200)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(195);
    expect(server.mostHeld).toBe(5);
    const again = Array.from({ length: 5 }, () => call(gateway, 'b_hold'));
    await until(() => server.held === 5, 'five others');
    server.letGo();
    expect((await Promise.all(again)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  });

  test('a call is over when it is answered, well or badly', async () => {
    const { gateway, server } = await start(one);
    const held = call(gateway, 'b_hold');
    await full(gateway, server);
    server.letGo();
    expect((await held).status).toBe(200);
    for (const name of ['b_fail', 'b_fail', 'b_quick']) expect((await call(gateway, name)).status).toBe(200);
  });

  test('a call is over when its client leaves, in both eras', async () => {
    const { gateway, server } = await start(one);
    for (const send of [
      (signal: AbortSignal) => call(gateway, 'b_hold', 'ada', signal),
      async (signal: AbortSignal) =>
        fetch(gateway.url, {
          method: 'POST',
          // Only a client that cannot resume is gone when it leaves.
          headers: { 'content-type': 'application/json', ...(await begin(gateway, '2025-06-18')) },
          body: JSON.stringify(toolCall(1, 'b_hold')),
          signal,
        }),
    ]) {
      const controller = new AbortController();
      const held = send(controller.signal);
      await full(gateway, server);
      controller.abort();
      await expect(held).rejects.toThrow('aborted');
      await free(gateway);
    }
  });

  test('a call is over when it is cancelled', async () => {
    const { gateway, server } = await start(one);
    const session = await begin(gateway);
    const held = gateway.post(toolCall(7, 'b_hold'), session);
    await full(gateway, server);
    const params = { requestId: 7 };
    await gateway.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params }, session);
    await free(gateway);
    await (await held).text();
  });

  test('a call is over when its backend breaks', async () => {
    const { gateway, server } = await start(one);
    const held = call(gateway, 'b_hold');
    await full(gateway, server);
    await server.close();
    await (await held).text();
    const answer = await call(gateway, 'b_quick');
    expect(answer.status).toBe(200);
    expect(textOf(((await answer.json()) as { result: object }).result)).toContain('backend "b"');
  });

  test('a call that waits for its client between two requests is in flight in neither', async () => {
    const server = await startAskingServer();
    open.push(server);
    const gateway = await startGateway({
      backends: [{ name: 'a', url: server.url, namespace_tools: false }],
      limits: { client: { concurrency: 1, calls_per_minute: 60, burst: 4 } },
    });
    open.push(gateway);
    await gateway.waitFor('a', 'connected');
    const round = async (more: JsonObject = {}) => {
      const answer = await ask(gateway, 'tools/call', { name: 'ask', ...more });
      return { status: answer.status, ...((await answer.json()) as { result: JsonObject }) };
    };
    const [first, second] = [await round(), await round()];
    expect([first.result.resultType, second.result.resultType]).toEqual(['input_required', 'input_required']);
    const answered = (asked: JsonObject) => ({
      requestState: asked.requestState,
      inputResponses: Object.fromEntries(
        Object.keys(asked.inputRequests as object).map((name) => [name, { action: 'accept', content: { name } }]),
      ),
    });
    expect(textOf((await round(answered(first.result))).result)).toContain('accept');
    expect(textOf((await round(answered(second.result))).result)).toContain('accept');
    expect((await round()).status).toBe(429);
  });

  test('a call that asks its client while it waits is one call', async () => {
    const server = await startAskingServer();
    open.push(server);
    const gateway = await startGateway({
      backends: [{ name: 'a', url: server.url, namespace_tools: false }],
      limits: { client: { concurrency: 1 } },
    });
    open.push(gateway);
    await gateway.waitFor('a', 'connected');
    const client = await connectAnswering(gateway.url, 'ada');
    expect(textOf(await client.callTool({ name: 'ask_twice' }))).toContain('accept');
    expect(textOf(await client.callTool({ name: 'ask' }))).toContain('accept');
    await client.close();
  });
});
