import type { TerraformStack } from 'cdktf';
import { GeneratedSecret, OutboundAuth, VaultSecret, type VaultSecretProps } from 'cdktf-oci-mcp';
import { addressOf, faultsOf, synth } from '../../helpers/synth';
import { compartmentId, okeServer, reference } from '../fixtures';

const vaultId = 'ocid1.vault.oc1.eu-frankfurt-1.example';
const keyId = 'ocid1.key.oc1.eu-frankfurt-1.example';
const secretId = 'ocid1.vaultsecret.oc1.eu-frankfurt-1.example';

const make =
  (props: Partial<VaultSecretProps> = {}) =>
  (stack: TerraformStack) =>
    new VaultSecret(stack, 'Signing', { compartmentId, vaultId, keyId, ...props });

const made = (props: Partial<VaultSecretProps> = {}) =>
  synth((stack) => void make(props)(stack)).resource('oci_vault_secret');

test('Vault makes up the value, so that nothing secret is in the stack', () => {
  expect(made()).toEqual({
    compartment_id: compartmentId,
    vault_id: vaultId,
    key_id: keyId,
    secret_name: 'stack-signing',
    description: 'Secret of stack/Signing',
    enable_auto_generation: true,
    secret_generation_context: {
      generation_type: 'PASSPHRASE',
      generation_template: 'SECRETS_DEFAULT_PASSWORD',
      passphrase_length: 32,
    },
  });
});

test('takes a name and a description of its own', () => {
  expect(made({ secretName: 'docs.token_1', description: 'Token of the manuals' })).toMatchObject({
    secret_name: 'docs.token_1',
    description: 'Token of the manuals',
  });
});

test.each<[string, GeneratedSecret, object]>([
  [
    'a password for a database',
    GeneratedSecret.passphrase({ length: 20, forDatabase: true }),
    { generation_type: 'PASSPHRASE', generation_template: 'DBAAS_DEFAULT_PASSWORD', passphrase_length: 20 },
  ],
  [
    'a password in JSON',
    GeneratedSecret.passphrase({ template: '{"username":"mcp","password":"%GENERATED_PASSPHRASE%"}' }),
    {
      generation_type: 'PASSPHRASE',
      generation_template: 'SECRETS_DEFAULT_PASSWORD',
      passphrase_length: 32,
      secret_template: '{"username":"mcp","password":"%GENERATED_PASSPHRASE%"}',
    },
  ],
  ['bytes', GeneratedSecret.bytes(), { generation_type: 'BYTES', generation_template: 'BYTES_512' }],
  ['more bytes', GeneratedSecret.bytes(1024), { generation_type: 'BYTES', generation_template: 'BYTES_1024' }],
  ['a pair of keys', GeneratedSecret.sshKey(), { generation_type: 'SSH_KEY', generation_template: 'RSA_4096' }],
  ['shorter keys', GeneratedSecret.sshKey(2048), { generation_type: 'SSH_KEY', generation_template: 'RSA_2048' }],
])('generates %s', (_, value, context) => {
  expect(made({ value }).secret_generation_context).toEqual(context);
});

describe('reading it', () => {
  test('takes a statement about this secret, which comes after it and before the server', () => {
    const stack = synth((scope) => {
      const server = okeServer(scope);
      make()(scope).grantRead(server).applyBefore(server);
    });
    const policy = stack.resource('oci_identity_policy');
    const address = addressOf(stack, stack.resource('oci_vault_secret'));
    expect(policy.statements).toEqual([expect.stringContaining(`target.secret.id='\${${address}.id}'`)]);
    expect(stack.resource('kubernetes_deployment_v1').depends_on).toEqual([addressOf(stack, policy)]);
  });

  test('works the same for a secret that exists, which makes no resource', () => {
    const { resources, resource } = synth((stack) => {
      const attributes = { secretId, compartmentId: 'ocid1.compartment.oc1..vaults' };
      VaultSecret.fromSecretAttributes(stack, 'Token', attributes).grantRead(okeServer(stack));
    });
    expect(resources('oci_vault_secret')).toEqual([]);
    expect(resource('oci_identity_policy')).toMatchObject({
      compartment_id: 'ocid1.compartment.oc1..vaults',
      statements: [expect.stringContaining(`target.secret.id='${secretId}'`)],
    });
  });
});

test('both go wherever a secret can go', () => {
  synth((stack) => {
    const imported = VaultSecret.fromSecretAttributes(stack, 'Token', {
      secretId: reference(stack, 'id'),
      compartmentId,
    });
    for (const secret of [make()(stack), imported]) {
      const context = {
        signingMethod: 'resource_principal',
        locateSecret: () => ({ secretId: secret.secretId }),
      } as const;
      expect(OutboundAuth.bearerToken(secret).renderConfig(context)).toEqual({
        auth_method: 'bearer_token',
        bearer_token_secret_id: secret.secretId,
      });
    }
  });
});

describe('fails when', () => {
  test.each<[string, Partial<VaultSecretProps>, string]>([
    [
      'the name is empty',
      { secretName: '' },
      'secretName: got ""; allowed: 1 to 255 letters, digits, hyphens, underscores and periods',
    ],
    [
      'the name has a slash',
      { secretName: 'mcp/docs' },
      'secretName: got "mcp/docs"; allowed: 1 to 255 letters, digits, hyphens, underscores and periods',
    ],
    [
      'the password has no length',
      { value: GeneratedSecret.passphrase({ length: 0 }) },
      'value.length: got 0; allowed: a whole number of at least 1',
    ],
    [
      'the template leaves the value out',
      { value: GeneratedSecret.bytes(512, { template: '%GENERATED_PASSPHRASE%' }) },
      'value.template: got "a text without %GENERATED_BYTES%"; allowed: a text with %GENERATED_BYTES%',
    ],
    [
      'the template has one key of two',
      { value: GeneratedSecret.sshKey(4096, { template: '%GENERATED_PUBLIC_KEY%' }) },
      'value.template: got "a text without %GENERATED_PRIVATE_KEY%"; allowed: a text with %GENERATED_PUBLIC_KEY% and %GENERATED_PRIVATE_KEY%',
    ],
  ])('%s', (_, props, fault) => {
    expect(faultsOf((stack) => void make(props)(stack))).toEqual([`[stack/Signing] ${fault}`]);
  });

  test('the template has a secret of its own, which is not shown', () => {
    const value = GeneratedSecret.passphrase({ template: `ghp_${'aB3'.repeat(12)} %GENERATED_PASSPHRASE%` });
    const [fault, ...others] = faultsOf((stack) => void make({ value })(stack));
    expect(fault).toContain(
      '[stack/Signing] value.context.secretTemplate: got "text that looks like a token of GitHub"',
    );
    expect(others).toEqual([]);
  });

  test('the secret is given by value, which is not shown', () => {
    const faults = faultsOf((stack) => {
      VaultSecret.fromSecretAttributes(stack, 'Token', { secretId: 'hunter2', compartmentId });
    });
    expect(faults).toEqual([expect.stringContaining('[stack/Token] secretId: got "text that is no OCID of a secret"')]);
    expect(faults.join()).not.toContain('hunter2');
  });
});

test('names of 255 characters are accepted', () => {
  expect(made({ secretName: 's'.repeat(255) }).secret_name).toHaveLength(255);
  expect(faultsOf((stack) => void make({ secretName: 's'.repeat(256) })(stack))).toHaveLength(1);
});
