import { setClock } from '../../../helpers/clock.js';
import { startGateway, type TestGateway, until } from '../../../helpers/gateway-instance.js';
import { makeIssuerKey, startIssuer, type TestIssuer } from '../../../helpers/gateway-jwt.js';
import { bearer, initialize, statusOf } from '../../../helpers/gateway-tokens.js';

const minute = 60_000;
const hour = 60 * minute;

let issuer: TestIssuer;
let gateway: TestGateway;

beforeEach(async () => {
  issuer = await startIssuer();
  gateway = await startGateway({ auth: { issuers: [{ issuer: issuer.name, jwks_uri: issuer.url, audience: 'mcp' }] } });
});

afterEach(async () => {
  jest.useRealTimers();
  await gateway.close();
  await issuer.close();
});

/** What is answered to a new token. */
const status = async (kid = 'k1', key = issuer.privateKey) =>
  statusOf(gateway, await issuer.sign({ jti: String(Math.random()) }, { kid }, key));

/** Goes on to a time, in milliseconds from the beginning. */
const begin = Date.now();
const at = (ms: number) => setClock(begin + ms);

/** Lets the issuer answer nothing that can be used. */
function breakDown(): void {
  issuer.respond = (_, response) => response.writeHead(500).end();
}

test('keys are fetched when they are needed, once for everybody who waits for them', async () => {
  expect(issuer.asked).toBe(0);
  expect(await Promise.all(Array.from({ length: 20 }, () => status()))).toEqual(Array(20).fill(200));
  expect(issuer.asked).toBe(1);
});

test('a new key is found at once, by everybody who comes with it', async () => {
  expect(await status()).toBe(200);
  const next = await makeIssuerKey('k2');
  issuer.keySet = { keys: [issuer.jwk, next.jwk] };
  expect(await Promise.all(Array.from({ length: 20 }, () => status('k2', next.privateKey)))).toEqual(
    Array(20).fill(200),
  );
  expect(issuer.asked).toBe(2);
});

test('a key that was taken back verifies nothing any more after ten minutes', async () => {
  at(0);
  expect(await status()).toBe(200);
  issuer.keySet = { keys: [(await makeIssuerKey('k2')).jwk] };
  at(9 * minute);
  expect(await status()).toBe(200);
  at(11 * minute);
  expect(await status()).toBe(401);
});

test('a token is not verified again for a minute, and no longer', async () => {
  at(0);
  expect(await status()).toBe(200);
  const token = await issuer.sign({ exp: Math.floor(begin / 1000) + 3600 });
  at(9 * minute + 50_000);
  expect(await statusOf(gateway, token)).toBe(200);
  await until(() => issuer.asked === 2, 'the keys to be fetched again');
  issuer.keySet = { keys: [] };
  at(10 * minute + 45_000);
  expect(await statusOf(gateway, token)).toBe(200);
  expect(issuer.asked).toBe(2);
  await status('k2');
  at(10 * minute + 55_000);
  expect(await statusOf(gateway, token)).toBe(401);
});

test('made-up key names have the issuer asked once in ten seconds', async () => {
  at(0);
  expect(await status()).toBe(200);
  const flood = () => Promise.all(Array.from({ length: 100 }, (_, index) => status(`made-up ${index}`)));
  expect(new Set(await flood())).toEqual(new Set([401]));
  expect(issuer.asked).toBe(2);
  at(9_000);
  await flood();
  expect(issuer.asked).toBe(2);
  at(11_000);
  await flood();
  expect(issuer.asked).toBe(3);
  expect(await status()).toBe(200);
});

test('keys verify for a day while the issuer is down, and no longer', async () => {
  at(0);
  expect(await status()).toBe(200);
  breakDown();
  for (const time of [11 * minute, 12 * minute, hour, 23.9 * hour]) {
    at(time);
    expect(await status()).toBe(200);
  }
  expect(issuer.asked).toBeGreaterThan(3);
  at(24.1 * hour);
  const answer = await gateway.post(initialize, bearer(await issuer.sign()));
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  issuer.respond = undefined;
  at(24.2 * hour);
  expect(await status()).toBe(200);
});

test('nobody waits while keys are fetched again in time, however slow the issuer is', async () => {
  at(0);
  expect(await status()).toBe(200);
  const closed = new Promise((resolve) => {
    issuer.respond = (_, response) => void response.once('close', resolve);
  });
  at(6 * minute);
  const start = performance.now();
  expect(await status()).toBe(200);
  expect(performance.now() - start).toBeLessThan(1000);
  await until(() => issuer.asked === 2, 'the keys to be fetched again');
  await issuer.close();
  await closed;
  at(11 * minute);
  expect(await status()).toBe(200);
});

