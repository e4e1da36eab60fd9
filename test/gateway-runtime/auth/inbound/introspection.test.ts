import type { ServerResponse } from 'node:http';
import { formatFault, type GatewayConfigInput } from '../../../../gateway-runtime/src/config/index.js';
import { setClock } from '../../../helpers/clock.js';
import { makeDirectory } from '../../../helpers/gateway-directory.js';
import { startGateway, type TestGateway, textOf, until } from '../../../helpers/gateway-instance.js';
import { startIntrospection, type TestIntrospection } from '../../../helpers/gateway-introspection.js';
import { startIssuer } from '../../../helpers/gateway-jwt.js';
import { startHttpServer } from '../../../helpers/gateway-servers.js';
import { bearer, configFaults, initialize, statusOf } from '../../../helpers/gateway-tokens.js';

type IntrospectionInput = NonNullable<NonNullable<GatewayConfigInput['auth']>['introspection']>;

let server: TestIntrospection;
let gateway: TestGateway;

const now = () => Math.floor(Date.now() / 1000);
const active = (more: object = {}) => ({ active: true, aud: 'mcp', sub: 'ada', exp: now() + 300, ...more });

async function start(more: Partial<IntrospectionInput> = {}, auth: GatewayConfigInput['auth'] = {}) {
  gateway = await startGateway({
    auth: {
      ...auth,
      introspection: { url: server.url, client_id: 'gateway', client_secret: 's3cret', audience: 'mcp', ...more },
    },
  });
}

beforeEach(async () => {
  server = await startIntrospection();
});

afterEach(async () => {
  jest.useRealTimers();
  await gateway?.close();
  await server.close();
});

test('a token that the server knows is accepted, and asked about once', async () => {
  await start();
  server.tokens.set('opaque', active());
  const statuses = await Promise.all(Array.from({ length: 20 }, () => statusOf(gateway, 'opaque')));
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(await statusOf(gateway, 'opaque')).toBe(200);
  expect(server.asked).toEqual(['opaque']);
  expect(server.client).toBe('gateway:s3cret');
});

test('a call is audited as of whom the server says, and allowed what it says', async () => {
  const backend = await startHttpServer('s');
  gateway = await startGateway({
    auth: {
      introspection: {
        url: server.url,
        client_id: 'gateway',
        client_secret: 's3cret',
        audience: 'mcp',
        issuer: 'https://as.example',
      },
      tool_scopes: { s_echo: ['see'] },
    },
    backends: [{ name: 's', url: backend.url }],
  });
  await gateway.waitFor('s', 'connected');
  server.tokens.set('opaque', active({ client_id: 'agent', scope: 'see do' }));
  server.tokens.set('narrow', active({ client_id: 'agent', scope: 'do' }));
  const client = await gateway.connect({ requestInit: { headers: bearer('opaque') } });
  expect(textOf(await client.callTool({ name: 's_echo', arguments: { text: 'x' } }))).toBe('s: x');
  expect(gateway.logs.map(({ audit }) => audit).filter(Boolean)).toMatchObject([
    { client: 'agent', issuer: 'https://as.example', subject: 'ada', tool: 's_echo', outcome: 'ok' },
  ]);
  const narrow = await gateway.connect({ requestInit: { headers: bearer('narrow') } });
  expect((await narrow.listTools()).tools).toEqual([]);
  await backend.close();
});

test.each<[string, object, number]>([
  ['for this gateway among others', { aud: ['x', 'mcp'] }, 200],
  ['without an expiry', { exp: undefined }, 200],
  ['of a client without a user', { sub: undefined, client_id: 'agent' }, 200],
  ['of its issuer, with a slash', { iss: 'https://as.example/' }, 200],
  ['with the claim that is needed', { tenant: ['x', 'acme'] }, 200],
  ['for somebody else', { aud: 'files' }, 401],
  ['for nobody', { aud: undefined }, 401],
  ['that has expired', { exp: now() - 31 }, 401],
  ['with an expiry that is text', { exp: '99999999999' }, 401],
  ['that is not valid yet', { nbf: now() + 60 }, 401],
  ['that is issued later', { iat: now() + 60 }, 401],
  ['of another issuer', { iss: 'https://evil.example' }, 401],
  ['of nobody', { sub: undefined }, 401],
  ['that is not active', { active: false }, 401],
  ['with another value of the claim', { tenant: 'globex' }, 401],
  ['that is bound to a key', { cnf: { jkt: 'abc' } }, 401],
])('a token %s: %j is %d', async (_, answer, status) => {
  await start({ issuer: 'https://as.example', claims: { tenant: 'acme' } });
  server.tokens.set('opaque', active({ tenant: 'acme', ...answer }));
  expect(await statusOf(gateway, 'opaque')).toBe(status);
});

