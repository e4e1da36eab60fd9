import { TerraformOutput, type TerraformStack } from 'cdktf';
import {
  AutonomousDatabase,
  type AutonomousDatabaseAttributes,
  AutonomousDatabaseMcpServer,
  type AutonomousDatabaseMcpServerProps,
  type AutonomousDatabaseProps,
  ContainerInstanceHosting,
  InboundAuth,
  McpGateway,
  OutboundAuth,
} from 'cdktf-oci-mcp';
import { renderedConfig } from '../../helpers/rendered-config';
import { faultsOf, type Synthesized, synth } from '../../helpers/synth';
import { compartmentId, image, network, reference } from '../fixtures';

const databaseId = 'ocid1.autonomousdatabase.oc1.uk-london-1.example';
const adminPassword = { secretId: 'ocid1.vaultsecret.oc1..admin', compartmentId };
const auth = { username: 'MCP_USER', password: { secretId: 'ocid1.vaultsecret.oc1..user', compartmentId } };
const feature = { adb$feature: '{"name":"mcp_server","enable":true}' };

const databaseOf = (stack: TerraformStack, props: Partial<AutonomousDatabaseProps> = {}) =>
  new AutonomousDatabase(stack, 'Warehouse', { compartmentId, adminPassword, ...props });

const privateDatabase = (stack: TerraformStack, props: Partial<AutonomousDatabaseProps> = {}) =>
  databaseOf(stack, { network: network(stack), ...props });

const imported = (stack: TerraformStack, attributes: Partial<AutonomousDatabaseAttributes> = {}) =>
  AutonomousDatabase.fromDatabaseAttributes(stack, 'Warehouse', { databaseId, ...attributes });

function server(stack: TerraformStack, props: Partial<AutonomousDatabaseMcpServerProps> = {}) {
  const database = props.database ?? imported(stack);
  return new AutonomousDatabaseMcpServer(stack, 'Sales', { auth, ...props, database });
}

const behindGateway = (build: (stack: TerraformStack) => AutonomousDatabaseMcpServer): Synthesized =>
  synth((stack) => {
    const hosting = new ContainerInstanceHosting({ network: network(stack), compartmentId });
    new McpGateway(stack, 'Gateway', { image, hosting, inboundAuth: InboundAuth.none(), backends: [build(stack)] });
  });

const rulesOf = ({ resources }: Synthesized) =>
  resources('oci_core_network_security_group_security_rule')
    .map(({ direction, description }) => `${direction} ${description}`)
    .sort();

