import { createHash, generateKeyPairSync } from 'node:crypto';
import { UnsecuredJWT } from 'jose';
import { buildGateway } from '../../../../gateway-runtime/src/app.js';
import { parseGatewayConfig } from '../../../../gateway-runtime/src/config/index.js';
import { startGateway, type TestGateway, textOf } from '../../../helpers/gateway-instance.js';
import { startIssuer, type TestIssuer } from '../../../helpers/gateway-jwt.js';
import { type SampleHttpServer, startHttpServer } from '../../../helpers/gateway-servers.js';
import { bearer, initialize, statusOf } from '../../../helpers/gateway-tokens.js';

describe.each(['PEM', 'JWKS'])('JWT with a key from %s', (source) => {
  let issuer: TestIssuer;
  let gateway: TestGateway;

  beforeAll(async () => {
    issuer = await startIssuer();
    const key = source === 'PEM' ? { jwt_public_key: issuer.publicKey } : { jwt_jwks_uri: `${issuer.url}/jwks` };
    const jwt_issuer = ['https://issuer.example', 'https://other.example/'];
    gateway = await startGateway({ auth: { ...key, jwt_issuer, jwt_audience: ['mcp', 'mcp2'] } });
  });

  afterAll(async () => {
    await gateway?.close();
    await issuer?.close();
  });

  const now = () => Math.floor(Date.now() / 1000);

  test('a good token is accepted', async () => {
    expect(await statusOf(gateway, await issuer.sign())).toBe(200);
    expect(await statusOf(gateway, await issuer.sign({ aud: ['x', 'mcp2'] }))).toBe(200);
    expect(await statusOf(gateway, await issuer.sign({ iss: 'https://other.example/' }))).toBe(200);
    expect(await statusOf(gateway, await issuer.sign({ iss: 'https://issuer.example/' }))).toBe(200);
    expect(await statusOf(gateway, await issuer.sign({ iss: 'https://other.example' }))).toBe(200);
  });

  test('clocks may differ by half a minute', async () => {
    expect(await statusOf(gateway, await issuer.sign({ exp: now() - 20 }))).toBe(200);
    expect(await statusOf(gateway, await issuer.sign({ nbf: now() + 20 }))).toBe(200);
    expect(await statusOf(gateway, await issuer.sign({ iat: now() + 20 }))).toBe(200);
    expect(await statusOf(gateway, await issuer.sign({ iat: undefined }))).toBe(200);
  });

  test.each<[string, () => Promise<string>, string]>([
    ['has expired', () => issuer.sign({ exp: now() - 40 }), 'the token has expired'],
    ['is not valid yet', () => issuer.sign({ nbf: now() + 60 }), "the claim 'nbf' of the token is not accepted"],
    ['is issued later', () => issuer.sign({ iat: now() + 60 }), "the claim 'iat' of the token is not accepted"],
    ['never expires', () => issuer.sign({ exp: undefined }), "the claim 'exp' of the token is not accepted"],
    ['is for another audience', () => issuer.sign({ aud: 'files' }), "the claim 'aud' of the token is not accepted"],
    ['has no audience', () => issuer.sign({ aud: undefined }), "the claim 'aud' of the token is not accepted"],
    ['is of another issuer', () => issuer.sign({ iss: 'https://x' }), "the claim 'iss' of the token is not accepted"],
    [
      'uses an algorithm that is not listed',
      () => issuer.sign({}, { alg: 'RS512' }),
      'the signature algorithm of the token is not accepted',
    ],
    [
      'is signed with the public key as a secret',
      () => issuer.sign({}, { alg: 'HS256' }, new TextEncoder().encode(issuer.publicKey)),
      'the signature algorithm of the token is not accepted',
    ],
    [
      'is signed by somebody else',
      () => issuer.sign({}, {}, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
      'the signature of the token is not valid',
    ],
    [
      'is not signed',
      async () => new UnsecuredJWT({ aud: 'mcp', sub: 'ada' }).setIssuer('https://issuer.example').encode(),
      /^the (signature algorithm of the token is not accepted|token is not a valid JWT)$/ as never,
    ],
    ['is no JWT', async () => 'abc', 'the token is not a valid JWT'],
    ['names nobody', () => issuer.sign({ sub: undefined }), 'the token names neither a subject nor a client'],
    ['names an empty subject', () => issuer.sign({ sub: '' }), 'the token names neither a subject nor a client'],
    ['names no text', () => issuer.sign({ sub: 5 as never }), 'the token names neither a subject nor a client'],
  ])('fails when the token %s', async (_, sign, reason) => {
    const answer = await gateway.post(initialize, bearer(await sign()));
    expect(answer.status).toBe(401);
    const challenge = answer.headers.get('www-authenticate') ?? '';
    const description = /^Bearer error="invalid_token", error_description="(.*)"$/.exec(challenge)?.[1];
    expect(description).toMatch(reason);
  });

  test.each(['Basic YTpi', 'Bearer', 'Bearer a b', 'mcp'])('fails when the header is %j', async (authorization) => {
    expect((await gateway.post(initialize, { authorization })).status).toBe(401);
  });

  test('fails when there is no token, without an error code', async () => {
    const answer = await gateway.post(initialize);
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  });

  test('a session is bound to the subject, the client and the issuer of the token', async () => {
    const opened = await gateway.post(initialize, bearer(await issuer.sign({ sub: 'ada' })));
    const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') as string };
    const ping = { jsonrpc: '2.0', id: 2, method: 'ping' };
    const renewed = await issuer.sign({ sub: 'ada', jti: 'another token' });
    expect((await gateway.post(ping, { ...session, ...bearer(renewed) })).status).toBe(200);
    for (const other of [{ sub: 'bob' }, { client_id: 'an app of hers' }, { iss: 'https://other.example/' }]) {
      const token = await issuer.sign({ sub: 'ada', ...other });
      expect((await gateway.post(ping, { ...session, ...bearer(token) })).status).toBe(404);
    }
  });

  test('no token is in the log', async () => {
    const token = await issuer.sign({ exp: now() - 60 });
    await gateway.post(initialize, bearer(token));
    expect(JSON.stringify(gateway.logs)).not.toContain(token);
  });
});

test('fails with 503 when the key set cannot be fetched, and works when it can be again', async () => {
  const issuer = await startIssuer();
  const { keySet } = issuer;
  issuer.keySet = undefined;
  const gateway = await startGateway({ auth: { jwt_jwks_uri: issuer.url, jwt_audience: 'mcp' } });
  expect(await statusOf(gateway, await issuer.sign())).toBe(503);
  issuer.keySet = keySet;
  expect(await statusOf(gateway, await issuer.sign())).toBe(200);
  await gateway.close();
  await issuer.close();
});

test('fails when the key is private or no key at all', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const build = (jwt_public_key: string) => {
    const config = parseGatewayConfig({ auth: { jwt_public_key, jwt_audience: 'mcp' } });
    return () => buildGateway(config, { host: { env: {}, kill: () => {} }, logs: { write: () => {} } });
  };
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  expect(build(pem)).toThrow('auth.jwt_public_key: is a private key; only the public key belongs here');
  expect(build('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----')).toThrow(
    'auth.jwt_public_key: is not a PEM public key or certificate that can be read',
  );
});

