import { createHash } from 'node:crypto';
import { formatFault } from '../../../../gateway-runtime/src/config/index.js';
import { setClock } from '../../../helpers/clock.js';
import { makeDirectory, type TestDirectory } from '../../../helpers/gateway-directory.js';
import { startGateway, type TestGateway } from '../../../helpers/gateway-instance.js';
import { startIssuer } from '../../../helpers/gateway-jwt.js';
import { configFaults, statusOf } from '../../../helpers/gateway-tokens.js';
import { makeKeyPair } from '../../../helpers/oci-signature.js';
import { startVault } from '../../../helpers/oci-vault.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

let directory: TestDirectory;
let gateway: TestGateway | undefined;

beforeEach(() => {
  directory = makeDirectory();
});

afterEach(async () => {
  jest.useRealTimers();
  await gateway?.close();
  directory.remove();
});

const host = (env: Record<string, string>) => ({ host: { env, kill: () => {} } });

test('the hash of a token can stand for it, and is no token itself', async () => {
  const hash = sha256('the-token-of-ci');
  gateway = await startGateway({
    auth: {
      static_tokens: { [`sha256:${hash.toUpperCase()}`]: { client_id: 'ci' } },
      static_clients: [{ client_id: 'agent', token_sha256: sha256('the-token-of-agent') }],
    },
  });
  expect(await statusOf(gateway, 'the-token-of-ci')).toBe(200);
  expect(await statusOf(gateway, 'the-token-of-agent')).toBe(200);
  for (const token of [hash, `sha256:${hash}`, `sha256:${hash.toUpperCase()}`, sha256('the-token-of-agent'), 'x']) {
    expect(await statusOf(gateway, token)).toBe(401);
  }
});

test('fails when a hash is none, without telling it', () => {
  const faults = configFaults({
    static_tokens: { 'sha256:abc': { client_id: 'a' }, 'SHA256:the-token-itself': { client_id: 'b' } },
    static_clients: [
      { client_id: 'c' },
      { client_id: 'd', token_env: 'D', token_file: '/d' },
      { client_id: 'e', token_sha256: 'the-token-itself' },
    ],
  });
  const hash = 'expected a token, or "sha256:" and the 64 hexadecimal digits of its hash';
  expect(faults.map(formatFault)).toEqual([
    `auth.static_tokens[0]: ${hash}`,
    `auth.static_tokens[1]: ${hash}`,
    'auth.static_clients[0].token_env: set token_env, token_file, token_secret_id or token_sha256',
    'auth.static_clients[1].token_file: token_env is set too; keep one of them',
    'auth.static_clients[2].token_sha256: expected 64 hexadecimal digits, got a string',
  ]);
});

test('tokens come from variables and files, and a file that was replaced ends the old one', async () => {
  const begin = Date.now();
  setClock(begin);
  const token_file = directory.write('token', 'token-of-agent-1\n');
  gateway = await startGateway(
    {
      auth: {
        static_clients: [
          { client_id: 'ci', token_env: 'CI_TOKEN' },
          { client_id: 'agent', token_file },
        ],
      },
    },
    host({ CI_TOKEN: 'token-of-ci' }),
  );
  const statuses = async (...tokens: string[]) =>
    Promise.all(tokens.map((token) => statusOf(gateway as TestGateway, token)));
  expect(await statuses('token-of-ci', 'token-of-agent-1', 'other')).toEqual([200, 200, 401]);
  directory.write('token', 'token-of-agent-2');
  setClock(begin + 11_000);
  expect(await statuses('token-of-agent-2')).toEqual([200]);
  expect(await statuses('token-of-agent-1', 'token-of-ci')).toEqual([401, 200]);
  directory.write('token', 'token-of-agent-3');
  setClock(begin + 80_000);
  expect(await statuses('token-of-agent-2')).toEqual([401]);
  expect(await statuses('token-of-agent-3')).toEqual([200]);
});

test('a client whose token cannot be read is unknown, and nobody else is concerned', async () => {
  const missing = directory.write('missing', '');
  gateway = await startGateway(
    {
      auth: {
        static_clients: [
          { client_id: 'a', token_env: 'NOT_SET' },
          { client_id: 'b', token_file: missing },
          { client_id: 'c', token_env: 'SET' },
        ],
      },
    },
    host({ SET: 'token-of-c' }),
  );
  for (const token of ['', 'undefined', 'NOT_SET']) expect(await statusOf(gateway, token)).toBe(401);
  expect(await statusOf(gateway, 'token-of-c')).toBe(200);
  const lines = gateway.logs.filter(({ msg }) => msg === 'the token of a client cannot be read');
  expect(lines.map(({ client, error }) => [client, error])).toEqual([
    ['a', 'has no credential: variable NOT_SET holds none'],
    ['b', `has no credential: file ${missing} holds none`],
  ]);
});

test('tokens come from Vault, which JWTs of an issuer do not wait for', async () => {
  const keys = makeKeyPair();
  const vault = await startVault(() => keys.publicKey);
  const issuer = await startIssuer();
  const secretId = 'ocid1.vaultsecret.oc1.fra.ci';
  vault.secrets.set(secretId, 'token-of-ci');
  const config = directory.write(
    'config',
    `[DEFAULT]\nuser=u\ntenancy=t\nfingerprint=f\nregion=eu-frankfurt-1\nkey_file=${directory.write('key.pem', keys.privateKey)}\n`,
  );
  gateway = await startGateway(
    {
      oci_auth_method: 'oci_config',
      auth: {
        issuers: [{ issuer: issuer.name, public_key: issuer.publicKey, audience: 'mcp' }],
        static_clients: [{ client_id: 'ci', token_secret_id: secretId }],
      },
    },
    host({ MCP_GATEWAY_SECRETS_ENDPOINT: vault.url, OCI_CONFIG_FILE: config }),
  );
  expect(await statusOf(gateway, await issuer.sign())).toBe(200);
  expect(vault.seen).toEqual([]);
  expect(await statusOf(gateway, 'token-of-ci')).toBe(200);
  expect(vault.seen).toEqual([secretId]);
  await vault.close();
  expect(await statusOf(gateway, 'token-of-ci')).toBe(200);
  await issuer.close();
});
