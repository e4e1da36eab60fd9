import { startFront, type TestFront } from '../../helpers/gateway-front.js';
import { startGateway } from '../../helpers/gateway-instance.js';
import { startHttpServer } from '../../helpers/gateway-servers.js';

const made = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let front: TestFront;
const seen: (string | undefined)[] = [];
const lines: Record<string, unknown>[] = [];
beforeAll(async () => {
  front = await startFront(
    {
      'tools/list': (_, { requestId }) => {
        seen.push(requestId);
        return { tools: [] };
      },
      'prompts/list': () => {
        throw new Error('unforeseen');
      },
    },
    { logs: { write: (line) => void lines.push(JSON.parse(line)) } },
  );
});
afterAll(() => front.close());

const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

test.each([
  ['the one of the client', { 'x-request-id': 'Abc-1.2_3:4' }, 'Abc-1.2_3:4'],
  ['one of 128 characters', { 'x-request-id': 'x'.repeat(128) }, 'x'.repeat(128)],
  ["that of OCI's API Gateway", { 'opc-request-id': '/14A3FC55/7D3278EF' }, '/14A3FC55/7D3278EF'],
  ["the client's before OCI's", { 'x-request-id': 'a', 'opc-request-id': 'b' }, 'a'],
  ["OCI's when the client's is of no use", { 'x-request-id': 'a b', 'opc-request-id': 'b' }, 'b'],
  ['a new one without any', {}, made],
  ['a new one in place of a long one', { 'x-request-id': 'x'.repeat(129) }, made],
  ['a new one in place of an empty one', { 'x-request-id': '' }, made],
  ['a new one in place of one with quotes', { 'x-request-id': '{"a":"b"}' }, made],
  ['a new one in place of one that is no ASCII', { 'x-request-id': 'a\u00e9' }, made],
])('a request is called %s', async (_, headers, expected) => {
  const session = await front.begin();
  const answer = await front.post(list, { ...session, ...(headers as Record<string, string>) });
  const id = answer.headers.get('x-request-id');
  expect(id).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
  expect(seen.at(-1)).toBe(id);
});

test('two requests have two ids', async () => {
  const ids = await Promise.all([1, 2].map(async () => (await front.get()).headers.get('x-request-id')));
  expect(new Set(ids).size).toBe(2);
});

test('a line about a request that failed names it and its trace', async () => {
  const session = await front.begin();
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const message = { ...list, method: 'prompts/list' };
  const headers = { ...session, 'x-request-id': 'find-me' };
  const answers = [
    await front.post(message, { ...headers, traceparent }),
    await front.post({ ...message, params: { _meta: { traceparent } } }, headers),
  ];
  for (const answer of answers) expect(await answer.text()).not.toContain('unforeseen');
  const line = expect.objectContaining({
    ...{ request_id: 'find-me', trace_id: '4bf92f3577b34da6a3ce929d0e0e4736' },
    ...{ method: 'prompts/list', error: 'Error: unforeseen', msg: 'request failed' },
  });
  expect(lines).toEqual([line, line]);
});

test('health, refusals and streams have one, too', async () => {
  const server = await startHttpServer('s');
  const auth = { enabled: true, static_tokens: { t: { client_id: 'c' } } };
  const gateway = await startGateway({ auth, backends: [{ name: 's', url: server.url }] });
  for (const [path, status] of Object.entries({ '/health': 200, '/nothing': 404, '/mcp': 401, '/metrics': 401 })) {
    const answer = await fetch(gateway.origin + path);
    expect([answer.status, answer.headers.get('x-request-id')]).toEqual([status, expect.stringMatching(made)]);
  }
  await gateway.close();
  await server.close();
});
