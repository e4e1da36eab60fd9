import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import type { BackendInput } from '../../../gateway-runtime/src/config/index.js';
import { startGateway, type TestGateway, textOf } from '../../helpers/gateway-instance.js';
import { startIssuer, type TestIssuer } from '../../helpers/gateway-jwt.js';
import { startModernServer } from '../../helpers/gateway-modern-servers.js';
import { type Listening, startHttpServer, startStatelessServer } from '../../helpers/gateway-servers.js';
import { startTokenServer, type TokenServer } from '../../helpers/token-server.js';

const env = { SECRET: 's3cret' };
const exchanged = 'urn:ietf:params:oauth:grant-type:token-exchange';

let issuer: TestIssuer;
let tokens: TokenServer;
let gateway: TestGateway | undefined;
const open: Listening[] = [];
beforeEach(async () => {
  issuer = await startIssuer();
  tokens = await startTokenServer();
  open.push(issuer, tokens);
});
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
  for (const each of open.splice(0)) await each.close();
});

/** A server that says who calls. */
function createWhoServer(): McpServer {
  const server = new McpServer({ name: 's', version: '1.0.0' });
  server.registerTool('who', { inputSchema: { text: z.string() } }, ({ text }, { requestInfo }) => ({
    content: [{ type: 'text', text: `${text} ${tokens.subjectOf(requestInfo?.headers.authorization)}` }],
  }));
  return server;
}

/** A legacy server that says who calls, and who did in each of its sessions. */
async function startLegacyServer() {
  const usersOf = new Map<string, Set<string>>();
  const server = await startHttpServer('s', {
    create: createWhoServer,
    intercept: ({ headers }, response) => {
      const subject = tokens.subjectOf(headers.authorization);
      if (subject === undefined) response.writeHead(401).end();
      const session = headers['mcp-session-id'];
      if (typeof session === 'string' && subject !== undefined) {
        usersOf.set(session, (usersOf.get(session) ?? new Set()).add(subject));
      }
      return subject === undefined;
    },
  });
  open.push(server);
  return { server, usersOf };
}

async function start(url: string, backend: Partial<BackendInput> = {}, stateless = false) {
  const started = await startGateway(
    {
      stateless,
      auth: {
        enabled: true,
        jwt_public_key: issuer.publicKey,
        jwt_issuer: 'https://issuer.example',
        jwt_audience: 'mcp',
        static_tokens: { 'of-a-program': { client_id: 'program', scopes: ['*'] } },
      },
      backends: [
        {
          name: 's',
          url,
          auth_method: 'token_exchange',
          token_url: `${tokens.url}/token`,
          client_id: 'gateway',
          client_secret_env: 'SECRET',
          scope: 'docs',
          audience: 'backend',
          resource: 'https://backend.example/mcp',
          ...backend,
        },
      ],
    },
    { host: { env, kill: () => {} } },
  );
  gateway = started;
  await started.waitFor('s', 'connected');
  return started;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const legacyClient = (token: string) =>
  gateway?.connect({ requestInit: { headers: bearer(token) } }) as never as ReturnType<TestGateway['connect']>;

/** One call without a session. */
async function post(name: string, token: string, text: string, modern: boolean): Promise<string> {
  const key = 'io.modelcontextprotocol/';
  const _meta = {
    [`${key}protocolVersion`]: '2026-07-28',
    [`${key}clientInfo`]: { name: 'test', version: '1.0.0' },
    [`${key}clientCapabilities`]: {},
  };
  const params = { name, arguments: { text }, ...(modern && { _meta }) };
  const headers: Record<string, string> = modern
    ? { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name }
    : {};
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
  const answer = await (gateway as TestGateway).post(message, { ...headers, ...bearer(token) });
  const body = await answer.text();
  const json = body.startsWith('{') ? body : (/^data: (\{.*)$/m.exec(body)?.[1] ?? body);
  const { result, error } = JSON.parse(json);
  return result ? textOf(result) : error.message;
}

/** Calls of two callers at once, a hundred at a time, each with its own text. */
async function callInTurns(count: number, call: (caller: 'ada' | 'bob', text: string) => Promise<string>) {
  const answers: [string, string][] = [];
  for (let from = 0; from < count; from += 100) {
    await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const caller = index % 2 === 0 ? 'ada' : 'bob';
        const text = `${from + index} ${caller}`;
        answers.push([text, await call(caller, text)]);
      }),
    );
  }
  return answers;
}

