import type { TerraformStack } from 'cdktf';
import {
  InboundAuth,
  IntegrationInstance,
  type IntegrationInstanceProps,
  IntegrationMcpServer,
  type IntegrationMcpServerProps,
  McpGateway,
  OkeHosting,
} from 'cdktf-oci-mcp';
import { renderedConfig } from '../../helpers/rendered-config';
import { faultsOf, type Synthesized, synth } from '../../helpers/synth';
import { cluster, compartmentId, image, reference } from '../fixtures';

const hostName = 'acme-fra.integration.eu-frankfurt-1.ocp.oraclecloud.com';
const client = {
  tokenUrl: 'https://idcs-0f.identity.oraclecloud.com/oauth2/v1/token',
  clientId: 'gateway',
  clientSecret: { secretId: 'ocid1.vaultsecret.oc1..client', compartmentId },
  scopes: ['https://acme:443urn:opc:resource:consumer::all', 'https://acme:443/ic/api/'],
};

const instanceOf = (stack: TerraformStack, props: Partial<IntegrationInstanceProps> = {}) =>
  new IntegrationInstance(stack, 'Integration', { compartmentId, ...props });

function server(stack: TerraformStack, props: Partial<IntegrationMcpServerProps> = {}): IntegrationMcpServer {
  const instance = props.instance ?? IntegrationInstance.fromHostName(stack, 'Integration', hostName);
  return new IntegrationMcpServer(stack, 'Orders', { instance, project: 'ORDERS', client, ...props });
}

const behindGateway = (build: (stack: TerraformStack) => IntegrationMcpServer): Synthesized =>
  synth((stack) => {
    const hosting = new OkeHosting({ cluster: cluster(stack) });
    new McpGateway(stack, 'Gateway', { image, hosting, inboundAuth: InboundAuth.none(), backends: [build(stack)] });
  });

describe('a project of Oracle Integration', () => {
  test('is a backend that takes tokens of an OAuth client, whose secret the gateway may read', () => {
    const stack = behindGateway((scope) => server(scope, { description: 'Orders' }));
    expect(renderedConfig(stack).backends).toEqual([
      expect.objectContaining({
        name: 'orders',
        description: 'Orders',
        transport: 'streamable_http',
        url: `https://${hostName}/mcp-server/v1/projects/ORDERS/mcp`,
        auth_method: 'oauth_client_credentials',
        token_url: client.tokenUrl,
        client_id: 'gateway',
        client_secret_secret_id: 'ocid1.vaultsecret.oc1..client',
        scope: 'https://acme:443urn:opc:resource:consumer::all https://acme:443/ic/api/',
      }),
    ]);
    expect(stack.resource('oci_identity_policy')['statements']).toEqual([
      expect.stringContaining("target.secret.id='ocid1.vaultsecret.oc1..client'"),
    ]);
  });

  test('follows the address of an instance made beside it', () => {
    const stack = behindGateway((scope) => server(scope, { instance: instanceOf(scope), serverName: 'oic' }));
    const [address] = Object.keys(stack.json['resource'].oci_integration_integration_instance);
    const values = { [`oci_integration_integration_instance.${address}.instance_url`]: `https://${hostName}/ic/home` };
    expect(renderedConfig(stack, values).backends[0]).toMatchObject({
      name: 'oic',
      url: `https://${hostName}/mcp-server/v1/projects/ORDERS/mcp`,
    });
  });

  test('follows the address of an instance that is looked up', () => {
    const instanceId = 'ocid1.integrationinstance.oc1.eu-frankfurt-1.example';
    const stack = behindGateway((scope) =>
      server(scope, { instance: IntegrationInstance.fromInstanceId(scope, 'Integration', instanceId) }),
    );
    expect(stack.dataSources('oci_integration_integration_instance')).toEqual([
      { integration_instance_id: instanceId },
    ]);
    const [address] = Object.keys(stack.json['data'].oci_integration_integration_instance);
    const values = { [`data.oci_integration_integration_instance.${address}.instance_url`]: `https://${hostName}` };
    expect(renderedConfig(stack, values).backends[0]).toMatchObject({
      url: `https://${hostName}/mcp-server/v1/projects/ORDERS/mcp`,
    });
  });

  test('takes references', () => {
    const stack = behindGateway((scope) =>
      server(scope, {
        instance: IntegrationInstance.fromHostName(scope, 'Integration', reference(scope, 'host')),
        project: reference(scope, 'project'),
        client: {
          ...client,
          tokenUrl: reference(scope, 'token_url'),
          clientId: reference(scope, 'client_id'),
          scopes: [reference(scope, 'scope')],
        },
      }),
    );
    const values = { 'var.host': 'oic.example', 'var.project': 'P', 'var.token_url': 'https://id.example/token' };
    expect(renderedConfig(stack, values).backends[0]).toMatchObject({
      url: 'https://oic.example/mcp-server/v1/projects/P/mcp',
      token_url: 'https://id.example/token',
    });
  });

  const projectFault = 'allowed: the identifier of a project: letters, digits, underscores and hyphens';
  test.each<[string, Partial<IntegrationMcpServerProps>, string]>([
    ['its project is no identifier', { project: 'My Orders' }, `project: got "My Orders"; ${projectFault}`],
    ['its project is a path', { project: 'ORDERS/mcp' }, `project: got "ORDERS/mcp"; ${projectFault}`],
    ['it has none', { project: '' }, `project: got ""; ${projectFault}`],
    [
      'tokens are asked for in clear text',
      { client: { ...client, tokenUrl: 'http://id.example/token' } },
      'client.tokenUrl: got "http://id.example/token"; allowed: an https URL',
    ],
    [
      'there are no scopes',
      { client: { ...client, scopes: [] } },
      'client.scopes: got []; allowed: at least one scope: an identity domain gives no token for an instance without; fix: copy the scopes from the application in the identity domain',
    ],
    [
      'two scopes stand in one text',
      { client: { ...client, scopes: ['a b'] } },
      'client.scopes: got "a b"; allowed: a scope of its own, without spaces',
    ],
    [
      'its name is none',
      { serverName: 'two words' },
      'serverName: got "two words"; allowed: 1 to 64 letters, digits, hyphens, underscores and periods, a letter or digit first',
    ],
  ])('fails when %s', (_, props, fault) => {
    expect(faultsOf((stack) => void server(stack, props))).toEqual([`[stack/Orders] ${fault}`]);
  });
});