describe('further demands on a token', () => {
  let issuer: TestIssuer;
  let gateway: TestGateway;
  const now = () => Math.floor(Date.now() / 1000);

  beforeAll(async () => {
    issuer = await startIssuer();
    gateway = await startGateway({
      auth: {
        jwt_public_key: issuer.publicKey,
        jwt_audience: 'mcp',
        jwt_clock_skew: 0,
        jwt_claims: { tenant: ['acme', 'globex'], verified: 'true', groups: 'ops' },
      },
    });
  });

  afterAll(async () => {
    await gateway?.close();
    await issuer?.close();
  });

  const good = { tenant: 'acme', verified: true, groups: ['dev', 'ops'] };

  test.each<[string, object]>([
    ['one of the values', good],
    ['another of them, and text in place of a list', { ...good, tenant: 'globex', verified: 'true', groups: 'ops' }],
  ])('a token is accepted whose claims have %s', async (_, claims) => {
    expect(await statusOf(gateway, await issuer.sign({ ...claims }))).toBe(200);
  });

  test.each<[string, string, object]>([
    ['tenant', 'another value', { tenant: 'initech' }],
    ['tenant', 'a value that only begins alike', { tenant: 'acme2' }],
    ['tenant', 'another case', { tenant: 'Acme' }],
    ['tenant', 'no value', { tenant: undefined }],
    ['tenant', 'null', { tenant: null }],
    ['groups', 'a list without the value', { groups: ['dev', 'devops'] }],
    ['groups', 'an empty list', { groups: [] }],
    ['verified', 'false', { verified: false }],
  ])('fails when the claim %s has %s', async (claim, _, claims) => {
    const answer = await gateway.post(initialize, bearer(await issuer.sign({ ...good, ...claims })));
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain(`the claim '${claim}' of the token is not accepted`);
  });

  test('fails when clocks may not differ and the token has just expired or is about to be issued', async () => {
    expect(await statusOf(gateway, await issuer.sign({ ...good, exp: now() - 5 }))).toBe(401);
    expect(await statusOf(gateway, await issuer.sign({ ...good, iat: now() + 20 }))).toBe(401);
  });
});