test('the caller gets a token exchanged, with which alone the backend is called', async () => {
  const { server, usersOf } = await startLegacyServer();
  const { logs } = await start(server.url);
  const ada = await issuer.sign({ sub: 'ada' });
  const client = await legacyClient(ada);
  const call = { name: 's_who', arguments: { text: 'x' } };
  expect(textOf(await client.callTool(call))).toBe('x ada');
  expect(textOf(await client.callTool(call))).toBe('x ada');
  const asked = { scope: 'docs', audience: 'backend', resource: 'https://backend.example/mcp' };
  expect(tokens.requests.map(({ form }) => form)).toEqual([
    { grant_type: 'client_credentials', ...asked },
    {
      grant_type: exchanged,
      subject_token: ada,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      ...asked,
    },
  ]);
  expect(tokens.requests.map(({ authorization }) => authorization)).toEqual(
    Array(2).fill(`Basic ${Buffer.from('gateway:s3cret').toString('base64')}`),
  );
  expect([...usersOf.values()].map((users) => [...users])).toEqual([['gateway'], ['ada']]);
  expect(JSON.stringify(server.seen.headers)).not.toContain(ada);
  expect(JSON.stringify(logs)).not.toMatch(/s3cret|token-\d/);
  expect(JSON.stringify(logs)).not.toContain(ada);
});

test('client_auth post puts id and secret into the body, and types of tokens are said', async () => {
  const { server } = await startLegacyServer();
  await start(server.url, {
    client_auth: 'post',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    resource: undefined,
  });
  const client = await legacyClient(await issuer.sign({ sub: 'ada' }));
  expect(textOf(await client.callTool({ name: 's_who', arguments: { text: 'x' } }))).toBe('x ada');
  expect(tokens.requests[1]).toMatchObject({
    form: {
      client_id: 'gateway',
      client_secret: 's3cret',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    },
  });
  expect(tokens.requests[1]?.authorization).toBeUndefined();
  expect(tokens.requests[1]?.form).not.toHaveProperty('resource');
});

describe('of 1,000 calls of two callers at once none is made with the token of the other', () => {
  test('to a legacy backend, which never sees two callers in one session', async () => {
    const { server, usersOf } = await startLegacyServer();
    await start(server.url);
    const [ada, bob] = [await issuer.sign({ sub: 'ada' }), await issuer.sign({ sub: 'bob' })];
    const clients = { ada: await legacyClient(ada), bob: await legacyClient(bob) };
    const answers = await callInTurns(1000, async (caller, text) =>
      textOf(await clients[caller].callTool({ name: 's_who', arguments: { text } })),
    );
    expect(answers.filter(([text, answer]) => answer !== `${text} ${text.split(' ')[1]}`)).toEqual([]);
    expect([...usersOf.values()].map((users) => users.size)).toEqual([1, 1, 1]);
    expect(tokens.requests).toHaveLength(3);
  });

  test('to a legacy backend, of modern clients, which have no sessions', async () => {
    const { server, usersOf } = await startLegacyServer();
    await start(server.url);
    const callers = { ada: await issuer.sign({ sub: 'ada' }), bob: await issuer.sign({ sub: 'bob' }) };
    const answers = await callInTurns(1000, (caller, text) => post('s_who', callers[caller], text, true));
    expect(answers.filter(([text, answer]) => answer !== `${text} ${text.split(' ')[1]}`)).toEqual([]);
    expect([...usersOf.values()].map((users) => users.size)).toEqual([1, 1, 1]);
  });

  test.each([
    ['modern', {}, false, true],
    ['modern, of a gateway without sessions and legacy clients', {}, true, false],
  ] as const)('to a backend that is %s', async (_, backend, stateless, modern) => {
    const server = await startModernServer('s', { legacy: 'stateless' });
    open.push(server);
    await start(server.url, backend, stateless);
    const callers = { ada: await issuer.sign({ sub: 'ada' }), bob: await issuer.sign({ sub: 'bob' }) };
    const answers = await callInTurns(1000, (caller, text) => post('s_echo', callers[caller], text, modern));
    expect(answers.filter(([text, answer]) => answer !== `s: ${text}`)).toEqual([]);
    const calls = server.received.filter(({ body }) => body?.method === 'tools/call');
    expect(calls).toHaveLength(1000);
    const crossed = calls.filter(({ headers, body }) => {
      const { text } = Object(body?.params?.arguments) as { text: string };
      return tokens.subjectOf(headers.authorization) !== text.split(' ')[1];
    });
    expect(crossed).toEqual([]);
    expect(tokens.requests).toHaveLength(3);
  });

  test('to a backend that gives one answer to one request', async () => {
    const server = await startStatelessServer('s', { create: createWhoServer });
    open.push(server);
    await start(server.url, { json_only: true }, true);
    const callers = { ada: await issuer.sign({ sub: 'ada' }), bob: await issuer.sign({ sub: 'bob' }) };
    const answers = await callInTurns(1000, (caller, text) => post('s_who', callers[caller], text, false));
    expect(answers.filter(([text, answer]) => answer !== `${text} ${text.split(' ')[1]}`)).toEqual([]);
    expect(tokens.requests).toHaveLength(3);
  });
});

