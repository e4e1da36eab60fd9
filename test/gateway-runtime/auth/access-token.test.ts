import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RequestSigners, VaultSecrets } from '../../../gateway-runtime/src/auth/oci/index.js';
import { createOutboundAuth } from '../../../gateway-runtime/src/auth/outbound/index.js';
import { type BackendInput, type HttpBackend, parseGatewayConfig } from '../../../gateway-runtime/src/config/index.js';
import { makeDirectory, type TestDirectory } from '../../helpers/gateway-directory.js';
import { startGateway, textOf } from '../../helpers/gateway-instance.js';
import { listen, startHttpServer } from '../../helpers/gateway-servers.js';

let directory: TestDirectory;
beforeEach(() => {
  directory = makeDirectory();
});
afterEach(() => directory.remove());

/** A service that gives out tokens, and a server that takes only those it knows. */
async function startIssuer() {
  const issuer = {
    requests: [] as { method?: string; url?: string; headers: Record<string, unknown>; body: string }[],
    valid: new Set<string>(),
    answer: (token: string): [number, unknown] => [
      200,
      { access_token: token, token_type: 'Bearer', expires_in: 3600 },
    ],
  };
  const listening = await listen(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method, url, headers } = request;
    issuer.requests.push({ method, url, headers, body });
    const token = `t0ken-${issuer.requests.length}`;
    const [status, document] = issuer.answer(token);
    if (status === 200) issuer.valid.add(token);
    response.writeHead(status).end(typeof document === 'string' ? document : JSON.stringify(document));
  });
  const server = await startHttpServer('s', {
    json: true,
    intercept: ({ headers }, response) => {
      if (issuer.valid.has(String(headers.authorization).replace('Bearer ', ''))) return false;
      response.writeHead(401).end();
      return true;
    },
  });
  const close = async () => {
    await server.close();
    await listening.close();
  };
  return { issuer, tokenUrl: `${listening.url}/token?x=1`, server, close };
}

async function startWith(backend: Partial<BackendInput>, url: string, env: Record<string, string> = {}) {
  const gateway = await startGateway({ backends: [{ name: 's', url, ...backend }] }, { host: { env, kill: () => {} } });
  const reason = async () => {
    const ready = (await (await fetch(`${gateway.origin}/ready`)).json()) as { backends: { reason: string }[] };
    return ready.backends[0]?.reason;
  };
  return { gateway, reason };
}

const call = { name: 's_echo', arguments: { text: 'x' } };
const oauth = (token_url: string) =>
  ({
    auth_method: 'oauth_client_credentials',
    token_url,
    client_id: 'id:ü',
    client_secret_env: 'SECRET',
    scope: 'a b',
  }) as const;
const database = (token_url: string) =>
  ({ auth_method: 'autonomous_database', token_url, username: 'ADA', password_env: 'SECRET' }) as const;
const env = { SECRET: 's3cret %+ß"' };

test('oauth_client_credentials: id and secret by Basic, the token to the server, one for many calls', async () => {
  const { issuer, tokenUrl, server, close } = await startIssuer();
  const { gateway } = await startWith(oauth(tokenUrl), server.url, env);
  await gateway.waitFor('s', 'connected');
  const client = await gateway.connect();
  expect(textOf(await client.callTool(call))).toBe('s: x');
  expect(issuer.requests).toHaveLength(1);
  const [{ method, url, headers, body }] = issuer.requests as [(typeof issuer.requests)[0]];
  expect([method, url, headers['content-type']]).toEqual(['POST', '/token?x=1', 'application/x-www-form-urlencoded']);
  expect(Object.fromEntries(new URLSearchParams(body))).toEqual({ grant_type: 'client_credentials', scope: 'a b' });
  const basic = Buffer.from(String(headers.authorization).replace('Basic ', ''), 'base64').toString();
  expect(basic).toBe('id%3A%C3%BC:s3cret+%25%2B%C3%9F%22');
  expect(JSON.stringify(gateway.logs)).not.toMatch(/s3cret|t0ken/);
  await gateway.close();
  await close();
});

test('autonomous_database: user and password as JSON', async () => {
  const { issuer, tokenUrl, server, close } = await startIssuer();
  issuer.answer = (token) => [200, { access_token: token }];
  const { gateway } = await startWith(database(tokenUrl), server.url, env);
  await gateway.waitFor('s', 'connected');
  expect(issuer.requests).toHaveLength(1);
  expect(JSON.parse(issuer.requests[0]?.body ?? '')).toEqual({
    grant_type: 'password',
    username: 'ADA',
    password: env.SECRET,
  });
  expect(issuer.requests[0]?.headers).toMatchObject({ 'content-type': 'application/json' });
  expect(issuer.requests[0]?.headers).not.toHaveProperty('authorization');
  await gateway.close();
  await close();
});

test.each([
  ['oauth_client_credentials', oauth],
  ['autonomous_database', database],
])('%s: a refused token is replaced once for all calls', async (_, backend) => {
  const { issuer, tokenUrl, server, close } = await startIssuer();
  const { gateway } = await startWith(backend(tokenUrl), server.url, env);
  await gateway.waitFor('s', 'connected');
  const client = await gateway.connect();
  issuer.valid.clear();
  const answers = await Promise.all([client.callTool(call), client.callTool(call), client.callTool(call)]);
  expect(answers.map(textOf)).toEqual(['s: x', 's: x', 's: x']);
  expect(issuer.requests.length).toBeLessThanOrEqual(4);
  await gateway.close();
  await close();
});

