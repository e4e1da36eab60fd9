import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { RequestSigner } from '../../../../gateway-runtime/src/auth/oci/index.js';
import type { SigningMethod } from '../../../../gateway-runtime/src/config/backend.js';
import type { BackendInput } from '../../../../gateway-runtime/src/config/index.js';
import { makeDirectory, type TestDirectory } from '../../../helpers/gateway-directory.js';
import { startGateway, textOf } from '../../../helpers/gateway-instance.js';
import { closeAtEnd, startHttpServer } from '../../../helpers/gateway-servers.js';
import { startCluster, startInstance, type TestIdentity } from '../../../helpers/oci-identity.js';
import { makeKeyPair, makeSessionToken, startSignatureGate } from '../../../helpers/oci-signature.js';

let directory: TestDirectory;
beforeEach(() => {
  directory = makeDirectory();
  // The SDK tells of its retries.
  jest.spyOn(console, 'log').mockImplementation(() => {});
  jest.spyOn(console, 'info').mockImplementation(() => {});
});
afterEach(() => {
  directory.remove();
  jest.restoreAllMocks();
});

const call = { name: 's_echo', arguments: { text: 'x' } };

async function startBehind(
  publicKeyOf: Parameters<typeof startSignatureGate>[1],
  env: Record<string, string>,
  backend: Partial<BackendInput>,
) {
  const server = await startHttpServer('s', { json: true });
  const gate = await startSignatureGate(server.url, publicKeyOf);
  const gateway = await startGateway(
    { backends: [{ name: 's', url: gate.url, ...backend }] },
    { host: { env, kill: () => {} } },
  );
  const reason = async () => {
    const ready = (await (await fetch(`${gateway.origin}/ready`)).json()) as { backends: { reason: string }[] };
    return ready.backends[0]?.reason;
  };
  const close = async () => {
    await gateway.close();
    await gate.close();
    await server.close();
  };
  return { gate, gateway, reason, close };
}

/** A token that OCI does not accept any more, and one that has expired, are both replaced without a caller noticing. */
async function expectRenewal(identity: TestIdentity, env: Record<string, string>, auth_method: SigningMethod) {
  const { tokens } = identity;
  const { gate, gateway, close } = await startBehind(tokens.publicKeyOf, env, { auth_method });
  await gateway.waitFor('s', 'connected');
  expect(tokens.issued).toBe(1);
  const client = await gateway.connect();
  tokens.revoke();
  const answers = await Promise.all([client.callTool(call), client.callTool(call), client.callTool(call)]);
  expect(answers.map(textOf)).toEqual(['s: x', 's: x', 's: x']);
  expect(tokens.issued).toBeLessThanOrEqual(4);
  tokens.lifetime = 1;
  tokens.revoke();
  await client.callTool(call);
  tokens.lifetime = 600;
  await new Promise((resolve) => setTimeout(resolve, 1600));
  const issued = tokens.issued;
  const refused = gate.seen.filter(({ fault }) => fault).length;
  expect(textOf(await client.callTool(call))).toBe('s: x');
  expect(tokens.issued).toBe(issued + 1);
  expect(gate.seen.filter(({ fault }) => fault).length).toBe(refused);
  expect(identity.faults).toEqual([]);
  await close();
}

test('instance_principal: certificate of the instance, token of the federation service', async () => {
  const instance = await startInstance();
  const env = { OCI_METADATA_BASE_URL: `${instance.url}/opc/v2`, OCI_SDK_AUTH_CLIENT_REGION_URL: instance.url };
  await expectRenewal(instance, env, 'instance_principal');
  await instance.close();
});

test('fails without a metadata service, and works when there is one', async () => {
  const instance = await startInstance();
  instance.available = false;
  const env = { OCI_METADATA_BASE_URL: `${instance.url}/opc/v2`, OCI_SDK_AUTH_CLIENT_REGION_URL: instance.url };
  const { gateway, reason, close } = await startBehind(instance.tokens.publicKeyOf, env, {
    auth_method: 'instance_principal',
  });
  await gateway.waitFor('s', 'down');
  expect(await reason()).toMatch(
    /^cannot sign requests \(instance_principal\): the instance metadata service gives no identity/,
  );
  instance.available = true;
  await gateway.waitFor('s', 'connected');
  await close();
  await instance.close();
});

