import { TerraformOutput, type TerraformStack } from 'cdktf';
import {
  AutonomousDatabase,
  DatabaseToolsConnection,
  type DatabaseToolsConnectionProps,
  DatabaseToolset,
  DatabaseToolsMcpServer,
  type DatabaseToolsMcpServerProps,
  DatabaseToolsPrivateEndpoint,
  DatabaseToolsSqlReport,
  InboundAuth,
  McpGateway,
  OkeHosting,
  OutboundAuth,
  UserGroup,
} from 'cdktf-oci-mcp';
import { renderedConfig } from '../../helpers/rendered-config';
import { addressOf, type Block, faultsOf, type Synthesized, synth } from '../../helpers/synth';
import { cluster, compartmentId, image, network, reference } from '../fixtures';

const connectionId = 'ocid1.databasetoolsconnection.oc1..example';
const domainId = 'ocid1.domain.oc1..example';
const secretOf = (name: string) => ({ secretId: `ocid1.vaultsecret.oc1..${name}`, compartmentId });
const resultBucket = { namespace: 'acme', bucket: 'results', compartmentId: 'ocid1.compartment.oc1..buckets' };

const imported = (stack: TerraformStack, secrets = [secretOf('reader')]) =>
  DatabaseToolsConnection.fromConnectionAttributes(stack, 'Connection', { connectionId, compartmentId, secrets });

function server(stack: TerraformStack, props: Partial<DatabaseToolsMcpServerProps> = {}): DatabaseToolsMcpServer {
  const connection = props.connection ?? imported(stack);
  return new DatabaseToolsMcpServer(stack, 'Reports', {
    compartmentId,
    domainId,
    outboundAuth: OutboundAuth.bearerToken(secretOf('token')),
    ...props,
    connection,
  });
}

const serverOf = ({ resource }: Synthesized) => resource('oci_database_tools_database_tools_mcp_server');
const statementsOf = ({ resources }: Synthesized): string[] =>
  resources('oci_identity_policy')
    .flatMap(({ statements }) => statements)
    .map((statement: string) => statement.replace(/\$\{[^}]+\}/g, '<server>'));

