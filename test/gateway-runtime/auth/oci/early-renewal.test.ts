import { RequestSigner } from '../../../../gateway-runtime/src/auth/oci/index.js';
import { makeDirectory, type TestDirectory } from '../../../helpers/gateway-directory.js';
import { until } from '../../../helpers/gateway-instance.js';
import { type Listening, listen } from '../../../helpers/gateway-servers.js';
import { startInstance } from '../../../helpers/oci-identity.js';
import { makeKeyPair, makeSessionToken, verifySignature } from '../../../helpers/oci-signature.js';

const { publicKey, privateKey } = makeKeyPair();
const request = { method: 'GET', url: new URL('https://x.example/'), headers: {} } as const;

let directory: TestDirectory;
let now: number;
beforeEach(() => {
  directory = makeDirectory();
  now = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => now);
});
afterEach(() => {
  jest.restoreAllMocks();
  directory.remove();
});

const keyOf = async (signer: RequestSigner) =>
  /keyId="([^"]+)"/.exec(String((await signer.sign(request)).authorization))?.[1];

test('a token is replaced before its end, and nobody waits for it', async () => {
  const instance = await startInstance();
  const env = { OCI_METADATA_BASE_URL: `${instance.url}/opc/v2`, OCI_SDK_AUTH_CLIENT_REGION_URL: instance.url };
  const signer = new RequestSigner({ method: 'instance_principal' }, env);
  const first = await keyOf(signer);
  now += 539_000;
  expect(await keyOf(signer)).toBe(first);
  expect(instance.tokens.issued).toBe(1);
  now += 2000;
  expect(await keyOf(signer)).toBe(first);
  await until(async () => (await keyOf(signer)) !== first, 'another token');
  expect(instance.tokens.issued).toBe(2);
  await instance.close();
});

test('while it cannot be replaced it is used to its end', async () => {
  const instance = await startInstance();
  const env = { OCI_METADATA_BASE_URL: `${instance.url}/opc/v2`, OCI_SDK_AUTH_CLIENT_REGION_URL: instance.url };
  jest.spyOn(console, 'log').mockImplementation(() => {});
  const signer = new RequestSigner({ method: 'instance_principal' }, env, 500);
  const first = await keyOf(signer);
  instance.available = false;
  for (const seconds of [541, 6, 6]) {
    now += seconds * 1000;
    expect(await keyOf(signer)).toBe(first);
    // As long as an attempt may take.
    await new Promise((resolve) => setTimeout(resolve, 600));
  }
  expect(instance.tokens.issued).toBe(1);
  await instance.close();
});

describe('session_token', () => {
  let service: Listening;
  const seen: { path: string | undefined; keyId: string; body: string }[] = [];
  let answer: [number, object];
  beforeEach(async () => {
    seen.length = 0;
    service = await listen(async (incoming, response) => {
      let body = '';
      for await (const chunk of incoming) body += chunk;
      const { method = '', url: target = '', headers } = incoming;
      const keyId = verifySignature(
        { method, target, headers, body },
        () => publicKey,
        performance.timeOrigin + performance.now(),
      );
      seen.push({ path: target, keyId, body });
      response.writeHead(answer[0]).end(JSON.stringify(answer[1]));
    });
  });
  afterEach(() => service.close());

  const start = (token: string) => {
    const file = directory.write('token', token);
    const key = directory.write('key.pem', privateKey);
    const fields = { tenancy: 'ocid1.tenancy.oc1..t', fingerprint: 'aa:bb', key_file: key, region: 'eu-frankfurt-1' };
    const lines = Object.entries({ ...fields, security_token_file: file }).map(([name, value]) => `${name}=${value}`);
    const configFile = directory.write('config', `[DEFAULT]\n${lines.join('\n')}`);
    const env = { OCI_SDK_AUTH_CLIENT_REGION_URL: service.url };
    return new RequestSigner({ method: 'session_token', configFile }, env);
  };

  test('the session is prolonged before it ends', async () => {
    const [before, after] = [makeSessionToken(), makeSessionToken(1200)];
    answer = [200, { token: after }];
    const signer = start(before);
    expect(await keyOf(signer)).toBe(`ST$${before}`);
    now += 541_000;
    await until(async () => (await keyOf(signer)) === `ST$${after}`, 'another token');
    expect(seen).toEqual([
      { path: '/v1/authentication/refresh', keyId: `ST$${before}`, body: JSON.stringify({ currentToken: before }) },
    ]);
  });

  test('a session that is not prolonged is read from its file again', async () => {
    answer = [401, { code: 'NotAuthenticated' }];
    const before = makeSessionToken();
    const signer = start(before);
    await keyOf(signer);
    const after = makeSessionToken(1200);
    directory.write('token', after);
    now += 541_000;
    await until(async () => (await keyOf(signer)) === `ST$${after}`, 'the other token');
    expect(seen).toHaveLength(1);
  });
});