test('nobody waits for an issuer that is known to be slow', async () => {
  at(0);
  expect(await status()).toBe(200);
  breakDown();
  at(11 * minute);
  expect(await status()).toBe(200);
  let closed = false;
  issuer.respond = (_, response) => void response.once('close', () => (closed = true));
  at(12 * minute);
  const start = performance.now();
  expect(await status()).toBe(200);
  expect(performance.now() - start).toBeLessThan(1000);
  expect(closed).toBe(false);
});

test('an issuer that is down is asked less and less, and the log says so once', async () => {
  breakDown();
  for (let time = 0; time < 60_000; time += 500) {
    at(time);
    expect(await status()).toBe(503);
  }
  expect(issuer.asked).toBeGreaterThan(10);
  expect(issuer.asked).toBeLessThan(20);
  const lines = gateway.logs.filter(({ msg }) => msg === 'the keys that verify tokens cannot be fetched');
  expect(lines).toMatchObject([{ error: expect.stringMatching(/^127\.0\.0\.1:\d+ answered HTTP 500$/) }]);
});

test('an unknown key is no reason to send a caller away for good while the issuer is down', async () => {
  expect(await status()).toBe(200);
  breakDown();
  const next = await makeIssuerKey('k2');
  expect(await status('k2', next.privateKey)).toBe(503);
  expect(await status('k2', next.privateKey)).toBe(503);
  expect(await status()).toBe(200);
});

test.each<[string, string | object]>([
  ['is no JSON', '<html>'],
  ['is a list', []],
  ['is null', 'null'],
  ['has no keys', { kids: [] }],
  ['has keys that are no list', { keys: { k1: {} } }],
  ['has keys that are no keys', { keys: ['k1'] }],
  ['has too many keys', { keys: Array.from({ length: 101 }, (_, index) => ({ kty: 'RSA', kid: `k${index}` })) }],
  ['is too large', { keys: [], padding: 'x'.repeat(1024 * 1024) }],
])('keys stay as they are when the next key set %s', async (_, document) => {
  at(0);
  expect(await status()).toBe(200);
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  issuer.respond = (_request, response) => response.end(text);
  at(11 * minute);
  expect(await status()).toBe(200);
  expect(issuer.asked).toBe(2);
});

test.each<[string, object]>([
  ['the private key', { d: 'AAAA' }],
  ['a shared secret', { kty: 'oct', k: Buffer.from('secret').toString('base64url') }],
  ['a key for encryption', { use: 'enc' }],
  ['a key for another algorithm', { alg: 'RS512' }],
  ['a key without its numbers', { n: undefined }],
])('fails when the key set holds %s', async (_, difference) => {
  issuer.keySet = { keys: [{ ...issuer.jwk, ...difference }] };
  expect(await status()).toBe(401);
});

test('keys without names are tried one after the other', async () => {
  const [first, second, third] = await Promise.all([makeIssuerKey(), makeIssuerKey(), makeIssuerKey()]);
  issuer.keySet = { keys: [first.jwk, second.jwk] };
  const statusBy = async (key: typeof first) =>
    statusOf(gateway, await issuer.sign({}, { kid: undefined }, key.privateKey));
  expect(await statusBy(first)).toBe(200);
  expect(await statusBy(second)).toBe(200);
  expect(await statusBy(third)).toBe(401);
});

test('a redirect is not followed', async () => {
  const other = await startIssuer();
  other.keySet = issuer.keySet;
  issuer.respond = (_, response) => response.writeHead(302, { location: other.url }).end();
  expect(await status()).toBe(503);
  expect(other.asked).toBe(0);
  await other.close();
});

test('the tokens of one issuer do not wait for the keys of another', async () => {
  const slow = await startIssuer('https://slow.example');
  slow.respond = () => {};
  const both = await startGateway({
    auth: {
      issuers: [issuer, slow].map(({ name, url }) => ({ issuer: name, jwks_uri: url, audience: 'mcp' })),
    },
  });
  const waiting = slow.sign().then((token) => statusOf(both, token));
  await until(() => slow.asked === 1, 'the slow issuer to be asked');
  expect(await statusOf(both, await issuer.sign())).toBe(200);
  await slow.close();
  expect(await waiting).toBe(503);
  await both.close();
});
