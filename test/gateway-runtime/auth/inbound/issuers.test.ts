import { formatFault } from '../../../../gateway-runtime/src/config/index.js';
import { startGateway, type TestGateway } from '../../../helpers/gateway-instance.js';
import { makeIssuerKey, startIssuer, type TestIssuer } from '../../../helpers/gateway-jwt.js';
import { bearer, configFaults, initialize, statusOf } from '../../../helpers/gateway-tokens.js';

let a: TestIssuer;
let b: TestIssuer;
let classic: TestIssuer;
let gateway: TestGateway;

beforeAll(async () => {
  [a, b, classic] = await Promise.all([
    startIssuer('https://a.example'),
    startIssuer('https://b.example/', 'ES256'),
    startIssuer('https://classic.example'),
  ]);
  gateway = await startGateway({
    auth: {
      issuers: [
        { issuer: 'https://a.example', jwks_uri: a.url, audience: 'mcp' },
        {
          issuer: 'https://b.example/',
          jwks_uri: b.url,
          audience: ['mcp-b', 'mcp'],
          algorithms: ['ES256'],
          claims: { tenant: 'acme' },
          scope_claim: 'roles',
        },
      ],
      jwt_issuer: classic.name,
      jwt_public_key: classic.publicKey,
      jwt_audience: 'classic',
      jwt_algorithms: ['RS256', 'ES256'],
      tool_scopes: { '*': ['see'] },
    },
  });
});

afterAll(async () => {
  await gateway?.close();
  await Promise.all([a, b, classic].map((issuer) => issuer?.close()));
});

const ofB = { tenant: 'acme', aud: 'mcp-b' };
const reasonOf = async (token: string) => {
  const answer = await gateway.post(initialize, bearer(token));
  return [answer.status, /error_description="([^"]*)"/.exec(answer.headers.get('www-authenticate') ?? '')?.[1]];
};

test('tokens of every issuer are accepted', async () => {
  expect(await statusOf(gateway, await a.sign())).toBe(200);
  expect(await statusOf(gateway, await b.sign(ofB))).toBe(200);
  expect(await statusOf(gateway, await classic.sign({ aud: 'classic' }))).toBe(200);
});

test('a slash at the end of the issuer makes no difference, and nothing else is passed over', async () => {
  expect(await statusOf(gateway, await a.sign({ iss: 'https://a.example/' }))).toBe(200);
  expect(await statusOf(gateway, await b.sign({ ...ofB, iss: 'https://b.example' }))).toBe(200);
  expect(await statusOf(gateway, await classic.sign({ aud: 'classic', iss: 'https://classic.example/' }))).toBe(200);
  for (const iss of ['https://a.example//', 'https://A.example', 'http://a.example', 'https://a.example/x', '']) {
    expect(await statusOf(gateway, await a.sign({ iss }))).toBe(401);
  }
});

test.each<[string, () => Promise<string>, string]>([
  [
    'names an issuer that nobody knows',
    () => a.sign({ iss: 'https://c.example' }),
    "the claim 'iss' of the token is not accepted",
  ],
  ['names no issuer', () => a.sign({ iss: undefined }), "the claim 'iss' of the token is not accepted"],
  [
    'names several issuers',
    () => a.sign({ iss: ['https://a.example'] as never }),
    "the claim 'iss' of the token is not accepted",
  ],
  [
    'names one issuer and has the key of another',
    () => a.sign({ iss: classic.name, aud: 'classic' }),
    'the signature of the token is not valid',
  ],
  [
    'names one issuer and has the key that another names alike',
    () => classic.sign({ iss: a.name }),
    'the signature of the token is not valid',
  ],
  [
    'has the algorithm of another issuer',
    () => a.sign({ ...ofB, iss: b.name }),
    'the signature algorithm of the token is not accepted',
  ],
  [
    'has the audience of another issuer',
    () => a.sign({ aud: 'mcp-b' }),
    "the claim 'aud' of the token is not accepted",
  ],
  [
    'lacks the claim that its issuer needs',
    () => b.sign({ aud: 'mcp-b' }),
    "the claim 'tenant' of the token is not accepted",
  ],
])('fails when a token %s', async (_, sign, reason) => {
  expect(await reasonOf(await sign())).toEqual([401, reason]);
});

