import {
  ContainerInstanceHosting,
  InboundAuth,
  type IOutboundAuth,
  type IVaultSecret,
  McpGateway,
  McpServer,
  OkeHosting,
  OutboundAuth,
} from 'cdktf-oci-mcp';
import { renderedFiles } from '../../helpers/rendered-config';
import { addressOf, type Block, synth } from '../../helpers/synth';
import { cluster, compartmentId, image, network } from '../fixtures';

/** A gateway in front of one external server for each way to prove itself. */
const synthAuth = (...ways: readonly (IOutboundAuth | undefined)[]) =>
  synth((stack) => {
    const backends = ways.map((outboundAuth, i) =>
      McpServer.fromEndpoint(stack, `Server${i}`, { url: 'https://docs.example/mcp', outboundAuth }),
    );
    const hosting = new OkeHosting({ cluster: cluster(stack) });
    new McpGateway(stack, 'Gateway', { image, hosting, inboundAuth: InboundAuth.none(), backends });
  });

/** What the first backend is given beyond its name and address. */
function credentialsOf(way?: IOutboundAuth): Block {
  const { name, url, transport, ...credentials } = JSON.parse(renderedFiles(synthAuth(way))['server0.json'] ?? '');
  return credentials;
}

test.each<[string, IOutboundAuth | undefined, Block]>([
  ['nothing is said', undefined, {}],
  ['there is nothing to prove', OutboundAuth.none(), { auth_method: 'none' }],
  [
    'a token is needed',
    OutboundAuth.bearerToken({ name: 'docs', key: 'token' }),
    { auth_method: 'bearer_token', bearer_token_file: '/etc/mcp/secrets/0/token' },
  ],
  [
    'a key is needed',
    OutboundAuth.apiKey({ name: 'docs', key: 'key' }),
    { auth_method: 'api_key', api_key_file: '/etc/mcp/secrets/0/key' },
  ],
  [
    'a key is needed in a header of its own',
    OutboundAuth.apiKey({ name: 'docs', key: 'key' }, 'X-Functions-Key'),
    { auth_method: 'api_key', api_key_file: '/etc/mcp/secrets/0/key', api_key_header: 'X-Functions-Key' },
  ],
  [
    'an OAuth client is needed',
    OutboundAuth.oauthClientCredentials({
      tokenUrl: 'https://login.example/oauth2/v1/token',
      clientId: 'gateway',
      clientSecret: { name: 'docs', key: 'secret' },
      scopes: ['docs.read', 'docs.search'],
    }),
    {
      auth_method: 'oauth_client_credentials',
      token_url: 'https://login.example/oauth2/v1/token',
      client_id: 'gateway',
      client_secret_file: '/etc/mcp/secrets/0/secret',
      scope: 'docs.read docs.search',
    },
  ],
  [
    'an OAuth client is needed that says what its token is for',
    OutboundAuth.oauthClientCredentials({
      tokenUrl: 'https://login.example/oauth2/v1/token',
      clientId: 'gateway',
      clientSecret: { name: 'docs', key: 'secret' },
      audience: 'docs',
      resource: 'https://docs.example/mcp',
      clientAuth: 'post',
    }),
    {
      auth_method: 'oauth_client_credentials',
      token_url: 'https://login.example/oauth2/v1/token',
      client_id: 'gateway',
      client_secret_file: '/etc/mcp/secrets/0/secret',
      audience: 'docs',
      resource: 'https://docs.example/mcp',
      client_auth: 'post',
    },
  ],
  [
    'the server wants to know who calls',
    OutboundAuth.tokenExchange({
      tokenUrl: 'https://login.example/oauth2/v1/token',
      clientId: 'gateway',
      clientSecret: { name: 'docs', key: 'secret' },
      scopes: ['docs.read'],
      subjectTokenType: 'jwt',
    }),
    {
      auth_method: 'token_exchange',
      token_url: 'https://login.example/oauth2/v1/token',
      client_id: 'gateway',
      client_secret_file: '/etc/mcp/secrets/0/secret',
      scope: 'docs.read',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    },
  ],
  [
    'a user is needed',
    OutboundAuth.basic({ username: 'ada', password: { name: 'docs', key: 'password' } }),
    { auth_method: 'basic', username: 'ada', password_file: '/etc/mcp/secrets/0/password' },
  ],
  [
    'a database user is needed',
    OutboundAuth.autonomousDatabase({
      tokenUrl: 'https://adb.example/token',
      username: 'MCP',
      password: { name: 'adb', key: 'password' },
    }),
    {
      auth_method: 'autonomous_database',
      token_url: 'https://adb.example/token',
      username: 'MCP',
      password_file: '/etc/mcp/secrets/0/password',
    },
  ],
  ['requests are to be signed', OutboundAuth.ociSignature(), { auth_method: 'oke_workload_identity' }],
  [
    'requests are to be signed with another identity',
    OutboundAuth.ociSignature('instance_principal'),
    { auth_method: 'instance_principal' },
  ],
])('when %s, the gateway is told so, and where the secret lies', (_, way, credentials) => {
  expect(credentialsOf(way)).toEqual(credentials);
});

