import type { IncomingMessage, ServerResponse } from 'node:http';
import { until } from '../../helpers/gateway-instance.js';
import { type Listening, listen } from '../../helpers/gateway-servers.js';
import { upstreams } from '../../helpers/gateway-upstream.js';

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: unknown;
  readonly error?: unknown;
}

interface Exchange {
  readonly message: Message;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** A server whose every message a test writes by hand. */
interface ByHand extends Listening {
  readonly posted: Exchange[];
  readonly gets: Exchange[];
  readonly deleted: IncomingMessage[];
}

/** @param version The one it agrees to. @param play Answers what is not part of the handshake. */
async function startByHand(version: string, play: (exchange: Exchange, server: ByHand) => void): Promise<ByHand> {
  const [posted, gets, deleted]: [Exchange[], Exchange[], IncomingMessage[]] = [[], [], []];
  const listening = await listen(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const message: Message = text === '' ? {} : JSON.parse(text);
    if (request.method === 'DELETE') {
      deleted.push(request);
      response.writeHead(405).end();
    } else if (request.method === 'GET') {
      gets.push({ message, request, response });
      play({ message, request, response }, server);
    } else if (message.method === 'server/discover') response.writeHead(404).end();
    else if (message.method === 'initialize') {
      const result = { protocolVersion: version, capabilities: { tools: {} } };
      response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 's1' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
    } else {
      posted.push({ message, request, response });
      if (message.id === undefined || message.method === undefined) response.writeHead(202).end();
      else play({ message, request, response }, server);
    }
  });
  const server: ByHand = { ...listening, url: `${listening.url}/mcp`, posted, gets, deleted };
  return server;
}

function stream(response: ServerResponse): ServerResponse {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  return response;
}

const event = (message: object, id?: string, retry?: number) =>
  [
    id !== undefined && `id: ${id}`,
    retry !== undefined && `retry: ${retry}`,
    `data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}`,
  ]
    .filter(Boolean)
    .join('\n')
    .concat('\n\n');

const noStream = ({ response }: Exchange) => void response.writeHead(405).end();

async function connectTo(server: ByHand, onRequest?: Parameters<ReturnType<typeof upstreams>['make']>[2]) {
  const connection = upstreams().make({ url: server.url, request_timeout: 2 }, { era: 'legacy' }, onRequest);
  await connection.connect();
  return connection;
}

test.each([
  ['2025-11-25', '2025-11-25'],
  ['2025-06-18', '2025-06-18'],
  ['2025-03-26', undefined],
  ['2024-11-05', undefined],
])('after %s was agreed on, messages name version %s and the session', async (version, named) => {
  const server = await startByHand(version, ({ message, request, response }) => {
    if (request.method === 'GET') return void response.writeHead(405).end();
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result: {} }));
  });
  const { upstream } = await connectTo(server);
  await upstream.request('ping', undefined);
  await upstream.close();
  const headers = [...server.posted, ...server.gets].map(({ request }) => request.headers);
  expect(headers.length).toBeGreaterThanOrEqual(3);
  for (const sent of [...headers, ...server.deleted.map((request) => request.headers)]) {
    expect(sent['mcp-protocol-version']).toBe(named);
    expect(sent['mcp-session-id']).toBe('s1');
  }
  // 405 says that sessions are not ended this way, which is fine.
  expect(server.deleted).toHaveLength(1);
});

