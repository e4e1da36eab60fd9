import { createHmac, randomBytes, sign } from 'node:crypto';
import { request } from 'node:http';
import { CompactEncrypt, FlattenedSign } from 'jose';
import { setClock } from '../../../helpers/clock.js';
import { startGateway, type TestGateway } from '../../../helpers/gateway-instance.js';
import { makeIssuerKey, startIssuer, type TestIssuer } from '../../../helpers/gateway-jwt.js';
import { type Listening, listen } from '../../../helpers/gateway-servers.js';
import { bearer, initialize, statusOf } from '../../../helpers/gateway-tokens.js';

const now = () => Math.floor(Date.now() / 1000);
const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const claims = (more: object = {}) => ({
  iss: 'https://issuer.example',
  aud: 'mcp',
  sub: 'ada',
  exp: now() + 300,
  ...more,
});

describe.each(['PEM', 'JWKS'])('with keys from %s', (source) => {
  let issuer: TestIssuer;
  let gateway: TestGateway;
  /** Where a token says that its key is. */
  let attacker: Listening & { asked: number };
  let own: Awaited<ReturnType<typeof makeIssuerKey>>;

  beforeAll(async () => {
    issuer = await startIssuer();
    own = await makeIssuerKey('k1');
    const listening = await listen((_, response) => {
      attacker.asked++;
      response.end(JSON.stringify({ keys: [own.jwk] }));
    });
    attacker = { ...listening, asked: 0 };
    const keys = source === 'PEM' ? { public_key: issuer.publicKey } : { jwks_uri: issuer.url };
    gateway = await startGateway({ auth: { issuers: [{ issuer: issuer.name, audience: 'mcp', ...keys }] } });
    expect(await statusOf(gateway, await issuer.sign())).toBe(200);
  });

  afterAll(async () => {
    await gateway?.close();
    await issuer?.close();
    await attacker?.close();
  });

  /** A token with whatever header and payload, signed by the issuer with RS256. */
  const signed = async (header: object | string, payload: object | string = claims()) => {
    const input = `${encode(header)}.${encode(payload)}`;
    return `${input}.${sign('sha256', Buffer.from(input), issuer.privateKey).toString('base64url')}`;
  };

  test('a token that is made in this way is good', async () => {
    expect(await statusOf(gateway, await signed({ alg: 'RS256', kid: 'k1' }))).toBe(200);
    for (const typ of ['JWT', 'at+jwt', 'application/at+jwt', 'AT+JWT']) {
      expect(await statusOf(gateway, await signed({ alg: 'RS256', kid: 'k1', typ }))).toBe(200);
    }
  });

  const hmac = (secret: string) => {
    const input = `${encode({ alg: 'HS256', typ: 'JWT', kid: 'k1' })}.${encode(claims())}`;
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
  };

  test.each<[string, () => string | Promise<string>]>([
    ['is signed with the public key as a secret', () => hmac(issuer.publicKey)],
    ['is signed with the modulus as a secret', () => hmac(String(issuer.jwk.n))],
    ['is signed with nothing as a secret', () => hmac('')],
    ['says none', () => `${encode({ alg: 'none' })}.${encode(claims())}.`],
    ['says None and keeps a signature', async () => await signed({ alg: 'None', kid: 'k1' })],
    ['says no algorithm', () => signed({ kid: 'k1' })],
    ['says a list of algorithms', () => signed({ alg: ['RS256'], kid: 'k1' })],
    ['has lost its signature', async () => (await signed({ alg: 'RS256', kid: 'k1' })).replace(/[^.]*$/, '')],
    [
      'has another payload',
      async () => {
        const [header, , signature] = (await issuer.sign()).split('.');
        return [header, encode(claims({ sub: 'eve' })), signature].join('.');
      },
    ],
    ['says itself what its key is', () => issuer.sign({}, { jwk: own.jwk as never }, own.privateKey)],
    ['says where its key is', () => issuer.sign({}, { jku: attacker.url, x5u: attacker.url }, own.privateKey)],
    ['brings a certificate', () => issuer.sign({}, { x5c: ['AAAA'] }, own.privateKey)],
    ['names a file as its key', () => issuer.sign({}, { kid: '../../../../dev/null' }, own.privateKey)],
    ['names an address as its key', () => issuer.sign({}, { kid: attacker.url }, own.privateKey)],
    ['names a statement as its key', () => issuer.sign({}, { kid: "k1' OR '1'='1" }, own.privateKey)],
    ['names a long key', () => issuer.sign({}, { kid: 'k'.repeat(8000) }, own.privateKey)],
    ['names a member of every object as its key', () => issuer.sign({}, { kid: '__proto__' }, own.privateKey)],
    ['names its key with a list', () => signed({ alg: 'RS256', kid: { k1: 1 } }, claims({ exp: 'x' }))],
    ['has an extension that nobody knows', () => signed({ alg: 'RS256', kid: 'k1', crit: ['exp'], exp: 1 })],
    ['has an empty list of extensions', () => signed({ alg: 'RS256', kid: 'k1', crit: [] })],
    [
      'is not encoded',
      async () => {
        const jws = await new FlattenedSign(Buffer.from(JSON.stringify(claims())))
          .setProtectedHeader({ alg: 'RS256', kid: 'k1', b64: false, crit: ['b64'] })
          .sign(issuer.privateKey);
        return `${jws.protected}.${encode(claims())}.${jws.signature}`;
      },
    ],
    ['is a logout token', () => signed({ alg: 'RS256', kid: 'k1', typ: 'logout+jwt' })],
    ['is a proof of possession', () => signed({ alg: 'RS256', kid: 'k1', typ: 'dpop+jwt' })],
    ['holds another token', async () => signed({ alg: 'RS256', kid: 'k1', cty: 'JWT' }, await issuer.sign())],
    ['holds a list', () => signed({ alg: 'RS256', kid: 'k1' }, '[]')],
    ['holds null', () => signed({ alg: 'RS256', kid: 'k1' }, 'null')],
    ['holds no JSON', () => signed({ alg: 'RS256', kid: 'k1' }, '{"iss":')],
    [
      'is encrypted',
      () =>
        new CompactEncrypt(Buffer.from(JSON.stringify(claims())))
          .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
          .encrypt(randomBytes(32)),
    ],
    ['has a header that is no JSON', () => signed('alg=RS256')],
    ['has an expiry that is text', () => signed({ alg: 'RS256', kid: 'k1' }, claims({ exp: String(now() + 300) }))],
    [
      'has an expiry that is no number',
      () => signed({ alg: 'RS256', kid: 'k1' }, JSON.stringify(claims()).replace(/"exp":\d+/, '"exp":-1e999')),
    ],
    [
      'says its expiry twice, at last one that is over',
      () => signed({ alg: 'RS256', kid: 'k1' }, JSON.stringify(claims()).replace(/}$/, ',"exp":1}')),
    ],
    [
      'says its issuer twice',
      () =>
        signed({ alg: 'RS256', kid: 'k1' }, JSON.stringify(claims()).replace(/}$/, ',"iss":"https://evil.example"}')),
    ],
    ['is bound to a key that it cannot show', () => issuer.sign({ cnf: { jkt: 'abc' } })],
    ['is bound to a certificate, and comes without', () => issuer.sign({ cnf: { 'x5t#S256': 'abc' } })],
    ['is bound to something unreadable', () => issuer.sign({ cnf: 'abc' as never })],
    ['is bound to nothing that is said', () => issuer.sign({ cnf: {} })],
    ['is full of dots', () => '.'.repeat(3000)],
    ['is only dots', () => '..'],
    ['is of five empty parts', () => '....'],
  ])('fails when a token %s', async (_, make) => {
    const answer = await gateway.post(initialize, bearer(await make()));
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('invalid_token'),
    ]);
    expect(attacker.asked).toBe(0);
  });

  test('is as strict about times as the tolerance allows, to the second', async () => {
    const start = 2_000_000_000;
    setClock(start * 1000);
    try {
      const status = async (times: object) =>
        statusOf(gateway, await issuer.sign({ exp: start + 100, iat: start, ...times }));
      expect(await status({ exp: start - 29 })).toBe(200);
      expect(await status({ exp: start - 30 })).toBe(401);
      expect(await status({ nbf: start + 30 })).toBe(200);
      expect(await status({ nbf: start + 31 })).toBe(401);
      expect(await status({ iat: start + 30 })).toBe(200);
      expect(await status({ iat: start + 31 })).toBe(401);
    } finally {
      jest.useRealTimers();
    }
  });

  test('a token that was good a moment ago is not when it has expired', async () => {
    const start = Date.now();
    try {
      const token = await issuer.sign({ exp: Math.floor(start / 1000) + 10 });
      expect(await statusOf(gateway, token)).toBe(200);
      setClock(start + 45_000);
      expect(await statusOf(gateway, token)).toBe(401);
    } finally {
      jest.useRealTimers();
    }
  });

  test('a token of 100 kB and one that is not ASCII do no harm', async () => {
    const raw = (authorization: string) =>
      new Promise((resolve) => {
        const { port } = new URL(gateway.origin);
        const sent = request({ port, path: '/mcp', method: 'POST', headers: { 'content-type': 'application/json' } });
        sent.setHeader('authorization', authorization);
        sent.on('response', (answer) => resolve(answer.resume().statusCode)).on('error', () => resolve('closed'));
        sent.end(JSON.stringify(initialize));
      });
    expect([431, 'closed']).toContain(await raw(`Bearer ${'a'.repeat(100_000)}`));
    expect(await raw('Bearer tök\u00e9n')).toBe(401);
    expect(await raw(`Bearer ${encode({ alg: 'RS256' })}.\u00ff.`)).toBe(401);
    expect(await statusOf(gateway, await issuer.sign())).toBe(200);
  });
});