test('one secret for several servers is mounted once, several keys of it each in a folder', () => {
  const token = () => OutboundAuth.bearerToken({ name: 'shared', key: 'token' });
  const other = OutboundAuth.bearerToken({ name: 'shared', key: 'other' });
  const { volume } = synthAuth(token(), token(), other).resource('kubernetes_deployment_v1').spec.template.spec;
  const secrets = volume.filter((each: Block) => each['secret']);
  expect(secrets.map((each: Block) => each['secret'].items[0].key)).toEqual(['token', 'other']);
});

describe('a secret in Vault', () => {
  const token: IVaultSecret = { secretId: 'ocid1.vaultsecret.oc1.eu-frankfurt-1.example', compartmentId };
  const onContainerInstance = (...ways: readonly IOutboundAuth[]) =>
    synth((stack) => {
      const backends = ways.map((outboundAuth, i) =>
        McpServer.fromEndpoint(stack, `Server${i}`, { url: 'https://docs.example/mcp', outboundAuth }),
      );
      const hosting = new ContainerInstanceHosting({ network: network(stack), compartmentId });
      new McpGateway(stack, 'Gateway', { image, hosting, inboundAuth: InboundAuth.none(), backends });
    });

  test('is named to the gateway, which reads it with its own identity', () => {
    const files = renderedFiles(onContainerInstance(OutboundAuth.bearerToken(token)));
    expect(JSON.parse(files['server0.json'] ?? '')).toMatchObject({
      auth_method: 'bearer_token',
      bearer_token_secret_id: token.secretId,
    });
    expect(JSON.parse(files['gateway.json'] ?? '').oci_auth_method).toBe('resource_principal');
    const onOke = renderedFiles(synthAuth(OutboundAuth.apiKey(token)));
    expect(JSON.parse(onOke['server0.json'] ?? '').api_key_secret_id).toBe(token.secretId);
    expect(JSON.parse(onOke['gateway.json'] ?? '').oci_auth_method).toBe('oke_workload_identity');
  });

  test('may be read by the gateway, that secret and no other, once for several servers', () => {
    const stack = onContainerInstance(OutboundAuth.bearerToken(token), OutboundAuth.apiKey(token));
    expect(stack.resource('oci_identity_policy').statements).toEqual([
      expect.stringMatching(
        /^Allow any-user to read secret-bundles in compartment id ocid1\.compartment\.oc1\.\.example where all \{request\.principal\.type='computecontainerinstance', request\.principal\.id='\$\{oci_container_instances_container_instance\.Gateway_ContainerInstance_\w+\.id\}', target\.secret\.id='ocid1\.vaultsecret\.oc1\.eu-frankfurt-1\.example'\}$/,
      ),
    ]);
  });

  test('may be read before a gateway on OKE starts, which gets the token for it', () => {
    const stack = synthAuth(OutboundAuth.bearerToken(token));
    const deployment = stack.resource('kubernetes_deployment_v1');
    expect(deployment['depends_on']).toContain(addressOf(stack, stack.resource('oci_identity_policy')));
    expect(deployment['spec'].template.spec.automount_service_account_token).toBe(true);
  });
});

test('fails when a user name has a colon', () => {
  expect(() => OutboundAuth.basic({ username: 'a:b', password: { name: 'docs', key: 'password' } })).toThrow(
    'username: got "a:b"; HTTP Basic takes none with a colon',
  );
});
