import { execFileSync } from 'node:child_process';
import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { RequestSigners, VaultSecrets } from '../../../gateway-runtime/src/auth/oci/index.js';
import { Credential, type CredentialFields } from '../../../gateway-runtime/src/auth/outbound/credential.js';
import { makeDirectory, type TestDirectory } from '../../helpers/gateway-directory.js';
import { until } from '../../helpers/gateway-instance.js';
import { makeKeyPair, makeSessionToken } from '../../helpers/oci-signature.js';
import { startVault, type TestVault } from '../../helpers/oci-vault.js';

const { publicKey, privateKey } = makeKeyPair();
const secretId = 'ocid1.vaultsecret.oc1.eu-frankfurt-1.aaaa';

let directory: TestDirectory;
let vault: TestVault;
let now: number;
beforeEach(async () => {
  directory = makeDirectory();
  vault = await startVault(() => publicKey);
  now = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => now);
});
afterEach(async () => {
  jest.restoreAllMocks();
  directory.remove();
  await vault.close();
});

function credential(fields: CredentialFields): Credential {
  const environment = {
    MCP_GATEWAY_SECRETS_ENDPOINT: vault.url,
    OCI_RESOURCE_PRINCIPAL_VERSION: '2.2',
    OCI_RESOURCE_PRINCIPAL_RPST: makeSessionToken(),
    OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM: privateKey,
  };
  const signers = new RequestSigners(environment);
  const secrets = new VaultSecrets(signers.signerFor({ method: 'resource_principal' }), environment);
  return new Credential(fields, 'bearer_token', { environment, signers, vault: secrets, secretTtl: 60 });
}

test('what is no file, or too large to be a secret, is not read: a pipe would never end', async () => {
  const pipe = join(directory.path, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const large = directory.write('large', 'x'.repeat(25 * 1024 + 1));
  await expect(credential({ bearer_token_file: pipe }).read()).rejects.toThrow(`file ${pipe} is not a file`);
  await expect(credential({ bearer_token_file: '/dev/zero' }).read()).rejects.toThrow('/dev/zero is not a file');
  await expect(credential({ bearer_token_file: large }).read()).rejects.toThrow('is larger than 25600 bytes');
});

test('a file is read again after its time, and its last value stays when it is gone', async () => {
  const file = directory.write('token', 'old');
  const secret = credential({ bearer_token_file: file });
  expect(await secret.read()).toBe('old');
  directory.write('token', 'new');
  now += 59_000;
  expect(await secret.read()).toBe('old');
  now += 1000;
  expect(await secret.read()).toBe('new');
  unlinkSync(file);
  now += 60_000;
  expect(await secret.read()).toBe('new');
});

test('Vault is asked again after its time, and nobody waits for it', async () => {
  vault.secrets.set(secretId, 'old');
  const secret = credential({ bearer_token_secret_id: secretId });
  expect(await secret.read()).toBe('old');
  vault.secrets.set(secretId, 'new');
  now += 60_000;
  expect(await Promise.all([secret.read(), secret.read()])).toEqual(['old', 'old']);
  await until(async () => (await secret.read()) === 'new', 'the new value');
  expect(vault.seen).toEqual([secretId, secretId]);
});

test('while Vault fails the last value stays in use, and Vault is left alone for a while', async () => {
  vault.secrets.set(secretId, 'good');
  const secret = credential({ bearer_token_secret_id: secretId });
  await secret.read();
  vault.secrets.clear();
  now += 60_000;
  expect(await secret.read()).toBe('good');
  await until(() => vault.seen.length === 2, 'Vault to be asked');
  for (let times = 0; times < 5; times++) expect(await secret.read()).toBe('good');
  expect(vault.seen).toHaveLength(2);
});

test('a secret that is refused is read again, in Vault not at each refusal', async () => {
  vault.secrets.set(secretId, 'old');
  const secret = credential({ bearer_token_secret_id: secretId });
  await secret.read();
  now += 2000;
  vault.secrets.set(secretId, 'new');
  expect(await Promise.all([secret.refresh(), secret.refresh()])).toEqual([true, true]);
  expect(await secret.refresh()).toBe(false);
  expect(vault.seen).toHaveLength(2);
  now += 2000;
  expect(await secret.refresh()).toBe(false);
  expect(vault.seen).toHaveLength(3);
});
