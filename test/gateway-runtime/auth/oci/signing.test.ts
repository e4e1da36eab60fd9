import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RequestSigner, RequestSigners } from '../../../../gateway-runtime/src/auth/oci/index.js';
import type { BackendInput } from '../../../../gateway-runtime/src/config/index.js';
import { makeDirectory, type TestDirectory } from '../../../helpers/gateway-directory.js';
import { startGateway, textOf, until } from '../../../helpers/gateway-instance.js';
import { startHttpServer, startSseServer } from '../../../helpers/gateway-servers.js';
import { makeKeyPair, makeSessionToken, startSignatureGate, verifySignature } from '../../../helpers/oci-signature.js';

const { publicKey, privateKey } = makeKeyPair();

let directory: TestDirectory;
beforeEach(() => {
  directory = makeDirectory();
});
afterEach(() => directory.remove());

/** Environment of a resource that has a principal. */
function principal(token: string, key = privateKey): Record<string, string> {
  return {
    OCI_RESOURCE_PRINCIPAL_VERSION: '2.2',
    OCI_RESOURCE_PRINCIPAL_RPST: token,
    OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM: key,
    OCI_RESOURCE_PRINCIPAL_REGION: 'eu-frankfurt-1',
  };
}

const call = { name: 's_echo', arguments: { text: 'größe ☂' } };

async function startWith(url: string, env: Record<string, string>, backend: Partial<BackendInput> = {}) {
  return startGateway(
    { backends: [{ name: 's', url, auth_method: 'resource_principal', ...backend }] },
    { host: { env, kill: () => {} } },
  );
}

test.each(['streamable_http', 'sse'] as const)(
  '%s: every request is signed, whatever its method',
  async (transport) => {
    const server = transport === 'sse' ? await startSseServer('s') : await startHttpServer('s');
    const token = makeSessionToken();
    const gate = await startSignatureGate(`${server.url}?b=2&a=1%20x`, () => publicKey);
    const gateway = await startWith(gate.url, principal(token), {
      transport,
      headers: { 'X-Team': 'a', Authorization: 'Basic unused', 'X-Date': 'Thu, 05 Jan 2014 21:31:40 GMT' },
    });
    await gateway.waitFor('s', 'connected');
    const client = await gateway.connect();
    expect(textOf(await client.callTool(call))).toBe('s: größe ☂');
    await gateway.close();
    await until(() => transport === 'sse' || gate.seen.some(({ method }) => method === 'DELETE'), 'the session to end');
    expect(gate.seen.filter(({ fault }) => fault)).toEqual([]);
    expect(new Set(gate.seen.map(({ keyId }) => keyId))).toEqual(new Set([`ST$${token}`]));
    const methods = transport === 'sse' ? ['GET', 'POST'] : ['DELETE', 'GET', 'POST'];
    expect([...new Set(gate.seen.map(({ method }) => method))].sort()).toEqual(methods);
    expect(gate.seen[0]?.target).toBe(`${new URL(server.url).pathname}?b=2&a=1%20x`);
    expect(JSON.stringify(gateway.logs)).not.toContain(token);
    await server.close();
  },
);

test('a resource principal in files is read again when the server refuses its token', async () => {
  const keys = [makeKeyPair(), makeKeyPair()];
  const tokens = [makeSessionToken(), makeSessionToken()];
  const write = (index: number) => {
    // As the platform leaves them, with a line break.
    writeFileSync(join(directory.path, 'rpst'), `${tokens[index]}\n`);
    writeFileSync(join(directory.path, 'key'), String(keys[index]?.privateKey));
  };
  write(0);
  let accepted = 0;
  const server = await startHttpServer('s', { json: true });
  const gate = await startSignatureGate(server.url, (keyId) =>
    keyId === `ST$${tokens[accepted]}` ? keys[accepted]?.publicKey : undefined,
  );
  const gateway = await startWith(gate.url, principal(join(directory.path, 'rpst'), join(directory.path, 'key')));
  await gateway.waitFor('s', 'connected');
  const client = await gateway.connect();
  accepted = 1;
  expect(textOf(await client.callTool(call))).toBe('backend "s": answered HTTP 401 (NotAuthenticated)');
  write(1);
  const before = gate.seen.length;
  const answers = await Promise.all(Array.from({ length: 5 }, () => client.callTool(call)));
  expect(answers.map(textOf)).toEqual(Array(5).fill('s: größe ☂'));
  // Retried once each at most.
  expect(gate.seen.length - before).toBeLessThanOrEqual(10);
  await gateway.close();
  await server.close();
});

test('a token that was renewed since a request was signed is not renewed for it again', async () => {
  const file = directory.write('rpst', makeSessionToken());
  const signer = new RequestSigner({ method: 'resource_principal' }, principal(file));
  const request = { method: 'GET', url: new URL('https://x.example/'), headers: {} } as const;
  const refused = await signer.sign(request);
  expect(await signer.refresh(refused)).toBe(false);
  directory.write('rpst', makeSessionToken());
  expect(await signer.refresh(refused)).toBe(true);
  directory.write('rpst', 'not read any more');
  expect(await signer.refresh(refused)).toBe(true);
  await expect(signer.refresh(await signer.sign(request))).rejects.toThrow('not a token that can be read');
});