test.each<[string, (response: ServerResponse) => void]>([
  ['fails', (response) => response.writeHead(500).end()],
  ['hangs up', (response) => response.destroy()],
  ['answers something else', (response) => response.end('<html>')],
  ['says active in a word', (response) => response.end(JSON.stringify({ ...active(), active: 'true' }))],
  ['says nothing', (response) => response.end('{}')],
  ['sends elsewhere', (response) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end()],
  ['answers too much', (response) => response.end(JSON.stringify({ ...active(), x: 'x'.repeat(1024 * 1024) }))],
])('fails with 503 when the server %s, and not for whom it knew before', async (_, respond) => {
  await start();
  server.tokens.set('before', active()).set('opaque', active());
  expect(await statusOf(gateway, 'before')).toBe(200);
  server.respond = (_request, response) => respond(response);
  const answer = await gateway.post(initialize, bearer('opaque'));
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await statusOf(gateway, 'before')).toBe(200);
  server.respond = undefined;
  expect(await statusOf(gateway, 'opaque')).toBe(200);
  const lines = gateway.logs.filter(({ msg }) => msg === 'tokens cannot be looked up');
  expect(lines).toHaveLength(1);
  expect(JSON.stringify(gateway.logs)).not.toMatch(/opaque|s3cret/);
});

test('an answer counts as long as it may, and a refusal for ten seconds', async () => {
  const begin = Date.now();
  setClock(begin);
  await start();
  server.tokens.set('opaque', active()).set('short', active({ exp: now() + 5 }));
  const statuses = async (...tokens: string[]) => {
    const all = [];
    for (const token of tokens) all.push(await statusOf(gateway, token));
    return all;
  };
  expect(await statuses('opaque', 'short', 'unknown', 'unknown')).toEqual([200, 200, 401, 401]);
  expect(server.asked).toEqual(['opaque', 'short', 'unknown']);
  server.tokens.clear();
  setClock(begin + 9_000);
  expect(await statuses('opaque', 'short', 'unknown')).toEqual([200, 401, 401]);
  expect(server.asked.slice(3)).toEqual(['short']);
  setClock(begin + 11_000);
  server.tokens.set('unknown', active());
  expect(await statuses('unknown')).toEqual([200]);
  setClock(begin + 31_000);
  expect(await statuses('opaque')).toEqual([401]);
});

test('nothing is remembered when it is not to be', async () => {
  await start({ cache_seconds: 0 });
  server.tokens.set('opaque', active());
  for (const token of ['opaque', 'opaque', 'unknown', 'unknown']) await statusOf(gateway, token);
  expect(server.asked).toHaveLength(4);
  server.tokens.clear();
  expect(await statusOf(gateway, 'opaque')).toBe(401);
});

test('JWTs of a known issuer are not sent there, and others are', async () => {
  const issuer = await startIssuer();
  await start({}, { issuers: [{ issuer: issuer.name, public_key: issuer.publicKey, audience: 'mcp' }] });
  expect(await statusOf(gateway, await issuer.sign())).toBe(200);
  expect(await statusOf(gateway, await issuer.sign({ aud: 'files' }))).toBe(401);
  expect(server.asked).toEqual([]);
  const foreign = await issuer.sign({ iss: 'https://as.example' });
  expect(await statusOf(gateway, foreign)).toBe(401);
  server.tokens.set(`${foreign}x`, active());
  expect(await statusOf(gateway, `${foreign}x`)).toBe(200);
  expect(server.asked).toEqual([foreign, `${foreign}x`]);
  await issuer.close();
});

test('a secret that was replaced is read again', async () => {
  const directory = makeDirectory();
  const client_secret_file = directory.write('secret', 's3cret\n');
  await start({ client_secret: undefined, client_secret_file });
  server.tokens.set('one', active()).set('two', active());
  expect(await statusOf(gateway, 'one')).toBe(200);
  server.secret = 'n3w';
  expect(await statusOf(gateway, 'two')).toBe(503);
  directory.write('secret', 'n3w');
  expect(await statusOf(gateway, 'two')).toBe(200);
  directory.remove();
});

test('made-up tokens cannot have more than a hundred questions open', async () => {
  await start();
  const held: ServerResponse[] = [];
  server.respond = (_, response) => void held.push(response);
  const statuses: number[] = [];
  const flood = Array.from({ length: 130 }, async (_, index) => {
    statuses.push(await statusOf(gateway, `made-up-${index}`).catch(() => 0));
  });
  await until(() => held.length === 100 && statuses.length === 30, 'a hundred questions and thirty refusals');
  expect(new Set(statuses)).toEqual(new Set([503]));
  server.respond = undefined;
  for (const response of held) response.end('{"active":false}');
  await Promise.all(flood);
  expect(new Set(statuses.slice(30))).toEqual(new Set([401]));
});

test('fails when the configuration does not say who asks', () => {
  const faults = configFaults({
    introspection: { url: 'http://as.example/x', client_id: 'gateway', audience: [], cache_seconds: 61 },
  });
  expect(faults.map(formatFault)).toEqual([
    'auth.introspection.url: expected an https URL (http only on a loopback host), got "http://as.example/x"',
    'auth.introspection.audience: expected an audience or a list of them, got an empty list',
    'auth.introspection.cache_seconds: expected a whole number of seconds from 0 to 60, got 61',
    'auth.introspection.client_secret: needs client_secret_env, client_secret_file, client_secret_secret_id or client_secret',
  ]);
});
