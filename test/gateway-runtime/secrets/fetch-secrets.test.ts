import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../../../gateway-runtime/src/errors.js';
import { planFetch } from '../../../gateway-runtime/src/secrets/plan.js';
import { runCli, spawnCli } from '../../helpers/gateway-cli.js';
import { makeDirectory, type TestDirectory } from '../../helpers/gateway-directory.js';
import { until } from '../../helpers/gateway-instance.js';
import { listen } from '../../helpers/gateway-servers.js';
import { makeKeyPair, makeSessionToken } from '../../helpers/oci-signature.js';
import { startVault, type TestVault } from '../../helpers/oci-vault.js';

const { publicKey, privateKey } = makeKeyPair();
const [wallet, password] = ['ocid1.vaultsecret.oc1.fra.wallet', 'ocid1.vaultsecret.oc1.fra.password'];

let directory: TestDirectory;
let vault: TestVault;
let env: Record<string, string>;
beforeEach(async () => {
  directory = makeDirectory();
  vault = await startVault(() => publicKey);
  env = {
    MCP_GATEWAY_SECRETS_ENDPOINT: vault.url,
    OCI_RESOURCE_PRINCIPAL_VERSION: '2.2',
    OCI_RESOURCE_PRINCIPAL_RPST: makeSessionToken(),
    OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM: privateKey,
  };
});
afterEach(async () => {
  directory.remove();
  await vault.close();
});

const file = (name: string) => join(directory.path, 'secrets', name);
const run = (...args: string[]) => ['fetch-secrets', join(directory.path, 'secrets'), ...args];

test('writes every secret, byte for byte, for its owner only', async () => {
  const bytes = Buffer.from([0, 255, 128, 10]);
  vault.secrets.set(wallet, bytes).set(password, 's3cret\n');
  const { code, stdout, stderr } = await runCli(run(`cwallet.sso=${wallet}`, `p=${password}`), env);
  expect([code, stderr]).toEqual([0, '']);
  expect(readFileSync(file('cwallet.sso'))).toEqual(bytes);
  expect(readFileSync(file('p'), 'utf8')).toBe('s3cret\n');
  expect(statSync(file('p')).mode & 0o777).toBe(0o400);
  expect(readdirSync(join(directory.path, 'secrets')).sort()).toEqual(['cwallet.sso', 'p']);
  expect(stdout).not.toContain('s3cret');
  for (const line of stdout.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('level');
});

test('asks again while a secret is refused, and replaces what was there', async () => {
  mkdirSync(join(directory.path, 'secrets'));
  writeFileSync(file('p'), 'old', { mode: 0o400 });
  const cli = spawnCli(run(`p=${password}`, '--timeout', '20'), env);
  await until(() => vault.seen.length > 0, 'the first attempt');
  expect(readFileSync(file('p'), 'utf8')).toBe('old');
  vault.secrets.set(password, 'new');
  expect(await cli.ended).toMatchObject({ code: 0, stderr: '' });
  expect(readFileSync(file('p'), 'utf8')).toBe('new');
});

test('fails when a secret is refused for too long, and says which and why', async () => {
  const { code, stderr } = await runCli(run(`p=${password}`, '--timeout', '1'), env);
  expect(code).toBe(1);
  expect(stderr).toBe(
    `secret ${password} cannot be read: HTTP 404 (NotAuthorizedOrNotFound); it does not exist, or no policy allows to ` +
      'read secret-bundles of it\n',
  );
  expect(existsSync(file('p'))).toBe(false);
});

test('fails without an identity', async () => {
  const { code, stderr } = await runCli(run(`p=${password}`, '--timeout', '1'), {});
  expect(code).toBe(1);
  expect(stderr).toContain('cannot sign requests (resource_principal): OCI_RESOURCE_PRINCIPAL_VERSION is not set');
  const other = await runCli(run(`p=${password}`, '--timeout', '1', '--auth-method', 'oke_workload_identity'), {});
  expect(other.stderr).toContain('cannot sign requests (oke_workload_identity): KUBERNETES_SERVICE_HOST is not set');
});

test('fails at once when a file cannot be written', async () => {
  vault.secrets.set(password, 's3cret');
  directory.write('secrets', 'a file');
  const { code, stderr } = await runCli(run(`p=${password}`), env);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^E(EXIST|NOTDIR)/);
  expect(stderr).not.toContain('s3cret');
});

