import { RequestSigner, VaultSecrets } from '../../../../gateway-runtime/src/auth/oci/index.js';
import { endpointOf } from '../../../../gateway-runtime/src/auth/oci/region.js';
import type { BackendInput } from '../../../../gateway-runtime/src/config/index.js';
import { startGateway, textOf } from '../../../helpers/gateway-instance.js';
import { listen, startHttpServer } from '../../../helpers/gateway-servers.js';
import { startInstance } from '../../../helpers/oci-identity.js';
import { makeKeyPair, makeSessionToken } from '../../../helpers/oci-signature.js';
import { startVault } from '../../../helpers/oci-vault.js';

const { publicKey, privateKey } = makeKeyPair();
const secretId = 'ocid1.vaultsecret.oc1.eu-frankfurt-1.amaaaaaa';
const principal = {
  OCI_RESOURCE_PRINCIPAL_VERSION: '2.2',
  OCI_RESOURCE_PRINCIPAL_RPST: makeSessionToken(),
  OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM: privateKey,
};

function vaultAt(url: string, env: Record<string, string> = principal) {
  return new VaultSecrets(new RequestSigner({ method: 'resource_principal' }, env), {
    MCP_GATEWAY_SECRETS_ENDPOINT: url,
  });
}

test.each<[string, Partial<BackendInput>, string]>([
  ['bearer_token', { auth_method: 'bearer_token', bearer_token_secret_id: secretId }, 'authorization'],
  ['api_key', { auth_method: 'api_key', api_key_secret_id: secretId }, 'x-api-key'],
])('%s: the secret is read once, and again when the server refuses it', async (_, backend, header) => {
  const vault = await startVault(() => publicKey);
  vault.secrets.set(secretId, 'first\n');
  let accepted = 'first';
  const server = await startHttpServer('s', {
    json: true,
    intercept: ({ headers }, response) => {
      if (String(headers[header]).replace('Bearer ', '') === accepted) return false;
      response.writeHead(401).end();
      return true;
    },
  });
  const gateway = await startGateway(
    { backends: [{ name: 's', url: server.url, ...backend }] },
    { host: { env: { ...principal, MCP_GATEWAY_SECRETS_ENDPOINT: vault.url }, kill: () => {} } },
  );
  await gateway.waitFor('s', 'connected');
  expect(vault.seen).toEqual([secretId]);
  accepted = 'second';
  vault.secrets.set(secretId, 'second');
  const client = await gateway.connect();
  const call = () => client.callTool({ name: 's_echo', arguments: { text: 'x' } });
  const answers = await Promise.all([call(), call(), call()]);
  expect(answers.map(textOf)).toEqual(['s: x', 's: x', 's: x']);
  expect(vault.seen.length).toBeLessThanOrEqual(4);
  expect(JSON.stringify(gateway.logs)).not.toMatch(/first|second/);
  await gateway.close();
  for (const one of [server, vault]) await one.close();
});

test('oci_auth_method says with which identity; a refused token is renewed', async () => {
  const instance = await startInstance();
  const vault = await startVault(instance.tokens.publicKeyOf);
  vault.secrets.set(secretId, 'key');
  const env = { OCI_METADATA_BASE_URL: `${instance.url}/opc/v2`, OCI_SDK_AUTH_CLIENT_REGION_URL: instance.url };
  const signer = new RequestSigner({ method: 'instance_principal' }, env);
  const secrets = new VaultSecrets(signer, { MCP_GATEWAY_SECRETS_ENDPOINT: vault.url });
  expect(String(await secrets.read(secretId))).toBe('key');
  instance.tokens.revoke();
  expect(String(await secrets.read(secretId))).toBe('key');
  const server = await startHttpServer('s');
  const gateway = await startGateway(
    {
      oci_auth_method: 'instance_principal',
      backends: [{ name: 's', url: server.url, auth_method: 'api_key', api_key_secret_id: secretId }],
    },
    { host: { env: { ...env, MCP_GATEWAY_SECRETS_ENDPOINT: vault.url }, kill: () => {} } },
  );
  await gateway.waitFor('s', 'connected');
  await gateway.close();
  for (const one of [server, vault, instance]) await one.close();
});

test('a value is bytes', async () => {
  const vault = await startVault(() => publicKey);
  const bytes = Buffer.from([0, 255, 10, 13, 128]);
  vault.secrets.set(secretId, bytes);
  expect(await vaultAt(vault.url).read(secretId)).toEqual(bytes);
  await vault.close();
});

test.each<[string, string, string, Record<string, string>]>([
  [
    'is not there, or not for this principal',
    'ocid1.vaultsecret.oc1.fra.other',
    'HTTP 404 (NotAuthorizedOrNotFound); it does not exist, or no policy allows to read secret-bundles of it',
    principal,
  ],
  [
    'is asked for with a wrong key',
    secretId,
    'HTTP 401 (NotAuthenticated)',
    { ...principal, OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM: makeKeyPair().privateKey },
  ],
  [
    'is asked for without an identity',
    secretId,
    'cannot sign requests (resource_principal): OCI_RESOURCE_PRINCIPAL_VERSION is not set',
    {},
  ],
])('fails when a secret %s', async (_, id, reason, env) => {
  const vault = await startVault(() => publicKey);
  vault.secrets.set(secretId, 's3cret');
  const error = await vaultAt(vault.url, env).read(id).catch(String);
  expect(error).toContain(`secret ${id} cannot be read: ${reason}`);
  expect(error).not.toContain('s3cret');
  await vault.close();
});

test.each<[string, string]>([
  ['s3cret', 'the answer holds no content'],
  ['{"secretBundleContent":{"contentType":"OTHER","content":"czNjcmV0"}}', 'the answer holds no content'],
  ['x'.repeat(1024 * 1024 + 1), 'an answer of more than 1048576 bytes came'],
])('fails when the answer is odd', async (text, reason) => {
  const server = await listen((_, response) => response.end(text));
  await expect(vaultAt(server.url).read(secretId)).rejects.toThrow(reason);
  await server.close();
});

test('fails when the service cannot be reached, or the identifier is none of a secret', async () => {
  await expect(vaultAt('http://127.0.0.1:9').read(secretId)).rejects.toThrow(
    '127.0.0.1:9 cannot be reached (ECONNREFUSED)',
  );
  const signer = new RequestSigner({ method: 'resource_principal' }, principal);
  await expect(new VaultSecrets(signer, {}).read('ocid1.vault.oc1.fra.x')).rejects.toThrow('not the OCID of a Vault');
  await expect(new VaultSecrets(signer, {}).read('ocid1.vaultsecret.oc1..x')).rejects.toThrow('set OCI_REGION');
});

test.each([
  ['fra', 'https://secrets.vaults.eu-frankfurt-1.oci.oraclecloud.com'],
  ['eu-frankfurt-1', 'https://secrets.vaults.eu-frankfurt-1.oci.oraclecloud.com'],
  ['us-gov-ashburn-1', 'https://secrets.vaults.us-gov-ashburn-1.oci.oraclegovcloud.com'],
  ['xx-newtown-1', 'https://secrets.vaults.xx-newtown-1.oci.oraclecloud.com'],
])('the endpoint of region %s is %s', (region, expected) => {
  expect(endpointOf('https://secrets.vaults.{region}.oci.{domain}', region)).toBe(expected);
});