describe('a Database Tools server', () => {
  test('is made for a connection and a domain, acts as itself and keeps no results', () => {
    expect(serverOf(synth((stack) => void server(stack)))).toEqual({
      compartment_id: compartmentId,
      display_name: 'stack-reports',
      type: 'DEFAULT',
      database_tools_connection_id: connectionId,
      domain_id: domainId,
      runtime_identity: 'RESOURCE_PRINCIPAL',
      storage: { type: 'NONE' },
    });
  });

  test('is what its user says', () => {
    const made = serverOf(
      synth((stack) => {
        server(stack, {
          description: 'Reports',
          customRoles: [{ name: 'Auditor', description: 'May run audits' }],
          resultBucket,
          accessTokenExpirySeconds: 604800,
          refreshTokenExpirySeconds: 1,
        });
      }),
    );
    expect(made).toMatchObject({
      description: 'Reports',
      custom_roles: [{ display_name: 'Auditor', description: 'May run audits' }],
      storage: { type: 'OBJECT_STORAGE', bucket: { namespace: 'acme', bucket: 'results' } },
      access_token_expiry_in_seconds: 604800,
      refresh_token_expiry_in_seconds: 1,
    });
  });

  test('is a backend at the address that the service gives it, with a token from Vault', () => {
    const stack = synth((scope) => {
      const hosting = new OkeHosting({ cluster: cluster(scope) });
      const backends = [server(scope, { description: 'Reports on sales' })];
      new McpGateway(scope, 'Gateway', { image, hosting, inboundAuth: InboundAuth.none(), backends });
    });
    const address = addressOf(stack, serverOf(stack));
    const url = 'https://abc.dbtools.example/20201005/mcp';
    expect(renderedConfig(stack, { [`${address}.endpoints[0].endpoint`]: url }).backends).toEqual([
      expect.objectContaining({
        name: 'reports',
        description: 'Reports on sales',
        url,
        auth_method: 'bearer_token',
        bearer_token_secret_id: 'ocid1.vaultsecret.oc1..token',
      }),
    ]);
  });

  test('may use its connection and read the secrets of that, and nothing else', () => {
    const where = "where request.principal.id='<server>'";
    expect(statementsOf(synth((stack) => void server(stack)))).toEqual([
      `Allow any-user to read secret-bundles in compartment id ${compartmentId} where all {request.principal.id='<server>', target.secret.id='ocid1.vaultsecret.oc1..reader'}`,
      `Allow any-user to use database-tools-connections in compartment id ${compartmentId} ${where}`,
    ]);
  });

  test('may keep results in its bucket, where it has one', () => {
    const statements = statementsOf(synth((stack) => void server(stack, { resultBucket })));
    const inBucket = `in compartment id ocid1.compartment.oc1..buckets where all {request.principal.id='<server>', target.bucket.name='results'}`;
    expect(statements).toEqual(
      expect.arrayContaining([
        `Allow any-user to use buckets ${inBucket}`,
        `Allow any-user to manage objects ${inBucket}`,
        `Allow any-user to use database-tools-runtime-work-requests in compartment id ${compartmentId} where request.principal.id='<server>'`,
      ]),
    );
    expect(statements).toHaveLength(5);
  });

  test('may nothing of its own, where it acts as the user who calls', () => {
    const stack = synth((scope) => void server(scope, { runtimeIdentity: 'AUTHENTICATED_PRINCIPAL', resultBucket }));
    expect(serverOf(stack)['runtime_identity']).toBe('AUTHENTICATED_PRINCIPAL');
    expect(statementsOf(stack)).toEqual([]);
  });

  test.each([
    ['mcp-users', 'group mcp-users'],
    ['Staff/mcp-users', "group 'Staff'/'mcp-users'"],
  ])('lets the users of %s call it', (name, subject) => {
    const stack = synth((scope) => {
      const users = [{ grantPrincipal: UserGroup.fromName(scope, 'Users', name) }];
      server(scope, { users });
    });
    expect(statementsOf(stack)).toContain(
      `Allow ${subject} to use database-tools-mcp-servers-invocation in compartment id ${compartmentId}`,
    );
  });

  test('gives the gateway no permission: the user whose token it holds is who calls', () => {
    const stack = synth((scope) => {
      const backends = [server(scope, { outboundAuth: OutboundAuth.bearerToken({ name: 'token', key: 'token' }) })];
      const hosting = new OkeHosting({ cluster: cluster(scope) });
      new McpGateway(scope, 'Gateway', { image, hosting, inboundAuth: InboundAuth.none(), backends });
    });
    expect(statementsOf(stack).filter((statement) => statement.includes('workload'))).toEqual([]);
  });

  test('takes references', () => {
    const { json } = synth((stack) => {
      const made = server(stack, { domainId: reference(stack, 'domain_id'), compartmentId: reference(stack, 'c') });
      new TerraformOutput(stack, 'app', { value: made.domainAppId });
      new TerraformOutput(stack, 'server', { value: made.mcpServerId });
    });
    expect(JSON.stringify(json)).not.toContain('TOKEN');
  });
});

