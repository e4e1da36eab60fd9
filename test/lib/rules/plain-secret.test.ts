import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import { SecretV1 } from '@cdktf/provider-kubernetes/lib/secret-v1';
import { ContainerInstancesContainerInstance } from '@cdktf/provider-oci/lib/container-instances-container-instance';
import { DatabaseAutonomousDatabase } from '@cdktf/provider-oci/lib/database-autonomous-database';
import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { VaultSecret as VaultSecretResource } from '@cdktf/provider-oci/lib/vault-secret';
import { S3Backend, TerraformHclModule, TerraformOutput, type TerraformStack, TerraformVariable } from 'cdktf';
import { expectNoFindings, findingsOf } from '../../helpers/rules';
import { compartmentId, image, reference } from '../fixtures';

const jwt = `eyJ${'hbGciOiJSUzI1NiJ9'}.eyJzdWIiOiJtY3AifQ.c2lnbmF0dXJl`;

function database(stack: TerraformStack, adminPassword: string): void {
  new DatabaseAutonomousDatabase(stack, 'Database', { compartmentId, dbName: 'mcp', adminPassword });
}

function instance(stack: TerraformStack, environmentVariables: { [name: string]: string }): void {
  new ContainerInstancesContainerInstance(stack, 'Instance', {
    compartmentId,
    availabilityDomain: 'AD-1',
    shape: 'CI.Standard.E4.Flex',
    shapeConfig: { ocpus: 1 },
    vnics: [{ subnetId: 'ocid1.subnet.oc1..example' }],
    containers: [{ imageUrl: image, environmentVariables }],
  });
}

function config(stack: TerraformStack, data: { [name: string]: string }): void {
  new ConfigMapV1(stack, 'Config', { metadata: { name: 'config' }, data });
}

function vaultSecret(stack: TerraformStack, content: string): void {
  new VaultSecretResource(stack, 'Secret', {
    compartmentId,
    vaultId: 'ocid1.vault.oc1..example',
    keyId: 'ocid1.key.oc1..example',
    secretName: 'mcp',
    secretContent: { contentType: 'BASE64', content },
  });
}

test.each<[string, (stack: TerraformStack) => void, string]>([
  [
    'an argument',
    (stack) => database(stack, 'Welcome1'),
    'Database] MCP005 Secret in plain text: the value of admin_password, which looks like a password or a key',
  ],
  [
    'a variable of a container',
    (stack) => instance(stack, { DB_PASSWORD: 'Welcome1' }),
    'Instance] MCP005 Secret in plain text: the value of containers[0].environment_variables.DB_PASSWORD, which looks like a password or a key',
  ],
  [
    'a token under any name',
    (stack) => instance(stack, { GREETING: jwt }),
    'Instance] MCP005 Secret in plain text: the value of containers[0].environment_variables.GREETING, which looks like a JSON Web Token',
  ],
  [
    'JSON in a file',
    (stack) => config(stack, { 'app.json': JSON.stringify({ db: { password: 'Welcome1' } }) }),
    'Config] MCP005 Secret in plain text: the value of data.app.json.db.password, which looks like a password or a key',
  ],
  [
    'a Kubernetes Secret',
    (stack) => new SecretV1(stack, 'Secret', { metadata: { name: 'mcp' }, data: { greeting: 'hello' } }),
    'Secret] MCP005 Secret in plain text: a value in data of a kubernetes_secret_v1',
  ],
  [
    'a Kubernetes Secret that is only written',
    (stack) =>
      new SecretV1(stack, 'Secret', { metadata: { name: 'mcp' }, dataWo: { greeting: 'hello' }, dataWoRevision: 1 }),
    'Secret] MCP005 Secret in plain text: a value in data_wo of a kubernetes_secret_v1',
  ],
  [
    'a secret in Vault',
    (stack) => vaultSecret(stack, 'aGVsbG8='),
    'Secret] MCP005 Secret in plain text: a value in secret_content of a oci_vault_secret',
  ],
  [
    'the default of a variable',
    (stack) => new TerraformVariable(stack, 'db_password', { default: 'Welcome1' }),
    'db_password] MCP005 Secret in plain text: the default of variable db_password, which looks like a password or a key',
  ],
  [
    'an output',
    (stack) => new TerraformOutput(stack, 'url', { value: 'https://mcp:Welcome1@tools.example/' }),
    'url] MCP005 Secret in plain text: the value of output url, which looks like a URL with a password',
  ],
])('%s is found, and not shown', (_name, build, finding) => {
  const lines = findingsOf(build);
  expect(lines).toEqual([`[stack/${finding}`]);
  expect(lines.join()).not.toMatch(/Welcome1|eyJ|aGVsbG8/);
});

test('a provider is found behind the path of the stack', () => {
  const build = (stack: TerraformStack) =>
    new OciProvider(stack, 'Other', { alias: 'other', privateKeyPassword: 'Welcome1' });
  expect(findingsOf(build)).toEqual([
    '[stack] MCP005 Secret in plain text: the value of provider.oci[1].private_key_password, which looks like a password or a key',
  ]);
});

test('what configures Terraform or goes into a module is found behind the path of the stack', () => {
  const build = (stack: TerraformStack) => {
    new S3Backend(stack, { bucket: 'state', key: 'mcp', secretKey: 'wJalrXUtnFEMI7MDENGbPxRfiCY0' });
    new TerraformHclModule(stack, 'Legacy', { source: 'acme/legacy/oci', variables: { admin_password: 'Welcome1' } });
  };
  expect(findingsOf(build)).toEqual([
    '[stack] MCP005 Secret in plain text: the value of module.Legacy.admin_password, which looks like a password or a key',
    '[stack] MCP005 Secret in plain text: the value of backend.s3.secret_key, which looks like a password or a key',
  ]);
});

test('a data source that reads a secret is found', () => {
  const build = (stack: TerraformStack) =>
    stack.addOverride('data.oci_secrets_secretbundle.Read', { secret_id: 'ocid1.vaultsecret.oc1..example' });
  expect(findingsOf(build)).toEqual([
    '[stack] MCP005 Secret in plain text: a data source oci_secrets_secretbundle, which writes the value into the state',
  ]);
});

test.each<[string, (stack: TerraformStack) => void]>([
  ['a reference', (stack) => database(stack, reference(stack, 'admin_password'))],
  ['the OCID of a secret', (stack) => instance(stack, { DB_PASSWORD: 'ocid1.vaultsecret.oc1..example' })],
  ['a file', (stack) => instance(stack, { DB_PASSWORD: '/etc/mcp/secrets/password' })],
  [
    'a variable with another purpose',
    (stack) => instance(stack, { TOKEN_URL: 'https://idcs.example/oauth2/v1/token' }),
  ],
  ['JSON without secrets', (stack) => config(stack, { 'app.json': '{"name":"mcp"}', 'broken.json': '{"name' })],
  ['references in a secret', (stack) => vaultSecret(stack, reference(stack, 'content'))],
  [
    'a variable without default',
    (stack) => new TerraformVariable(stack, 'db_password', { type: 'string', sensitive: true }),
  ],
])('%s passes', (_name, build) => expectNoFindings(build));