describe('the built-in server', () => {
  test('is a backend that takes tokens of a database user, whose password the gateway may read', () => {
    const stack = behindGateway((scope) => server(scope, { description: 'Sales' }));
    const host = 'https://dataaccess.adb.uk-london-1.oraclecloudapps.com';
    expect(renderedConfig(stack).backends).toEqual([
      expect.objectContaining({
        name: 'sales',
        description: 'Sales',
        transport: 'streamable_http',
        url: `${host}/adb/mcp/v1/databases/${databaseId}`,
        auth_method: 'autonomous_database',
        token_url: `${host}/adb/auth/v1/databases/${databaseId}/token`,
        username: 'MCP_USER',
        password_secret_id: 'ocid1.vaultsecret.oc1..user',
      }),
    ]);
    const statements = stack.resources('oci_identity_policy').flatMap((policy) => policy['statements']);
    expect(statements).toEqual([expect.stringContaining("target.secret.id='ocid1.vaultsecret.oc1..user'")]);
    expect(stack.resources('oci_database_autonomous_database')).toEqual([]);
  });

  test('takes another proof that its user names', () => {
    const stack = behindGateway((scope) =>
      server(scope, { auth: OutboundAuth.bearerToken({ secretId: 'ocid1.vaultsecret.oc1..token', compartmentId }) }),
    );
    expect(renderedConfig(stack).backends[0]).toMatchObject({
      auth_method: 'bearer_token',
      bearer_token_secret_id: 'ocid1.vaultsecret.oc1..token',
    });
  });

  test('is switched on by the tag of a database made beside it, which keeps its other tags', () => {
    const tagsOf = (freeformTags?: { [key: string]: string }) =>
      synth((stack) => void server(stack, { database: privateDatabase(stack, { freeformTags }) })).resource(
        'oci_database_autonomous_database',
      )['freeform_tags'];
    expect(tagsOf()).toEqual(feature);
    expect(tagsOf({ team: 'sales' })).toEqual({ team: 'sales', ...feature });
  });

  test('of a private database is reached on its own host, over HTTPS from the gateway and from nowhere else', () => {
    const stack = behindGateway((scope) => server(scope, { database: privateDatabase(scope) }));
    const [address] = Object.keys(stack.json['resource'].oci_database_autonomous_database);
    const resource = `oci_database_autonomous_database.${address}`;
    const url = 'https://abc-warehouse.adb.eu-frankfurt-1.oraclecloudapps.com/ords/sql-developer';
    const values = { [`${resource}.id`]: databaseId, [`${resource}.connection_urls[0].sql_dev_web_url`]: url };
    const host = 'https://abc-warehouse.adb.eu-frankfurt-1.oraclecloudapps.com';
    expect(renderedConfig(stack, values).backends[0]).toMatchObject({
      url: `${host}/adb/mcp/v1/databases/${databaseId}`,
      token_url: `${host}/adb/auth/v1/databases/${databaseId}/token`,
    });
    expect(rulesOf(stack)).toEqual([
      'EGRESS TCP 443 to internet',
      'EGRESS TCP 443 to warehouse-security-group',
      'INGRESS TCP 443 from gateway-security-group',
    ]);
  });

  test('of a public database is reached on the host of the region, which lets in whom it names', () => {
    const stack = behindGateway((scope) =>
      server(scope, { database: databaseOf(scope, { allowedAddresses: ['203.0.113.7'] }) }),
    );
    expect(renderedConfig(stack).backends[0]).toMatchObject({
      url: 'https://dataaccess.adb.eu-frankfurt-1.oraclecloudapps.com/adb/mcp/v1/databases/reference.example',
    });
    expect(rulesOf(stack)).toEqual(['EGRESS TCP 443 to internet']);
  });

  test.each<[string, (scope: TerraformStack) => Partial<AutonomousDatabaseAttributes>, string]>([
    ['the region that is given', () => ({ region: 'us-phoenix-1' }), 'dataaccess.adb.us-phoenix-1'],
    [
      'the region of the provider, where the OCID has a key',
      () => ({ databaseId: 'ocid1.autonomousdatabase.oc1.iad.example' }),
      'dataaccess.adb.eu-frankfurt-1',
    ],
    [
      'the region of the provider, where the OCID is a reference',
      (scope) => ({ databaseId: reference(scope, 'database_id') }),
      'dataaccess.adb.eu-frankfurt-1',
    ],
    [
      'its own host, where it is private',
      () => ({ serviceHost: 'abc-warehouse.adb.uk-london-1.oraclecloudapps.com' }),
      'abc-warehouse.adb.uk-london-1',
    ],
  ])('of a database elsewhere is reached in %s', (_, attributes, host) => {
    const stack = behindGateway((scope) => server(scope, { database: imported(scope, attributes(scope)) }));
    expect(renderedConfig(stack).backends[0]).toMatchObject({
      url: expect.stringMatching(`^https://${host.replaceAll('.', '\\.')}\\.oraclecloudapps\\.com/adb/mcp/v1/`),
    });
  });

  test('of a private database elsewhere is let through by the rules of its group', () => {
    const securityGroupId = 'ocid1.networksecuritygroup.oc1..database';
    const stack = behindGateway((scope) => server(scope, { database: imported(scope, { securityGroupId }) }));
    expect(rulesOf(stack)).toContain('INGRESS TCP 443 from gateway-security-group');
  });

  test('fails without a database user', () => {
    expect(faultsOf((stack) => void server(stack, { auth: { ...auth, username: '' } }))).toEqual([
      '[stack/Sales] auth.username: got ""; allowed: a database user',
    ]);
  });
});