describe('a stream that ends before its answer', () => {
  test('is gone on with after the time the server asks for, and as often as it takes', async () => {
    const at: number[] = [];
    const server = await startByHand('2025-11-25', ({ request, response }, { gets, posted }) => {
      at.push(Date.now());
      const lastEventId = request.headers['last-event-id'];
      if (request.method === 'POST') stream(response).end('id: a1\nretry: 150\ndata:\n\n');
      else if (lastEventId === undefined) response.writeHead(405).end();
      else if (lastEventId === 'a1')
        stream(response).end(event({ method: 'notifications/own', params: { n: 1 } }, 'a2'));
      else stream(response).end(event({ id: posted.at(-1)?.message.id, result: { done: gets.length } }, 'a3'));
    });
    const { upstream, notifications } = await connectTo(server);
    at.length = 0;
    const heard: unknown[] = [];
    const onNotification = (method: string, params: object) => void heard.push([method, params]);
    expect(await upstream.request('tools/call', { name: 'x' }, { onNotification })).toMatchObject({ done: 3 });
    expect(server.gets.map(({ request }) => request.headers['last-event-id'])).toEqual([undefined, 'a1', 'a2']);
    expect(heard).toEqual([['notifications/own', { n: 1 }]]);
    expect(notifications).toEqual([]);
    const [called = 0, first = 0, second = 0] = at.slice(-3);
    expect(first - called).toBeGreaterThanOrEqual(140);
    expect(second - first).toBeGreaterThanOrEqual(140);
    expect(server.posted.filter(({ message }) => message.method === 'tools/call')).toHaveLength(1);
  });

  test('is gone on with where its connection broke', async () => {
    const server = await startByHand('2025-11-25', ({ request, response }, { posted }) => {
      if (request.method === 'POST') {
        stream(response).write('id: a1\nretry: 100\ndata:\n\n', () => response.socket?.destroy());
      } else if (request.headers['last-event-id'] === 'a1') {
        const { id } = posted.find(({ message }) => message.method === 'tools/call')?.message ?? {};
        stream(response).end(event({ id, result: { done: true } }));
      } else response.writeHead(405).end();
    });
    const { upstream } = await connectTo(server);
    expect(await upstream.request('tools/call', { name: 'x' })).toEqual({ done: true });
  });

  test.each<[string, (response: ServerResponse) => void, (exchange: Exchange) => void]>([
    ['without an event id', (response) => stream(response).end('data:\n\n'), noStream],
    ['and cannot be gone on with', (response) => stream(response).end('id: a\nretry: 100\ndata:\n\n'), noStream],
  ])('%s has no result', async (_, begin, goOn) => {
    const server = await startByHand('2025-11-25', (exchange) => {
      if (exchange.request.method === 'POST') begin(exchange.response);
      else goOn(exchange);
    });
    const { upstream } = await connectTo(server);
    await expect(upstream.request('tools/call', { name: 'x' })).rejects.toThrow(
      'ended its answer to tools/call without a result',
    );
  });

  test('for ever is given up with the call', async () => {
    const server = await startByHand('2025-11-25', ({ request, response }) => {
      const isPost = request.method === 'POST';
      if (!isPost && request.headers['last-event-id'] === undefined) return void response.writeHead(405).end();
      stream(response).end('id: a\nretry: 0\ndata:\n\n');
    });
    const { upstream } = await connectTo(server);
    await expect(upstream.request('tools/call', { name: 'x' })).rejects.toThrow('did not answer tools/call within 2 s');
    const after = server.gets.length;
    expect(after).toBeLessThan(25);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(server.gets.length).toBe(after);
  });

  test('is not gone on with when the call was cancelled', async () => {
    const server = await startByHand('2025-11-25', ({ request, response }) => {
      if (request.method === 'POST') stream(response).end('id: a\nretry: 100\ndata:\n\n');
      else response.writeHead(405).end();
    });
    const { upstream } = await connectTo(server);
    const cancel = new AbortController();
    const call = upstream.request('tools/call', { name: 'x' }, { signal: cancel.signal });
    await until(() => server.posted.some(({ message }) => message.method === 'tools/call'), 'the call');
    cancel.abort();
    await expect(call).rejects.toThrow('cancelled');
    await until(
      () => server.posted.some(({ message }) => message.method === 'notifications/cancelled'),
      'the server to be told',
    );
    expect(server.gets.filter(({ request }) => request.headers['last-event-id'] !== undefined)).toEqual([]);
  });
});