describe('scopes', () => {
  let server: SampleHttpServer;
  let gateway: TestGateway;

  beforeAll(async () => {
    server = await startHttpServer('s');
    gateway = await startGateway({
      auth: {
        static_tokens: {
          reader: { client_id: 'reader', scopes: ['mcp'] },
          writer: { client_id: 'writer', scopes: ['mcp', 'write', 'admin'] },
          root: { client_id: 'root', scopes: ['*'] },
          stranger: { client_id: 'stranger', scopes: ['write'] },
        },
        required_scopes: ['mcp'],
        tool_scopes: { s_fail: ['write', 'admin'], 's_e*': [] },
        jwt_public_key: (await startIssuerKey()).publicKey,
        jwt_audience: 'mcp',
        jwt_issuer: 'https://issuer.example',
        resource_url: 'https://gateway.example/mcp',
      },
      backends: [{ name: 's', url: server.url }],
    });
    await gateway.waitFor('s', 'connected');
  });

  afterAll(async () => {
    await gateway?.close();
    await server?.close();
  });

  async function startIssuerKey() {
    const issuer = await startIssuer();
    await issuer.close();
    return issuer;
  }

  const connect = (token: string) => gateway.connect({ requestInit: { headers: bearer(token) } });

  test.each([
    ['reader', false],
    ['writer', true],
    ['root', true],
  ])('%s sees a tool that needs more: %s', async (token, sees) => {
    const { tools } = await (await connect(token)).listTools();
    expect(tools.some(({ name }) => name === 's_fail')).toBe(sees);
    expect(tools.some(({ name }) => name === 's_echo')).toBe(true);
  });

  test('fails when a caller lacks a scope of the tool, and says which are needed', async () => {
    const opened = await gateway.post(initialize, bearer('reader'));
    const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') as string };
    const call = { jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name: 's_fail' } };
    const before = server.seen.headers.length;
    const answer = await gateway.post(call, { ...session, ...bearer('reader') });
    expect(answer.status).toBe(403);
    expect(answer.headers.get('www-authenticate')).toBe(
      'Bearer error="insufficient_scope", error_description="tool \'s_fail\' needs write, admin", ' +
        'scope="mcp write admin", resource_metadata="https://gateway.example/.well-known/oauth-protected-resource/mcp"',
    );
    expect(await answer.json()).toMatchObject({ id: 3, error: { message: 'tool "s_fail" needs write, admin' } });
    expect(server.seen.headers.length).toBe(before);
    expect((await gateway.post(call, { ...session, ...bearer('writer') })).status).toBe(404);
  });

  test.each(['root', 'writer'])('fails when no rule speaks of the tool, for %s too', async (token) => {
    const client = await connect(token);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(expect.not.arrayContaining(['s_slow']));
    await expect(client.callTool({ name: 's_slow' })).rejects.toMatchObject({
      code: -32000,
      message: expect.stringContaining('tool "s_slow" is released to nobody: no rule of tool_scopes matches it'),
    });
    const audited = gateway.logs.flatMap(({ audit }) => (audit ? [audit as Record<string, unknown>] : []));
    expect(audited.at(-1)).toMatchObject({ client: token, tool: 's_slow', outcome: 'denied' });
  });

  test('the log names once the tools that no rule speaks of', () => {
    const lines = gateway.logs.filter(({ msg }) => /^no rule of tool_scopes/.test(String(msg)));
    expect(lines).toMatchObject([{ tools: ['s_slow', 's_work'], count: 2 }]);
  });

  test('a caller without a token is told the scopes that everybody needs', async () => {
    const { headers } = await gateway.post(initialize);
    expect(headers.get('www-authenticate')).toContain('scope="mcp"');
  });

  test('fails when a caller lacks a scope that everybody needs', async () => {
    const answer = await gateway.post(initialize, bearer('stranger'));
    expect(answer.status).toBe(403);
    expect(answer.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    expect(answer.headers.get('www-authenticate')).toContain('scope="mcp"');
  });

  test.each(['', 'readers', 'READER', 'reade'])('fails when the token is %j', async (token) => {
    expect(await statusOf(gateway, token)).toBe(401);
  });

  test('the metadata of the protected resource is public', async () => {
    const expected = {
      resource: 'https://gateway.example/mcp',
      authorization_servers: ['https://issuer.example'],
      scopes_supported: ['mcp'],
      bearer_methods_supported: ['header'],
      resource_name: 'oci-mcp-gateway',
    };
    for (const path of ['', '/mcp']) {
      const answer = await fetch(`${gateway.origin}/.well-known/oauth-protected-resource${path}`);
      expect(await answer.json()).toEqual(expected);
    }
    expect((await fetch(`${gateway.origin}/.well-known/oauth-protected-resource/x`)).status).toBe(404);
  });

  test('the audit log names caller, tool, backend and outcome, and no arguments', async () => {
    const client = await connect('writer');
    await client.callTool({ name: 's_echo', arguments: { text: 'a private matter' } });
    await client.callTool({ name: 's_fail' });
    const records = gateway.logs.flatMap(({ audit }) => (audit ? [audit as Record<string, unknown>] : []));
    const taken = {
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      method: 'tools/call',
      client: 'writer',
      request_id: expect.any(String),
    };
    expect(records.slice(-2)).toEqual([
      {
        ...taken,
        tool: 's_echo',
        arguments_sha256: createHash('sha256').update('{"text":"a private matter"}').digest('hex'),
        backend: 's',
        rule: 'tool_scopes.s_e*, required_scopes',
        outcome: 'ok',
        ms: expect.any(Number),
      },
      {
        ...taken,
        tool: 's_fail',
        backend: 's',
        rule: 'tool_scopes.s_fail, required_scopes',
        outcome: 'error',
        ms: expect.any(Number),
      },
    ]);
    expect(records).toContainEqual(expect.objectContaining({ client: 'reader', tool: 's_fail', outcome: 'denied' }));
    expect(JSON.stringify(gateway.logs)).not.toContain('a private matter');
  });

  test('reasons and transports in /ready are for callers with a token', async () => {
    const anonymous = await (await fetch(`${gateway.origin}/ready`)).json();
    expect(anonymous).toEqual({ status: 'ready', backends: [{ name: 's', state: 'connected' }] });
    const known = await (await fetch(`${gateway.origin}/ready`, { headers: bearer('reader') })).json();
    expect(known).toMatchObject({ backends: [{ name: 's', transport: 'streamable_http', tools: 4 }] });
  });

  test("the client's token never reaches a backend", async () => {
    const client = await connect('writer');
    expect(textOf(await client.callTool({ name: 's_echo', arguments: { text: 'x' } }))).toBe('s: x');
    expect(server.seen.headers.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
  });
});

test('clients are told where to get a token, and how scopes are named there', async () => {
  const issuer = await startIssuer();
  const gateway = await startGateway({
    auth: {
      jwt_public_key: issuer.publicKey,
      jwt_audience: 'https://mcp.example/',
      jwt_issuer: ['https://identity.example/', 'https://identity.example'],
      authorization_servers: 'https://domain.example',
      scope_prefix: 'https://mcp.example/',
      required_scopes: ['use', 'see'],
      resource_url: 'https://gateway.example/mcp',
    },
  });
  const metadata = await fetch(`${gateway.origin}/.well-known/oauth-protected-resource`);
  expect(await metadata.json()).toMatchObject({
    authorization_servers: ['https://domain.example'],
    scopes_supported: ['https://mcp.example/use', 'https://mcp.example/see'],
  });
  const claims = { aud: 'https://mcp.example/', iss: 'https://identity.example' };
  const refused = await gateway.post(initialize, bearer(await issuer.sign({ ...claims, scope: 'see' })));
  expect(refused.headers.get('www-authenticate')).toContain('scope="https://mcp.example/use https://mcp.example/see"');
  expect(await statusOf(gateway, await issuer.sign({ ...claims, scope: 'see use' }))).toBe(200);
  await gateway.close();
  await issuer.close();
});

test('nothing is asked for when auth is off, and the audit log can be off too', async () => {
  const server = await startHttpServer('s');
  const gateway = await startGateway({
    auth: { enabled: false, tool_scopes: { s_echo: ['x'] }, static_tokens: { t: { client_id: 't' } } },
    enable_audit_log: false,
    backends: [{ name: 's', url: server.url }],
  });
  await gateway.waitFor('s', 'connected');
  const client = await gateway.connect();
  expect(textOf(await client.callTool({ name: 's_echo', arguments: { text: 'x' } }))).toBe('s: x');
  expect(gateway.logs.some(({ audit }) => audit !== undefined)).toBe(false);
  await gateway.close();
  await server.close();
});