test('a caller without a token is told so, and nothing is sent for him', async () => {
  const { server } = await startLegacyServer();
  await start(server.url);
  const before = server.seen.headers.length;
  const client = await legacyClient('of-a-program');
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['s_who']);
  expect(await client.callTool({ name: 's_who', arguments: { text: 'x' } })).toMatchObject({
    isError: true,
    content: [
      { text: expect.stringMatching(/^backend "s": takes a token of each caller, and this caller came without/) },
    ],
  });
  expect(server.seen.headers.slice(before).filter(({ 'mcp-session-id': id }) => id === undefined)).toEqual([]);
  expect(tokens.requests).toHaveLength(1);
});

test('a token that the backend refuses is exchanged once more, for all calls together', async () => {
  const { server } = await startLegacyServer();
  await start(server.url);
  const client = await legacyClient(await issuer.sign({ sub: 'ada' }));
  const call = { name: 's_who', arguments: { text: 'x' } };
  await client.callTool(call);
  for (const [token, subject] of tokens.valid) if (subject === 'ada') tokens.valid.delete(token);
  const answers = await Promise.all([client.callTool(call), client.callTool(call), client.callTool(call)]);
  expect(answers.map(textOf)).toEqual(['x ada', 'x ada', 'x ada']);
  expect(tokens.requests.filter(({ form }) => form.grant_type === exchanged)).toHaveLength(2);
});

test.each([
  [400, 'invalid_grant'],
  [401, 'invalid_token'],
])(
  'a caller whose token is refused with %d %s hears why, and the server is not asked at each call',
  async (status, error) => {
    const { server } = await startLegacyServer();
    await start(server.url);
    tokens.refuse = ({ subject_token }) =>
      subject_token === undefined ? undefined : [status, { error, error_description: subject_token }];
    const ada = await issuer.sign({ sub: 'ada' });
    const client = await legacyClient(ada);
    for (let times = 0; times < 5; times++) {
      expect(await client.callTool({ name: 's_who', arguments: { text: 'x' } })).toMatchObject({
        isError: true,
        content: [{ text: `backend "s": gets no token: its token_url answered HTTP ${status} (${error})` }],
      });
    }
    expect(tokens.requests).toHaveLength(2);
    expect(JSON.stringify(gateway?.logs)).not.toContain(ada);
  },
);

test('a session goes on with the newest token of its caller', async () => {
  const { server, usersOf } = await startLegacyServer();
  await start(server.url);
  let token = await issuer.sign({ sub: 'ada' });
  const client = await (gateway as TestGateway).connect({
    fetch: (url, init) => {
      const headers = new Headers(init?.headers);
      headers.set('authorization', `Bearer ${token}`);
      return fetch(url, { ...init, headers });
    },
  });
  const call = { name: 's_who', arguments: { text: 'x' } };
  await client.callTool(call);
  const renewed = await issuer.sign({ sub: 'ada', jti: '2' });
  token = renewed;
  expect(textOf(await client.callTool(call))).toBe('x ada');
  expect(tokens.requests.at(-1)?.form.subject_token).toBe(renewed);
  expect([...usersOf.values()].map((users) => users.size)).toEqual([1, 1]);
});