describe('an Autonomous Database', () => {
  const database = (props: Partial<AutonomousDatabaseProps> = {}) =>
    synth((stack) => void privateDatabase(stack, props)).resource('oci_database_autonomous_database');

  test('has a private endpoint, a group of its own, mTLS and a password that stands in Vault', () => {
    expect(database()).toEqual({
      compartment_id: compartmentId,
      display_name: 'stack-warehouse',
      db_name: 'stackwarehouse',
      db_workload: 'OLTP',
      compute_model: 'ECPU',
      compute_count: 2,
      data_storage_size_in_tbs: 1,
      license_model: 'LICENSE_INCLUDED',
      is_mtls_connection_required: true,
      secret_id: 'ocid1.vaultsecret.oc1..admin',
      subnet_id: 'ocid1.subnet.oc1.eu-frankfurt-1.example',
      nsg_ids: [expect.stringMatching(/^\$\{oci_core_network_security_group\.Warehouse_SecurityGroup/)],
    });
  });

  test('is what its user says', () => {
    expect(
      database({
        dbName: 'Sales2',
        dbVersion: '26ai',
        workload: 'DW',
        ecpus: 8,
        storageTib: 384,
        licenseModel: 'BRING_YOUR_OWN_LICENSE',
        mtlsRequired: false,
      }),
    ).toMatchObject({
      db_name: 'Sales2',
      db_version: '26ai',
      db_workload: 'DW',
      compute_count: 8,
      data_storage_size_in_tbs: 384,
      license_model: 'BRING_YOUR_OWN_LICENSE',
      is_mtls_connection_required: false,
    });
  });

  test.each([
    [true, 1522],
    [false, 1521],
  ])('serves SQL clients with mTLS %s on port %i', (mtlsRequired, port) => {
    synth((stack) => expect(privateDatabase(stack, { mtlsRequired }).connections.defaultPort).toBe(port));
  });

  test('tells SQL clients where it is', () => {
    const { json } = synth((stack) => {
      new TerraformOutput(stack, 'dsn', { value: privateDatabase(stack).dsn('high') });
    });
    expect(json['output'].dsn.value).toMatch(
      /^tcps:\/\/\$\{oci_database_autonomous_database\.Warehouse_.*\.connection_strings\[0\]\.high\}$/,
    );
  });

  test('has a name of 30 letters and digits, however long its path is', () => {
    const { resource } = synth((stack) => {
      new AutonomousDatabase(stack, 'AnAutonomousDatabaseWithAVeryLongName', {
        compartmentId,
        adminPassword,
        network: network(stack),
      });
    });
    expect(resource('oci_database_autonomous_database')['db_name']).toMatch(/^[a-z][a-z0-9]{0,29}$/);
  });

  const addressFault = 'an IPv4 address, a block such as "203.0.113.0/24" or the OCID of a VCN';
  test.each<[string, Partial<AutonomousDatabaseProps>, string]>([
    [
      'its password is given by value',
      { adminPassword: { secretId: 'Hunter2hunter2', compartmentId } },
      'adminPassword: got "text that is no OCID of a secret"; allowed: an OCID such as "ocid1.vaultsecret.oc1…": the value itself would land in the state; fix: put the value into a secret in Vault and pass the OCID of that',
    ],
    [
      'its name begins with a digit',
      { dbName: '1db' },
      'dbName: got "1db"; allowed: at most 30 letters and digits, a letter first',
    ],
    [
      'its name is too long',
      { dbName: 'x'.repeat(31) },
      `dbName: got "${'x'.repeat(31)}"; allowed: at most 30 letters and digits, a letter first`,
    ],
    ['it has one ECPU', { ecpus: 1 }, 'ecpus: got 1; allowed: a whole number of at least 2'],
    ['it has no storage', { storageTib: 0 }, 'storageTib: got 0; allowed: a whole number from 1 to 384'],
    ['it has too much storage', { storageTib: 385 }, 'storageTib: got 385; allowed: a whole number from 1 to 384'],
    [
      'it is private and public',
      { allowedAddresses: ['203.0.113.7'] },
      'network: got "network and allowedAddresses"; allowed: one of them: a private endpoint, or addresses that may reach the public one',
    ],
    [
      'it is neither private nor public',
      { network: undefined },
      'network: got "neither network nor allowedAddresses"; allowed: one of them: a private endpoint, or addresses that may reach the public one',
    ],
    [
      'it would let in everybody',
      { network: undefined, allowedAddresses: [] },
      'allowedAddresses: got []; allowed: at least one: without any, everybody is let in',
    ],
    [
      'an address is none',
      { network: undefined, allowedAddresses: ['example.com'] },
      `allowedAddresses: got "example.com"; allowed: ${addressFault}`,
    ],
    [
      'its tag is set around the server',
      { freeformTags: feature },
      'freeformTags: got "adb$feature"; allowed: tags other than the one that AutonomousDatabaseMcpServer sets',
    ],
  ])('fails when %s', (_, props, fault) => {
    const faults = faultsOf((stack) => void privateDatabase(stack, props));
    expect(faults).toEqual([`[stack/Warehouse] ${fault}`]);
    expect(faults.join()).not.toContain('Hunter2');
  });

  test.each(['203.0.113.7', '203.0.113.0/24', 'ocid1.vcn.oc1..example'])('lets in %s', (address) => {
    const { resource, warnings } = synth((stack) => void databaseOf(stack, { allowedAddresses: [address] }));
    expect(resource('oci_database_autonomous_database')['whitelisted_ips']).toEqual([address]);
    expect(warnings).toEqual([]);
  });

  test('warns when the whole internet is let in', () => {
    const { warnings } = synth((stack) => void databaseOf(stack, { allowedAddresses: ['0.0.0.0/0'] }));
    expect(warnings).toEqual([
      '[stack/Warehouse] allowedAddresses: the whole internet may try to log in to this database',
    ]);
  });

  test('elsewhere fails when its OCID is that of something else', () => {
    expect(faultsOf((stack) => void imported(stack, { databaseId: 'ocid1.vcn.oc1..x', region: 'r' }))).toEqual([
      '[stack/Warehouse] databaseId: got "ocid1.vcn.oc1..x"; allowed: the OCID of an Autonomous Database',
    ]);
  });
});