test('a metadata service that does not answer holds nobody else up, and not for long', async () => {
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const sockets = new Set<{ destroy(): void }>();
  silent.on('connection', (socket) => sockets.add(socket));
  closeAtEnd(async () => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const { port } = silent.address() as { port: number };
  const env = { OCI_METADATA_BASE_URL: `http://127.0.0.1:${port}/opc/v2` };
  const signer = new RequestSigner({ method: 'instance_principal' }, env, 300);
  const request = { method: 'GET', url: new URL('https://x.example/'), headers: {} } as const;
  const started = Date.now();
  const attempts = await Promise.allSettled([signer.sign(request), signer.sign(request), signer.refresh({})]);
  expect(attempts.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(String((attempts[0] as PromiseRejectedResult).reason)).toContain(
    'cannot sign requests (instance_principal): no identity within 0.3 s',
  );
  expect(Date.now() - started).toBeLessThan(2000);

  const other = await startHttpServer('o', { json: true });
  const gateway = await startGateway(
    {
      backends: [
        { name: 's', url: other.url, auth_method: 'instance_principal' },
        { name: 'o', url: other.url },
      ],
    },
    { host: { env, kill: () => {} } },
  );
  await gateway.waitFor('o', 'connected');
  await gateway.close();
  await other.close();
});

describe('oke_workload_identity', () => {
  async function startPod() {
    const cluster = await startCluster();
    const env = {
      KUBERNETES_SERVICE_HOST: 'localhost',
      KUBERNETES_SERVICE_PORT_PROXYMUX: String(cluster.port),
      OCI_KUBERNETES_SERVICE_ACCOUNT_CERT_PATH: directory.write('ca.crt', cluster.certificate),
      OCI_KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH: directory.write('token', 'service-account-1\n'),
    };
    return { cluster, env };
  }

  test('service account token for the token of the cluster, over its own certificate authority', async () => {
    const { cluster, env } = await startPod();
    await expectRenewal(cluster, env, 'oke_workload_identity');
    await cluster.close();
  });

  test('a service account token that was replaced is read again', async () => {
    const { cluster, env } = await startPod();
    const { publicKeyOf } = cluster.tokens;
    const { gateway, close } = await startBehind(publicKeyOf, env, { auth_method: 'oke_workload_identity' });
    await gateway.waitFor('s', 'connected');
    cluster.serviceAccountToken = 'service-account-2';
    directory.write('token', 'service-account-2');
    cluster.tokens.revoke();
    const client = await gateway.connect();
    expect(textOf(await client.callTool(call))).toBe('s: x');
    await close();
    await cluster.close();
  });

  test.each<[string, Record<string, string | undefined>, string]>([
    ['outside Kubernetes', { KUBERNETES_SERVICE_HOST: undefined }, 'KUBERNETES_SERVICE_HOST is not set'],
    [
      'without a service account token',
      { OCI_KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH: '/no/such' },
      '/no/such cannot be read (ENOENT)',
    ],
    ['when the cluster refuses', {}, 'no security token could be had'],
  ])('fails %s', async (_, change, expected) => {
    const { cluster, env } = await startPod();
    cluster.available = false;
    const { gateway, reason, close } = await startBehind(
      cluster.tokens.publicKeyOf,
      { ...env, ...change } as Record<string, string>,
      { auth_method: 'oke_workload_identity' },
    );
    await gateway.waitFor('s', 'down');
    expect(await reason()).toContain(`cannot sign requests (oke_workload_identity): ${expected}`);
    expect(JSON.stringify([await reason(), gateway.logs])).not.toMatch(/s3cret|service-account-1/);
    await close();
    await cluster.close();
  });

  test('fails when the certificate is not of the cluster', async () => {
    const { cluster, env } = await startPod();
    const other = await startCluster();
    const { gateway, reason, close } = await startBehind(
      cluster.tokens.publicKeyOf,
      { ...env, OCI_KUBERNETES_SERVICE_ACCOUNT_CERT_PATH: directory.write('other.crt', other.certificate) },
      { auth_method: 'oke_workload_identity' },
    );
    await gateway.waitFor('s', 'down');
    expect(await reason()).toContain('no security token could be had');
    expect(cluster.tokens.issued).toBe(0);
    await close();
    await cluster.close();
    await other.close();
  });
});

describe('a configuration file', () => {
  const { publicKey, privateKey } = makeKeyPair();
  const profile = (fields: Record<string, string | undefined>) =>
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([field, value]) => `${field}=${value}`)
      .join('\n');
  const user = () => ({
    tenancy: 'ocid1.tenancy.oc1..t',
    user: 'ocid1.user.oc1..u',
    fingerprint: 'aa:bb',
    key_file: directory.write('key.pem', privateKey),
    region: 'eu-frankfurt-1',
  });

  test('oci_config: the API key of a profile; another one after a 401', async () => {
    const config = directory.write('config', `[DEFAULT]\n[WORK]\n${profile(user())}`);
    const next = makeKeyPair();
    const keys = new Map([['ocid1.tenancy.oc1..t/ocid1.user.oc1..u/aa:bb', publicKey]]);
    const { gateway, close } = await startBehind(
      (keyId) => keys.get(keyId),
      {},
      {
        auth_method: 'oci_config',
        oci_profile: 'WORK',
        oci_config_file: config,
      },
    );
    await gateway.waitFor('s', 'connected');
    keys.clear();
    keys.set('ocid1.tenancy.oc1..t/ocid1.user.oc1..u/cc:dd', next.publicKey);
    directory.write('config', `[WORK]\n${profile({ ...user(), fingerprint: 'cc:dd' })}`);
    directory.write('key.pem', next.privateKey);
    const client = await gateway.connect();
    expect(textOf(await client.callTool(call))).toBe('s: x');
    await close();
  });

  test('session_token: the token of a profile, from the file that OCI_CONFIG_FILE names', async () => {
    const token = makeSessionToken();
    const { user: _, ...fields } = user();
    const file = directory.write('session', `${token}\n`);
    const OCI_CONFIG_FILE = directory.write(
      'config',
      `[DEFAULT]\n${profile({ ...fields, security_token_file: file })}`,
    );
    const keys = new Map([[`ST$${token}`, publicKey]]);
    const { gateway, close } = await startBehind(
      (keyId) => keys.get(keyId),
      { OCI_CONFIG_FILE },
      {
        auth_method: 'session_token',
      },
    );
    await gateway.waitFor('s', 'connected');
    const renewed = makeSessionToken(700);
    keys.clear();
    keys.set(`ST$${renewed}`, publicKey);
    writeFileSync(join(directory.path, 'session'), renewed);
    const client = await gateway.connect();
    expect(textOf(await client.callTool(call))).toBe('s: x');
    await close();
  });

  test.each<[SigningMethod, Record<string, string | undefined>, string]>([
    ['oci_config', { tenancy: undefined }, 'profile DEFAULT of FILE has no tenancy'],
    ['oci_config', { user: undefined }, 'profile DEFAULT of FILE has no user'],
    ['oci_config', { region: undefined }, 'profile DEFAULT of FILE has no region'],
    ['oci_config', { key_file: '/no/such' }, 'a file that profile DEFAULT of FILE names cannot be read'],
    ['oci_config', { authentication_type: 'instance_principal' }, 'choose that as auth_method'],
    ['oci_config', { security_token_file: 'KEY' }, 'holds a session token; choose session_token'],
    ['oci_config', { 's3cret without value\nx': '1' }, 'FILE is not an OCI configuration file'],
    ['oci_config', { key_file: 'CONFIG' }, 'the private key cannot be used'],
    ['session_token', {}, 'has no security_token_file; run oci session authenticate'],
  ])('fails with %s and %j', async (method, change, expected) => {
    const fields: Record<string, string | undefined> = { ...user(), ...change };
    const file = join(directory.path, 'config');
    if (change.security_token_file) fields.security_token_file = fields.key_file;
    if (change.key_file === 'CONFIG') fields.key_file = file;
    directory.write('config', `[DEFAULT]\n${profile(fields)}`);
    const signer = new RequestSigner({ method, configFile: file }, {});
    const error = await signer.sign({ method: 'GET', url: new URL('https://x.example/'), headers: {} }).catch(String);
    expect(error).toContain(expected.replace('FILE', file));
    expect(error).not.toContain('s3cret');
  });

  test('fails without the profile or the file', async () => {
    const request = { method: 'GET', url: new URL('https://x.example/'), headers: {} } as const;
    const configFile = directory.write('config', `[DEFAULT]\n${profile(user())}`);
    const profiled = new RequestSigner({ method: 'oci_config', profile: 'WORK', configFile }, {});
    await expect(profiled.sign(request)).rejects.toThrow(`${configFile} has no profile WORK`);
    const missing = new RequestSigner({ method: 'oci_config', configFile: '/no/such' }, {});
    await expect(missing.sign(request)).rejects.toThrow('/no/such does not exist; set oci_config_file');
  });
});