describe('an instance of Oracle Integration', () => {
  const instance = (props: Partial<IntegrationInstanceProps> = {}) =>
    synth((stack) => void instanceOf(stack, props)).resource('oci_integration_integration_instance');

  test('is of the third generation, with one pack of messages, behind a public endpoint', () => {
    expect(instance()).toEqual({
      compartment_id: compartmentId,
      display_name: 'stack-integration',
      integration_instance_type: 'STANDARDX',
      is_byol: false,
      message_packs: 1,
    });
  });

  test('lets in only whom it is told to', () => {
    const details = instance({
      edition: 'ENTERPRISEX',
      bringYourOwnLicense: true,
      messagePacks: 3,
      domainId: 'ocid1.domain.oc1..example',
      instanceName: 'acme',
      allowedAddresses: ['203.0.113.7', '203.0.113.0/24'],
      allowedVcns: ['ocid1.vcn.oc1..example'],
    });
    expect(details).toEqual({
      compartment_id: compartmentId,
      display_name: 'acme',
      integration_instance_type: 'ENTERPRISEX',
      is_byol: true,
      message_packs: 3,
      domain_id: 'ocid1.domain.oc1..example',
      network_endpoint_details: {
        network_endpoint_type: 'PUBLIC',
        allowlisted_http_ips: ['203.0.113.7', '203.0.113.0/24'],
        allowlisted_http_vcns: [{ id: 'ocid1.vcn.oc1..example' }],
      },
    });
  });

  test.each<[Partial<IntegrationInstanceProps>, string]>([
    [{ messagePacks: 0 }, 'messagePacks: got 0; allowed: a whole number of at least 1'],
    [
      { instanceName: '1st' },
      'instanceName: got "1st"; allowed: letters, digits and hyphens, a letter first: the host name begins with it',
    ],
    [
      { allowedAddresses: ['example.com'] },
      'allowedAddresses: got "example.com"; allowed: an IPv4 address or block such as "203.0.113.0/24"',
    ],
    [
      { allowedAddresses: ['0.0.0.0/0'] },
      'allowedAddresses: got "0.0.0.0/0"; allowed: some addresses; fix: leave allowedAddresses and allowedVcns out: the whole internet is what they narrow',
    ],
  ])('fails with %j', (props, fault) => {
    expect(faultsOf((stack) => void instanceOf(stack, props))).toEqual([`[stack/Integration] ${fault}`]);
  });

  test.each(['https://acme.example', 'acme.example/ic', 'acme', ''])('elsewhere fails when its host is %j', (host) => {
    expect(faultsOf((stack) => void IntegrationInstance.fromHostName(stack, 'Oic', host))).toEqual([
      expect.stringMatching(/^\[stack\/Oic\] hostName: got /),
    ]);
  });

  test('elsewhere fails when its OCID is that of something else', () => {
    expect(faultsOf((stack) => void IntegrationInstance.fromInstanceId(stack, 'Oic', 'ocid1.vcn.oc1..x'))).toEqual([
      '[stack/Oic] instanceId: got "ocid1.vcn.oc1..x"; allowed: the OCID of an integration instance',
    ]);
  });
});