describe('toolsets', () => {
  const toolsetOf = (
    make: (stack: TerraformStack) => DatabaseToolset,
    props: Partial<DatabaseToolsMcpServerProps> = {},
  ) =>
    synth((stack) => void server(stack, { ...props, toolsets: { Tools: make(stack) } })).resource(
      'oci_database_tools_database_tools_mcp_toolset',
    );
  const common = {
    compartment_id: compartmentId,
    database_tools_mcp_server_id: expect.stringMatching(/^\$\{oci_database_tools_database_tools_mcp_server\.Reports/),
    display_name: 'reports-tools',
    version: 1,
    default_execution_type: 'SYNCHRONOUS',
  };
  const report = (stack: TerraformStack) =>
    new DatabaseToolsSqlReport(stack, 'Report', { compartmentId, sql: 'select 1 from dual' });

  test.each<[string, (stack: TerraformStack) => DatabaseToolset, Block]>([
    ['any SQL', () => DatabaseToolset.builtInSql(), { type: 'BUILT_IN_SQL_TOOLS' }],
    [
      'some of the tools for any SQL',
      () =>
        DatabaseToolset.builtInSql({
          version: 2,
          tools: [
            { name: 'run_sql', enabled: false },
            { name: 'describe', allowedRoles: ['MCP_User'] },
          ],
        }),
      {
        type: 'BUILT_IN_SQL_TOOLS',
        version: 2,
        tools: [
          { name: 'run_sql', status: 'DISABLED' },
          { name: 'describe', status: 'ENABLED', allowed_roles: ['MCP_User'] },
        ],
      },
    ],
    [
      'one text',
      () =>
        DatabaseToolset.customSql({
          toolName: 'count_orders',
          toolDescription: 'Counts orders',
          sql: 'select count(*) from orders where customer = :customer',
          variables: [{ name: 'customer', description: 'Who ordered', type: 'STRING' }],
          allowedRoles: ['MCP_User'],
        }),
      {
        type: 'CUSTOM_SQL_TOOL',
        tool_name: 'count_orders',
        tool_description: 'Counts orders',
        source: { type: 'INLINE', value: 'select count(*) from orders where customer = :customer' },
        variables: [{ name: 'customer', description: 'Who ordered', type: 'STRING' }],
        allowed_roles: ['MCP_User'],
      },
    ],
    [
      'reports',
      (stack) => DatabaseToolset.reports({ reports: [{ report: report(stack), allowedRoles: ['MCP_User'] }] }),
      {
        type: 'CUSTOMIZABLE_REPORTING_TOOLS',
        reports: [
          {
            database_tools_sql_report_id: expect.stringMatching(
              /^\$\{oci_database_tools_database_tools_sql_report\.Report_.*\.id\}$/,
            ),
            allowed_roles: ['MCP_User'],
          },
        ],
      },
    ],
    [
      'questions',
      () => DatabaseToolset.sqlAssistant({ semanticStoreId: 'ocid1.generativeaisemanticstore.oc1..example' }),
      {
        type: 'GENAI_SQL_ASSISTANT',
        generative_ai_semantic_store_id: 'ocid1.generativeaisemanticstore.oc1..example',
      },
    ],
  ])('run %s', (_, make, expected) => {
    expect(toolsetOf(make)).toEqual({ ...common, ...expected });
  });

  test('run in the background, where their results have a place', () => {
    const toolset = toolsetOf(() => DatabaseToolset.builtInSql({ asynchronous: true }), { resultBucket });
    expect(toolset['default_execution_type']).toBe('ASYNCHRONOUS');
  });

  test('are for roles of the server', () => {
    const toolset = toolsetOf(
      () => DatabaseToolset.customSql({ toolName: 'audit', sql: 'select 1 from dual', allowedRoles: ['Auditor'] }),
      { customRoles: [{ name: 'Auditor', description: 'May run audits' }] },
    );
    expect(toolset['allowed_roles']).toEqual(['Auditor']);
  });

  test('a report says when it is to be used, and how', () => {
    const { resource } = synth((stack) => {
      new DatabaseToolsSqlReport(stack, 'Report', {
        compartmentId,
        sql: 'select total from sales where year = :year',
        purpose: 'Sales of a year',
        instructions: 'Ask for the year',
        variables: [{ name: 'year', description: 'Which year', type: 'NUMBER' }],
        columns: [{ name: 'total', description: 'Euros', type: 'NUMBER' }],
      });
    });
    expect(resource('oci_database_tools_database_tools_sql_report')).toEqual({
      compartment_id: compartmentId,
      display_name: 'stack-report',
      type: 'ORACLE_DATABASE',
      source: 'select total from sales where year = :year',
      purpose: 'Sales of a year',
      instructions: 'Ask for the year',
      variables: [{ name: 'year', description: 'Which year', type: 'NUMBER' }],
      columns: [{ name: 'total', description: 'Euros', type: 'NUMBER' }],
    });
  });

  test('a report fails without a query', () => {
    expect(faultsOf((stack) => void new DatabaseToolsSqlReport(stack, 'Report', { compartmentId, sql: ' ' }))).toEqual([
      '[stack/Report] sql: got " "; allowed: SQL',
    ]);
  });
});

describe('fails when', () => {
  const tools = (toolset: DatabaseToolset): Partial<DatabaseToolsMcpServerProps> => ({ toolsets: { Tools: toolset } });
  const custom = (toolName: string, sql = 'select 1 from dual') => tools(DatabaseToolset.customSql({ toolName, sql }));
  const roleFault =
    "allowed: roles of this server: its customRoles, and the service's own such as MCP_User; fix: add the role to customRoles";
  const nameFault = 'allowed: 1 to 64 letters, digits, underscores and hyphens';

  test.each<[string, Partial<DatabaseToolsMcpServerProps>, string]>([
    [
      'the domain is none',
      { domainId: 'https://idcs.example' },
      'domainId: got "https://idcs.example"; allowed: the OCID of an identity domain',
    ],
    [
      'an access token is never valid',
      { accessTokenExpirySeconds: 0 },
      'accessTokenExpirySeconds: got 0; allowed: a whole number of at least 1',
    ],
    [
      'a refresh token is never valid',
      { refreshTokenExpirySeconds: 0 },
      'refreshTokenExpirySeconds: got 0; allowed: a whole number of at least 1',
    ],
    [
      'a role is called as the service calls its own',
      { customRoles: [{ name: 'MCP_User', description: 'x' }] },
      `customRoles.name: got "MCP_User"; allowed: letters, digits, underscores and hyphens, without the prefix MCP_ of the service's own roles`,
    ],
    [
      'a tool is for a role that nobody has',
      tools(DatabaseToolset.builtInSql({ tools: [{ name: 'run_sql', allowedRoles: ['Auditor'] }] })),
      `toolsets.allowedRoles: got "Auditor"; ${roleFault}`,
    ],
    [
      'a text is for a role that nobody has',
      tools(DatabaseToolset.customSql({ toolName: 'audit', sql: 'select 1 from dual', allowedRoles: ['Auditor'] })),
      `toolsets.allowedRoles: got "Auditor"; ${roleFault}`,
    ],
    [
      'results have no place',
      tools(DatabaseToolset.builtInSql({ asynchronous: true })),
      'toolsets.asynchronous: got "Tools"; allowed: asynchronous tools on a server with a resultBucket, where their results go; fix: pass resultBucket',
    ],
    [
      'a version is none',
      tools(DatabaseToolset.builtInSql({ version: 0 })),
      'toolsets.version: got 0; allowed: a whole number of at least 1',
    ],
    ['a tool has no name', custom(''), `toolName: got ""; ${nameFault}`],
    ['the name of a tool is two words', custom('count orders'), `toolName: got "count orders"; ${nameFault}`],
    ['the name of a tool is too long', custom('x'.repeat(65)), `toolName: got "${'x'.repeat(65)}"; ${nameFault}`],
    ['a tool does nothing', custom('nothing', ''), 'sql: got ""; allowed: SQL'],
    [
      'there are no reports',
      tools(DatabaseToolset.reports({ reports: [] })),
      'toolsets.reports: got []; allowed: at least one report',
    ],
  ])('%s', (_, props, fault) => {
    expect(faultsOf((stack) => void server(stack, props))).toEqual([`[stack/Reports] ${fault}`]);
  });

  test('a group of users has a name that is none', () => {
    expect(faultsOf((stack) => void UserGroup.fromName(stack, 'Users', "a'b"))).toEqual([
      '[stack/Users] groupName: got "a\'b"; allowed: the name of a group, or "Domain/name", without quotes',
    ]);
  });

  test('a connection elsewhere has the OCID of something else', () => {
    const attributes = { connectionId: 'ocid1.vcn.oc1..x', compartmentId };
    expect(
      faultsOf((stack) => void DatabaseToolsConnection.fromConnectionAttributes(stack, 'Connection', attributes)),
    ).toEqual([
      '[stack/Connection] connectionId: got "ocid1.vcn.oc1..x"; allowed: the OCID of a connection of Database Tools',
    ]);
  });
});

test('the name of a tool may have 64 characters', () => {
  const toolset = DatabaseToolset.customSql({ toolName: 'x'.repeat(64), sql: 'select 1 from dual' });
  synth((stack) => void server(stack, { toolsets: { Tools: toolset } }));
});

describe('a connection', () => {
  const connection = (stack: TerraformStack, props: Partial<DatabaseToolsConnectionProps> = {}) =>
    new DatabaseToolsConnection(stack, 'Connection', {
      compartmentId,
      connectionString: 'tcps://db.example:1522/x_low',
      user: 'MCP_READER',
      password: secretOf('reader'),
      ...props,
    });
  const made = (props: Partial<DatabaseToolsConnectionProps> = {}) =>
    synth((stack) => void connection(stack, props)).resource('oci_database_tools_database_tools_connection');

  test('is made of references to Vault', () => {
    expect(made({ wallet: secretOf('wallet') })).toEqual({
      compartment_id: compartmentId,
      display_name: 'stack-connection',
      type: 'ORACLE_DATABASE',
      runtime_support: 'SUPPORTED',
      connection_string: 'tcps://db.example:1522/x_low',
      user_name: 'MCP_READER',
      user_password: { value_type: 'SECRETID', secret_id: 'ocid1.vaultsecret.oc1..reader' },
      key_stores: [
        {
          key_store_type: 'SSO',
          key_store_content: { value_type: 'SECRETID', secret_id: 'ocid1.vaultsecret.oc1..wallet' },
        },
      ],
    });
    expect(made()['key_stores']).toBeUndefined();
  });

  test('lets the server read its password and its wallet', () => {
    const stack = synth(
      (scope) => void server(scope, { connection: connection(scope, { wallet: secretOf('wallet') }) }),
    );
    const secrets = statementsOf(stack).filter((statement) => statement.includes('secret-bundles'));
    expect(secrets.map((statement) => /target\.secret\.id='([^']+)'/.exec(statement)?.[1])).toEqual([
      'ocid1.vaultsecret.oc1..reader',
      'ocid1.vaultsecret.oc1..wallet',
    ]);
  });

  test('reaches a private database through a private endpoint, and on the port of SQL clients only', () => {
    const stack = synth((scope) => {
      const database = new AutonomousDatabase(scope, 'Warehouse', {
        compartmentId,
        network: network(scope),
        adminPassword: secretOf('admin'),
      });
      const privateEndpoint = new DatabaseToolsPrivateEndpoint(scope, 'Tools', {
        compartmentId,
        network: network(scope),
      });
      connection(scope, { database, privateEndpoint });
    });
    const rules = stack.resources('oci_core_network_security_group_security_rule');
    expect(rules.map(({ direction, description }) => `${direction} ${description}`).sort()).toEqual([
      'EGRESS TCP 1522 to warehouse-security-group',
      'INGRESS TCP 1522 from tools-security-group',
    ]);
    const endpoint = stack.resource('oci_database_tools_database_tools_private_endpoint');
    expect(endpoint).toMatchObject({
      subnet_id: 'ocid1.subnet.oc1.eu-frankfurt-1.example',
      endpoint_service_id: expect.stringContaining('.database_tools_endpoint_service_collection[0].items[0].id}'),
      nsg_ids: [expect.stringContaining('oci_core_network_security_group.Tools_SecurityGroup')],
    });
    expect(stack.dataSources('oci_database_tools_database_tools_endpoint_services')).toEqual([
      { compartment_id: compartmentId, state: 'ACTIVE' },
    ]);
    const made = stack.resource('oci_database_tools_database_tools_connection');
    expect(made['private_endpoint_id']).toBe(`\${${addressOf(stack, endpoint)}.id}`);
    expect([...made['depends_on']].sort()).toEqual(rules.map((rule) => addressOf(stack, rule)).sort());
  });

  test('takes an endpoint service that is given', () => {
    const stack = synth((scope) => {
      const endpointServiceId = 'ocid1.databasetoolsendpointservice.oc1..example';
      new DatabaseToolsPrivateEndpoint(scope, 'Tools', { compartmentId, network: network(scope), endpointServiceId });
    });
    expect(stack.dataSources()).toEqual([]);
  });

  const secretFault =
    'got "text that is no OCID of a secret"; allowed: an OCID such as "ocid1.vaultsecret.oc1…": the value itself would land in the state; fix: put the value into a secret in Vault and pass the OCID of that';
  test.each<[string, (stack: TerraformStack) => Partial<DatabaseToolsConnectionProps>, string]>([
    [
      'its string has a password',
      () => ({ connectionString: 'scott/tiger@db.example:1521/orcl' }),
      'connectionString: got "text that looks like a connection string with a password"; allowed: references to secrets: their values would land in the state; fix: put the value into a secret in Vault and pass { secretId, compartmentId } where a secret can go, such as secretEnvironment',
    ],
    [
      'its password is given by value',
      () => ({ password: { secretId: 'tiger', compartmentId } }),
      `password: ${secretFault}`,
    ],
    [
      'its wallet is given by value',
      () => ({ wallet: { secretId: 'tiger', compartmentId } }),
      `wallet: ${secretFault}`,
    ],
    [
      'a path is to be opened from nowhere',
      (stack) => ({
        database: AutonomousDatabase.fromDatabaseAttributes(stack, 'Db', {
          databaseId: 'ocid1.autonomousdatabase.oc1.eu-frankfurt-1.x',
        }),
      }),
      'database: got "a database without privateEndpoint"; allowed: a database together with the private endpoint from which it is reached; fix: pass privateEndpoint, or leave database out where it has a public endpoint',
    ],
  ])('fails when %s', (_, props, fault) => {
    const faults = faultsOf((stack) => void connection(stack, props(stack)));
    expect(faults).toEqual([`[stack/Connection] ${fault}`]);
    expect(faults.join()).not.toContain('tiger');
  });
});