test('a token that was replaced since a request was sent is not replaced for it again', async () => {
  const { issuer, tokenUrl, close } = await startIssuer();
  const { backends } = parseGatewayConfig({ backends: [{ name: 's', url: tokenUrl, ...oauth(tokenUrl) }] });
  const signers = new RequestSigners({});
  const vault = new VaultSecrets(signers.signerFor({ method: 'resource_principal' }), {});
  const auth = createOutboundAuth(backends[0] as HttpBackend, { environment: env, signers, vault });
  const request = { method: 'GET', url: new URL(tokenUrl), headers: {} } as const;
  const refused = await auth.headers(request);
  expect(await auth.refresh(refused)).toBe(true);
  expect(await auth.refresh(refused)).toBe(true);
  expect(issuer.requests).toHaveLength(2);
  issuer.answer = () => [200, { access_token: 't0ken-2' }];
  // What has just replaced a refused token and is refused as well is not replaced at once.
  expect(await auth.refresh(await auth.headers(request))).toBe(false);
  expect(issuer.requests).toHaveLength(2);
  const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 2000);
  expect(await auth.refresh(await auth.headers(request))).toBe(false);
  expect(issuer.requests).toHaveLength(3);
  now.mockRestore();
  await close();
});

describe('how long a token is kept', () => {
  afterEach(() => jest.restoreAllMocks());

  test.each<[string, unknown, number, number]>([
    ['an hour', 3600, 3539, 3541],
    ['an hour in a string', '3600', 3539, 3541],
    ['ten seconds', 10, 8, 10],
    ['not said, of a database', undefined, 3539, 3541],
  ])('%s', async (_, expires_in, kept, replaced) => {
    const { issuer, tokenUrl, server, close } = await startIssuer();
    issuer.answer = (token) => [200, { access_token: token, expires_in }];
    const start = Date.now();
    const now = jest.spyOn(Date, 'now').mockReturnValue(start);
    const backend = { name: 's', url: server.url, ...database(tokenUrl), health_check_interval: 0 };
    const gateway = await startGateway({ stateless: true, backends: [backend] }, { host: { env, kill: () => {} } });
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: call };
    // The first call waits for the backend; `waitFor` would wait for a clock that stands still.
    for (const [seconds, requests] of [
      [0, 1],
      [kept, 1],
      [replaced, 2],
    ] as const) {
      now.mockReturnValue(start + seconds * 1000);
      expect(textOf(((await (await gateway.post(message)).json()) as { result: unknown }).result)).toBe('s: x');
      expect(issuer.requests).toHaveLength(requests);
    }
    now.mockRestore();
    await gateway.close();
    await close();
  });
});

test('a secret in a file is read again when it is refused', async () => {
  const { issuer, tokenUrl, server, close } = await startIssuer();
  const file = directory.write('secret', 'old\n');
  const { SECRET: _, ...rest } = env;
  const { client_secret_env: __, ...backend } = oauth(tokenUrl);
  const { gateway } = await startWith({ ...backend, client_secret_file: file }, server.url, rest);
  await gateway.waitFor('s', 'connected');
  const secretOf = (index: number) => {
    const authorization = String(issuer.requests.at(index)?.headers.authorization);
    return Buffer.from(authorization.replace('Basic ', ''), 'base64').toString().split(':')[1];
  };
  issuer.answer = (token) =>
    secretOf(-1) === 'new' ? [200, { access_token: token }] : [401, { error: 'invalid_client' }];
  issuer.valid.clear();
  writeFileSync(join(directory.path, 'secret'), 'new');
  const client = await gateway.connect();
  expect(textOf(await client.callTool(call))).toBe('s: x');
  expect([secretOf(0), secretOf(1), secretOf(2)]).toEqual(['old', 'old', 'new']);
  await gateway.close();
  await close();
});

test.each<[number, unknown, string]>([
  [401, { error: 'invalid_client', error_description: 's3cret' }, 'its token_url answered HTTP 401 (invalid_client)'],
  [500, 's3cret', 'its token_url answered HTTP 500'],
  [302, '', 'its token_url answered HTTP 302'],
  [200, 's3cret', 'the answer of its token_url holds no access_token'],
  [200, { access_token: 'two words' }, 'the answer of its token_url holds no access_token'],
  [200, { access_token: 1 }, 'the answer of its token_url holds no access_token'],
])('fails when the answer is %d %j: the backend is down and nothing is sent', async (status, document, reason) => {
  const { issuer, tokenUrl, server, close } = await startIssuer();
  issuer.answer = () => [status, document];
  const { gateway, reason: told } = await startWith(oauth(tokenUrl), server.url, env);
  await gateway.waitFor('s', 'down');
  expect(await told()).toBe(`gets no token: ${reason}`);
  expect(JSON.stringify(gateway.logs)).not.toContain('s3cret');
  expect(server.seen.headers).toEqual([]);
  await gateway.close();
  await close();
});

test('fails when the token_url cannot be reached, or there is no secret', async () => {
  const server = await startHttpServer('s');
  const unreachable = await startWith(database('http://127.0.0.1:9/token'), server.url, env);
  await unreachable.gateway.waitFor('s', 'down');
  expect(await unreachable.reason()).toBe('127.0.0.1:9 cannot be reached (ECONNREFUSED)');
  await unreachable.gateway.close();
  const secretless = await startWith(database('http://127.0.0.1:9/token'), server.url);
  await secretless.gateway.waitFor('s', 'down');
  expect(await secretless.reason()).toBe('has no credential: variable SECRET holds none');
  await secretless.gateway.close();
  await server.close();
});