test('--stay follows a rotation, keeps a file whose secret is gone, and ends with 0', async () => {
  vault.secrets.set(password, 'first');
  const cli = spawnCli(run(`p=${password}`, '--stay', '--refresh', '1'), env);
  const holds = (content: string) =>
    until(() => existsSync(file('p')) && readFileSync(file('p'), 'utf8') === content, `the file to hold ${content}`);
  await holds('first');
  vault.secrets.set(password, 'second');
  await holds('second');
  vault.secrets.delete(password);
  const asked = vault.seen.length;
  await until(() => vault.seen.length > asked + 1, 'more attempts');
  await holds('second');
  cli.process.kill('SIGTERM');
  expect(await cli.ended).toMatchObject({ code: 0, stderr: '' });
  expect(cli.output()).toContain('secret could not be read again; the file stays');
});

test('ends at once when it is told to while Vault does not answer', async () => {
  let asked = 0;
  const silent = await listen(() => {
    asked += 1;
  });
  const cli = spawnCli(run(`p=${password}`), { ...env, MCP_GATEWAY_SECRETS_ENDPOINT: silent.url });
  await until(() => asked > 0, 'Vault to be asked');
  const started = Date.now();
  cli.process.kill('SIGTERM');
  expect(await cli.ended).toMatchObject({ code: 1, stderr: '' });
  expect(Date.now() - started).toBeLessThan(3000);
  await silent.close();
});

test('takes away rights that a file with the same content has too many', async () => {
  mkdirSync(join(directory.path, 'secrets'));
  writeFileSync(file('p'), 's3cret', { mode: 0o644 });
  vault.secrets.set(password, 's3cret');
  expect(await runCli(run(`p=${password}`), env)).toMatchObject({ code: 0 });
  expect(statSync(file('p')).mode & 0o777).toBe(0o400);
});

test('fails with 78 and one line per fault', async () => {
  expect(await runCli(['fetch-secrets'])).toMatchObject({
    code: 78,
    stderr:
      'DIR: expected the directory for the files\nFILE=OCID: expected at least one file and the secret it comes from\n',
  });
  const args = ['../p=x', `a=${wallet}`, `a=${wallet}`, '.=ocid1.vault.x', '--auth-method', 'none', '--timeout', '0'];
  const { code, stderr } = await runCli(run(...args, '--refresh', '86401'));
  expect(code).toBe(78);
  const name = 'expected a file name of 1 to 255 letters, digits, ".", "-" or "_", without a path, before the "="';
  const ocid = 'expected the OCID of a Vault secret after the "="';
  const seconds = 'expected a whole number of seconds from 1 to 86400';
  expect(stderr.trim().split('\n')).toEqual([
    `../p=x: ${name}`,
    `../p=x: ${ocid}`,
    `a=${wallet}: a is given twice; files need names of their own`,
    `.=ocid1.vault.x: ${name}`,
    `.=ocid1.vault.x: ${ocid}`,
    expect.stringMatching(/^--auth-method: expected one of oci_config, resource_principal, .*, got "none"$/),
    `--timeout: ${seconds}, got "0"`,
    `--refresh: ${seconds}, got "86401"`,
  ]);
  expect(await runCli(['fetch-secrets', '--nope'])).toMatchObject({ code: 78 });
  expect(await runCli(['fetch-secrets', '--help'])).toMatchObject({ code: 0, stderr: '' });
});

test.each([
  ['a', '1', true],
  ['a'.repeat(255), '86400', true],
  ['a'.repeat(256), '1', false],
  ['..', '1', false],
  ['..data', '1', true],
  ['', '1', false],
  ['a', '1.5', false],
  ['a', '-1', false],
])('a file called %j and %s seconds', (name, seconds, good) => {
  const given = { directory: '/d', pairs: [`${name}=${wallet}`], authMethod: 'oci_config', refresh: '1', stay: false };
  const plan = () => planFetch({ ...given, timeout: seconds });
  if (good) expect(plan()).toMatchObject({ files: new Map([[name, wallet]]), timeoutMs: Number(seconds) * 1000 });
  else expect(plan).toThrow(ConfigError);
});