describe('requests of a backend', () => {
  const answers = ({ posted }: ByHand) => posted.map(({ message }) => message).filter(({ method }) => !method);

  test.each<[unknown]>([['a'], [0], [-1], [2 ** 53 - 1], ['']])(
    'with the id %j are answered, with the session',
    async (id) => {
      const server = await startByHand('2025-11-25', ({ request, response }) => {
        if (request.method === 'GET') return void response.writeHead(405).end();
        stream(response).write(event({ id, method: 'elicitation/create', params: { message: 'who?' } }));
      });
      const { upstream } = await connectTo(server);
      const call = upstream.request(
        'tools/call',
        { name: 'x' },
        { onRequest: async (method, params) => ({ method, params }) },
      );
      await until(() => answers(server).length === 1, 'the answer');
      expect(answers(server)).toEqual([
        { jsonrpc: '2.0', id, result: { method: 'elicitation/create', params: { message: 'who?' } } },
      ]);
      expect(server.posted.at(-1)?.request.headers).toMatchObject({
        'mcp-session-id': 's1',
        'mcp-protocol-version': '2025-11-25',
      });
      const { message, response } = server.posted.find(
        (exchange) => exchange.message.method === 'tools/call',
      ) as Exchange;
      response.end(event({ id: message.id, result: {} }));
      await call;
    },
  );

  test('on the streams of calls go to those calls, several at once, and those on no call to the connection', async () => {
    const server = await startByHand('2025-11-25', ({ response }) => void stream(response));
    const asked: string[] = [];
    const { upstream } = await connectTo(server, async (method) => {
      asked.push(`connection ${method}`);
      return { by: 'connection' };
    });
    const call = (name: string) =>
      upstream.request('tools/call', { name }, { onRequest: async (_, { n }) => ({ by: name, n }) });
    const calls = [call('one'), call('two')];
    const streamOf = (name: string) => server.posted.find(({ message }) => message.params?.name === name) as Exchange;
    await until(() => Boolean(streamOf('one') && streamOf('two') && server.gets[0]), 'the calls');
    for (const n of [1, 2]) {
      for (const name of ['one', 'two']) {
        streamOf(name).response.write(event({ id: `${name}${n}`, method: 'sampling/createMessage', params: { n } }));
      }
    }
    server.gets[0]?.response.write(event({ id: 'aside', method: 'roots/list' }));
    await until(() => answers(server).length === 5, 'the answers');
    expect(Object.fromEntries(answers(server).map(({ id, result }) => [id, result]))).toEqual({
      one1: { by: 'one', n: 1 },
      one2: { by: 'one', n: 2 },
      two1: { by: 'two', n: 1 },
      two2: { by: 'two', n: 2 },
      aside: { by: 'connection' },
    });
    expect(asked).toEqual(['connection roots/list']);
    for (const name of ['one', 'two']) {
      const { message, response } = streamOf(name);
      response.end(event({ id: message.id, result: {} }));
    }
    await Promise.all(calls);
  });

  test('that are cancelled are no longer asked, and not answered', async () => {
    const server = await startByHand('2025-11-25', ({ response }) => void stream(response));
    const aborted: string[] = [];
    const { upstream } = await connectTo(server);
    const call = upstream.request(
      'tools/call',
      { name: 'x' },
      {
        onRequest: (_method, _params, signal) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              aborted.push('question');
              reject(new Error('nobody asks any more'));
            });
          }),
      },
    );
    await until(() => server.posted.some(({ message }) => message.params?.name === 'x'), 'the call');
    const { message, response } = server.posted.at(-1) as Exchange;
    response.write(event({ id: 7, method: 'elicitation/create', params: {} }));
    response.write(event({ method: 'notifications/cancelled', params: { requestId: 8 } }));
    response.write(event({ method: 'notifications/cancelled', params: { requestId: 7 } }));
    await until(() => aborted.length === 1, 'the question to be taken back');
    response.write(event({ id: 9, method: 'ping' }));
    await until(() => answers(server).length > 0, 'the answer to the ping');
    expect(answers(server)).toEqual([{ jsonrpc: '2.0', id: 9, result: {} }]);
    response.end(event({ id: message.id, result: {} }));
    await call;
  });

  test('beyond a hundred at once, with an id that is taken or none, are refused', async () => {
    const server = await startByHand('2025-11-25', ({ response }) => void stream(response));
    const { upstream } = await connectTo(server);
    const call = upstream.request('tools/call', { name: 'x' }, { onRequest: () => new Promise(() => {}) });
    await until(() => server.posted.some(({ message }) => message.params?.name === 'x'), 'the call');
    const { message, response } = server.posted.at(-1) as Exchange;
    const ask = (id: unknown) => response.write(event({ id, method: 'elicitation/create', params: {} }));
    for (let id = 0; id < 101; id++) ask(id);
    ask(5);
    ask(null);
    await until(() => answers(server).length === 3, 'the refusals');
    expect(answers(server)).toEqual(
      expect.arrayContaining([
        { jsonrpc: '2.0', id: 100, error: { code: -32603, message: 'too many requests at once' } },
        { jsonrpc: '2.0', id: 5, error: { code: -32600, message: 'the id is not free' } },
        { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'the id is not free' } },
      ]),
    );
    response.end(event({ id: message.id, result: {} }));
    await call;
  });
});

test('notifications go to the call on whose stream they came, unless they are for everybody', async () => {
  const server = await startByHand('2025-11-25', ({ response }) => void stream(response));
  const { upstream, notifications } = await connectTo(server);
  const heard: unknown[] = [];
  const call = upstream.request(
    'tools/call',
    { name: 'x' },
    { onNotification: (method, params) => void heard.push([method, params]) },
  );
  await until(() => Boolean(server.gets[0]) && server.posted.some(({ message }) => message.params), 'the call');
  const { message, response } = server.posted.at(-1) as Exchange;
  response.write(event({ method: 'notifications/vendor/own', params: { deep: [1] } }));
  response.write(event({ method: 'notifications/tools/list_changed' }));
  server.gets[0]?.response.write(event({ method: 'notifications/vendor/aside', params: { n: 2 } }));
  await until(() => notifications.length === 2, 'the notifications');
  expect(heard).toEqual([['notifications/vendor/own', { deep: [1] }]]);
  expect(notifications).toEqual(
    expect.arrayContaining([
      ['notifications/tools/list_changed', {}],
      ['notifications/vendor/aside', { n: 2 }],
    ]),
  );
  response.end(event({ id: message.id, result: {} }));
  await call;
});

test("a caller's progress token is replaced, and never sent for a call that asks for none", async () => {
  const server = await startByHand('2025-11-25', ({ message, request, response }) => {
    if (request.method === 'GET') return void response.writeHead(405).end();
    const token = (message.params?._meta as { progressToken?: unknown })?.progressToken;
    stream(response).write(event({ method: 'notifications/progress', params: { progressToken: token, progress: 1 } }));
    response.end(event({ id: message.id, result: { token } }));
  });
  const { upstream } = await connectTo(server);
  const params = { name: 'x', _meta: { progressToken: 'theirs', own: 1 } };
  const steps: unknown[] = [];
  const asked = await upstream.request('tools/call', params, { onProgress: (step) => void steps.push(step) });
  expect(asked).toEqual({ token: expect.any(Number) });
  expect(steps).toEqual([{ progress: 1 }]);
  expect(await upstream.request('tools/call', params)).toEqual({});
  expect(server.posted.at(-1)?.message.params).toEqual({ name: 'x', _meta: { own: 1 } });
});
