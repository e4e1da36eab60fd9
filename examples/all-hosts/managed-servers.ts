import {
  AutonomousDatabase,
  AutonomousDatabaseMcpServer,
  ContainerInstanceHosting,
  DatabaseToolsConnection,
  DatabaseToolset,
  DatabaseToolsMcpServer,
  DatabaseToolsPrivateEndpoint,
  type IMcpServer,
  IntegrationInstance,
  IntegrationMcpServer,
  McpServer,
  McpServerSource,
  OkeHosting,
  OracleDatabaseMcpServer,
  OutboundAuth,
} from 'cdktf-oci-mcp';
import { Construct } from 'constructs';
import { identityDomain, images, type Platform, secret, variable } from './platform';

/** The servers that Oracle runs, a database server in a container on two hosts, and one that somebody else runs. */
export class ManagedServers extends Construct {
  public readonly servers: readonly IMcpServer[];

  public constructor(scope: Construct, id: string, platform: Platform) {
    super(scope, id);
    const { compartmentId, network, cluster, namespace } = platform;
    const database = new AutonomousDatabase(this, 'Warehouse', {
      compartmentId,
      network,
      adminPassword: secret(this, 'database_admin', platform),
    });
    const reader = secret(this, 'database_reader', platform);
    const wallet = secret(this, 'database_wallet', platform);

    const integration = new IntegrationMcpServer(this, 'Integration', {
      serverName: 'integration',
      instance: new IntegrationInstance(this, 'Instance', { compartmentId }),
      project: 'ORDERS',
      client: {
        tokenUrl: `${identityDomain}/oauth2/v1/token`,
        clientId: 'mcp-gateway',
        clientSecret: secret(this, 'integration_client', platform),
        scopes: [variable(this, 'integration_scope')],
      },
    });
    const autonomous = new AutonomousDatabaseMcpServer(this, 'Autonomous', {
      serverName: 'autonomous',
      database,
      auth: { username: 'MCP_USER', password: secret(this, 'database_user', platform) },
    });
    const databaseTools = new DatabaseToolsMcpServer(this, 'DatabaseTools', {
      serverName: 'database-tools',
      compartmentId,
      connection: new DatabaseToolsConnection(this, 'Connection', {
        compartmentId,
        connectionString: database.dsn('low'),
        user: 'MCP_READER',
        password: reader,
        wallet,
        privateEndpoint: new DatabaseToolsPrivateEndpoint(this, 'PrivateEndpoint', { compartmentId, network }),
        database,
      }),
      domainId: variable(this, 'identity_domain_id'),
      outboundAuth: OutboundAuth.bearerToken(secret(this, 'database_tools_token', platform)),
      toolsets: { Sql: DatabaseToolset.builtInSql() },
    });

    const login = { dsn: database.dsn('low'), user: 'MCP_READER', password: reader, database };
    const source = McpServerSource.image(images.oracleDatabase);
    const databaseOnOke = new OracleDatabaseMcpServer(this, 'DatabaseOnOke', {
      ...login,
      serverName: 'database-oke',
      source,
      hosting: new OkeHosting({ cluster, namespace }),
      wallet: { secretName: 'oracle-db-wallet' },
    });
    const databaseOnInstance = new OracleDatabaseMcpServer(this, 'DatabaseOnInstance', {
      ...login,
      serverName: 'database-instance',
      source,
      hosting: new ContainerInstanceHosting({
        network,
        compartmentId,
        imageRepository: { compartmentId, name: 'oracle-db-mcp' },
      }),
      wallet: { vaultSecrets: { 'ewallet.pem': wallet }, fetcherImage: images.gateway },
    });
    const external = McpServer.fromEndpoint(this, 'External', {
      serverName: 'external',
      url: 'https://mcp.example.com/mcp',
    });
    this.servers = [integration, autonomous, databaseTools, databaseOnOke, databaseOnInstance, external];
  }
}
