import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { App, TerraformOutput, TerraformStack, TerraformVariable } from 'cdktf';
import {
  AddressRange,
  AutonomousDatabase,
  AutonomousDatabaseMcpServer,
  ContainerInstanceHosting,
  DatabaseToolsConnection,
  DatabaseToolset,
  DatabaseToolsMcpServer,
  DatabaseToolsPrivateEndpoint,
  InboundAuth,
  IntegrationInstance,
  IntegrationMcpServer,
  McpGateway,
  OutboundAuth,
  PrivateNetwork,
  UserGroup,
} from 'cdktf-oci-mcp';
import type { Construct } from 'constructs';

/** The gateway's image in your own registry, by digest. */
const gatewayImage =
  'fra.ocir.io/acme/oci-mcp-gateway@sha256:51aa0c6d4b1f0c2f4a8f64e0a2a6c0f8f7e3a9d1c5b7e2f4a6c8e0d2b4f6a8c0';

/** The domain that issues your clients' tokens, and the gateway's own for Oracle Integration. */
const identityDomain = 'https://idcs-0123456789abcdef0123456789abcdef.identity.oraclecloud.com';

/** A scope of the instance, as the configuration of the gateway's client in the identity domain shows it. */
const integrationScope = 'https://acme.integration.example:443urn:opc:resource:consumer::all';

/** Servers that Oracle runs, behind one gateway: nothing of them is hosted here, and every credential stays in Vault. */
class ManagedServersStack extends TerraformStack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const variable = (name: string) => new TerraformVariable(this, name, { type: 'string' }).stringValue;
    const compartmentId = variable('compartment_id');
    const secret = (name: string) => ({ secretId: variable(`${name}_secret_id`), compartmentId });
    new OciProvider(this, 'Oci', { region: variable('region') });
    const network = new PrivateNetwork(this, 'Network', { compartmentId });

    const orders = new IntegrationMcpServer(this, 'Orders', {
      description: 'Integrations of the ORDERS project',
      instance: new IntegrationInstance(this, 'Integration', { compartmentId }),
      project: 'ORDERS',
      client: {
        tokenUrl: `${identityDomain}/oauth2/v1/token`,
        clientId: variable('integration_client_id'),
        clientSecret: secret('integration_client'),
        scopes: [integrationScope],
      },
    });

    const database = new AutonomousDatabase(this, 'Warehouse', {
      compartmentId,
      network,
      adminPassword: secret('database_admin'),
    });
    const sales = new AutonomousDatabaseMcpServer(this, 'Sales', {
      description: 'Tools that the database itself has',
      database,
      auth: { username: 'MCP_USER', password: secret('database_user') },
    });

    const privateEndpoint = new DatabaseToolsPrivateEndpoint(this, 'DatabaseTools', { compartmentId, network });
    const connection = new DatabaseToolsConnection(this, 'Connection', {
      compartmentId,
      connectionString: database.dsn('low'),
      user: 'MCP_READER',
      password: secret('database_reader'),
      wallet: secret('database_wallet'),
      privateEndpoint,
      database,
    });
    const openOrders = DatabaseToolset.customSql({
      toolName: 'open_orders',
      toolDescription: 'How many orders of a customer are open',
      sql: "select count(*) as orders from orders where customer = :customer and status = 'OPEN'",
      variables: [{ name: 'customer', description: 'Name of the customer', type: 'STRING' }],
    });
    const reports = new DatabaseToolsMcpServer(this, 'Reports', {
      description: 'Reports on the warehouse',
      compartmentId,
      connection,
      domainId: variable('identity_domain_id'),
      outboundAuth: OutboundAuth.bearerToken(secret('database_tools_token')),
      users: [{ grantPrincipal: UserGroup.fromName(this, 'Users', 'mcp-users') }],
      toolsets: { OpenOrders: openOrders },
    });

    const gateway = new McpGateway(this, 'Gateway', {
      image: gatewayImage,
      hosting: new ContainerInstanceHosting({ network, compartmentId, privateIp: '10.0.10.10' }),
      inboundAuth: InboundAuth.jwt({
        issuer: 'https://identity.oraclecloud.com/',
        audiences: ['mcp-gateway'],
        jwksUri: `${identityDomain}/admin/v1/SigningCert/jwk`,
      }),
      backends: [orders, sales, reports],
    });
    gateway.connections.allowFrom(new AddressRange(this, 'Vcn', '10.0.0.0/16'));
    new TerraformOutput(this, 'gateway_url', { value: gateway.endpoint.url });
  }
}

const app = new App();
new ManagedServersStack(app, 'managed-servers');
app.synth();