test('a token that is given by value is not asked for again', async () => {
  const server = await startHttpServer('s', { json: true });
  const gate = await startSignatureGate(server.url, () => makeKeyPair().publicKey);
  const gateway = await startWith(gate.url, principal(makeSessionToken()));
  await gateway.waitFor('s', 'down');
  const ready = await (await fetch(`${gateway.origin}/ready`)).json();
  expect(ready).toMatchObject({ backends: [{ reason: 'answered HTTP 401 (NotAuthenticated)' }] });
  expect(gate.seen[0]?.fault).toBe('signature does not fit');
  const attempts = gate.seen.length;
  await until(() => gate.seen.length > attempts, 'another attempt');
  await gateway.close();
  await server.close();
});

test.each<[string, Record<string, string>, string]>([
  ['nothing', {}, 'OCI_RESOURCE_PRINCIPAL_VERSION is not set; OCI sets it on container instances'],
  [
    'an old version',
    { ...principal('t'), OCI_RESOURCE_PRINCIPAL_VERSION: '1.1' },
    'OCI_RESOURCE_PRINCIPAL_VERSION is "1.1", and only 2.2 can be used',
  ],
  ['no token', principal(''), 'OCI_RESOURCE_PRINCIPAL_RPST is not set'],
  ['no key', principal('t', ''), 'OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM is not set'],
  ['no good key', principal('t', 's3cret'), 'OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM names no private key'],
  ['a key file that is not there', principal('t', '/no/such'), 'OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM names no'],
  ['a token file that is not there', principal('/no/such'), 'no security token could be had'],
  ['no good token', principal('a.s3cret.c'), 'the security token is not a token that can be read'],
  ['an expired token', principal(makeSessionToken(-1)), 'the security token expired at 20'],
])('fails with %s: the backend stays down and says how to fix it', async (_, env, reason) => {
  const server = await startHttpServer('s');
  const gateway = await startWith(server.url, env);
  await gateway.waitFor('s', 'down');
  const ready = (await (await fetch(`${gateway.origin}/ready`)).json()) as { backends: { reason: string }[] };
  expect(ready.backends[0]?.reason).toContain(`cannot sign requests (resource_principal): ${reason}`);
  expect(JSON.stringify([ready, gateway.logs])).not.toMatch(/s3cret|BEGIN|\n\s+at /);
  expect(server.seen.headers).toEqual([]);
  await gateway.close();
  await server.close();
});

test('a token is valid until the second it expires', async () => {
  const signer = (seconds: number) =>
    new RequestSigner({ method: 'resource_principal' }, principal(makeSessionToken(seconds)));
  const request = { method: 'GET', url: new URL('https://x.example/'), headers: {} } as const;
  await expect(signer(0).sign(request)).rejects.toThrow('expired');
  await expect(signer(2).sign(request)).resolves.toHaveProperty('authorization');
});

test('what is signed is the url without user, password and fragment, and the port that is not the default', async () => {
  const signer = new RequestSigner({ method: 'resource_principal' }, principal(makeSessionToken()));
  for (const [href, host, target] of [
    ['https://u:p@x.example/a/../b%2Fc?q=%20+&r#f', 'x.example', '/b%2Fc?q=%20+&r'],
    ['https://x.example:8443?', 'x.example:8443', '/'],
  ] as const) {
    const headers = await signer.sign({ method: 'GET', url: new URL(href), headers: {} });
    expect(Object.keys(headers).sort()).toEqual(['authorization', 'date', 'host', 'x-date']);
    expect(headers.host).toBe(host);
    verifySignature({ method: 'GET', target, headers, body: '' }, () => publicKey);
  }
});

test('an empty body is signed too', async () => {
  const signer = new RequestSigner({ method: 'resource_principal' }, principal(makeSessionToken()));
  const headers = await signer.sign({ method: 'POST', url: new URL('https://x.example/'), headers: {}, body: '' });
  expect(headers).toMatchObject({
    'content-length': '0',
    'x-content-sha256': '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
  });
  verifySignature({ method: 'POST', target: '/', headers, body: '' }, () => publicKey);
});

test('backends of one identity share its signer', () => {
  const signers = new RequestSigners({});
  const first = signers.signerFor({ method: 'oci_config', profile: 'A', configFile: '/c' });
  expect(signers.signerFor({ method: 'oci_config', profile: 'A', configFile: '/c' })).toBe(first);
  expect(signers.signerFor({ method: 'oci_config', profile: 'B', configFile: '/c' })).not.toBe(first);
  expect(signers.signerFor({ method: 'oci_config', profile: 'A' })).not.toBe(first);
  const instance = signers.signerFor({ method: 'instance_principal' });
  expect(signers.signerFor({ method: 'instance_principal', profile: 'A' })).toBe(instance);
});