test('an audience may be one of several', async () => {
  expect(await statusOf(gateway, await a.sign({ aud: ['other', 'mcp'] }))).toBe(200);
  for (const aud of [['other'], [], ['MCP'], [['mcp']], { mcp: true }, 'mcp other', null]) {
    expect(await statusOf(gateway, await a.sign({ aud: aud as never }))).toBe(401);
  }
});

test('the same subject of two issuers is two callers', async () => {
  const opened = await gateway.post(initialize, bearer(await a.sign()));
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') as string };
  const ping = { jsonrpc: '2.0', id: 2, method: 'ping' };
  const spelledOtherwise = await a.sign({ iss: 'https://a.example/' });
  expect((await gateway.post(ping, { ...session, ...bearer(spelledOtherwise) })).status).toBe(200);
  expect((await gateway.post(ping, { ...session, ...bearer(await b.sign(ofB)) })).status).toBe(404);
});

test('scopes are in the claim that the issuer has for them, and in no other', async () => {
  const limited = await startGateway({
    auth: {
      issuers: [{ issuer: a.name, public_key: a.publicKey, audience: 'mcp', scope_claim: 'roles' }],
      required_scopes: ['see'],
    },
  });
  expect(await statusOf(limited, await a.sign({ roles: ['do', 'see'] }))).toBe(200);
  expect(await statusOf(limited, await a.sign({ roles: 'do see' }))).toBe(200);
  for (const claims of [
    { scope: 'see' },
    { scp: ['see'] },
    { roles: 'seen' },
    { roles: [['see']] },
    { roles: { see: 1 } },
  ]) {
    expect(await statusOf(limited, await a.sign(claims))).toBe(403);
  }
  await limited.close();
});

test('several PEM keys verify while an issuer goes from one to the next', async () => {
  const [first, second, third] = await Promise.all([
    makeIssuerKey(),
    makeIssuerKey(undefined, 'ES256'),
    makeIssuerKey(),
  ]);
  const algorithms = ['RS256', 'ES256'];
  const issuer = { issuer: a.name, audience: 'mcp', algorithms };
  for (const public_key of [[first.publicKey, second.publicKey], `${first.publicKey}\n${second.publicKey}`]) {
    const rotating = await startGateway({ auth: { issuers: [{ ...issuer, public_key }] } });
    expect(await statusOf(rotating, await a.sign({}, {}, first.privateKey))).toBe(200);
    expect(await statusOf(rotating, await a.sign({}, { alg: 'ES256' }, second.privateKey))).toBe(200);
    expect(await statusOf(rotating, await a.sign({}, {}, third.privateKey))).toBe(401);
    await rotating.close();
  }
});

test('fails when the configuration leaves open which key is whose', async () => {
  const issuer = { issuer: 'https://a.example', audience: 'mcp' };
  const faults = configFaults({
    issuers: [
      issuer,
      { ...issuer, issuer: 'https://a.example/', jwks_uri: a.url, public_key: a.publicKey },
      { ...issuer, jwks_uri: 'http://a.example/keys', audience: undefined as never, algorithms: ['HS256'] },
      { issuer: 'https://j.example/', audience: 'mcp', jwks_uri: a.url },
    ],
    jwt_jwks_uri: a.url,
    jwt_issuer: 'https://j.example',
    jwt_audience: 'mcp',
  });
  expect(faults.map(formatFault)).toEqual(
    expect.arrayContaining([
      'auth.issuers[0].jwks_uri: no key verifies its tokens; set jwks_uri, public_key_file or public_key',
      'auth.issuers[1].public_key: only one source of keys can be used, and jwks_uri is set too; remove one of them',
      'auth.issuers[1].issuer: is also in issuers[0]; each issuer has its keys in one place',
      'auth.issuers[2].issuer: is also in issuers[0]; each issuer has its keys in one place',
      'auth.issuers[2].jwks_uri: expected an https URL (http only on a loopback host), got "http://a.example/keys"',
      'auth.issuers[2].audience: expected an audience or a list of them, but it is missing',
      'auth.issuers[3].issuer: is also in jwt_issuer; each issuer has its keys in one place',
    ]),
  );
});
