import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1';
import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { App, TerraformStack, TerraformVariable } from 'cdktf';
import {
  AddressRange,
  AutonomousDatabase,
  ContainerInstanceHosting,
  InboundAuth,
  McpGateway,
  McpServerSource,
  OkeCluster,
  OkeHosting,
  OkeSidecarHosting,
  OracleDatabaseMcpServer,
  PrivateNetwork,
} from 'cdktf-oci-mcp';
import type { Construct } from 'constructs';

/** Images of your own registry, by digest. */
const images = {
  gateway: 'fra.ocir.io/acme/oci-mcp-gateway@sha256:51aa0c6d4b1f0c2f4a8f64e0a2a6c0f8f7e3a9d1c5b7e2f4a6c8e0d2b4f6a8c0',
  database: 'fra.ocir.io/acme/oracle-db-mcp@sha256:77b12d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0',
  orders: 'fra.ocir.io/acme/orders@sha256:c9d22d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0',
};

/** The domain that issues your clients' tokens. */
const identityDomain = 'https://idcs-0123456789abcdef0123456789abcdef.identity.oraclecloud.com';

/** A database server in two forms: as a Deployment of its own, and beside an application that uses the same database. */
class OracleDatabaseStack extends TerraformStack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const variable = (name: string) => new TerraformVariable(this, name, { type: 'string' }).stringValue;
    new OciProvider(this, 'Oci', { region: variable('region') });
    const cluster = OkeCluster.fromClusterAttributes(this, 'Cluster', { clusterId: variable('cluster_id') });
    OkeCluster.kubernetesProvider(this, 'Kubernetes', cluster);
    const namespace = new NamespaceV1(this, 'Namespace', { metadata: { name: 'mcp' } }).metadata.name;

    // Secrets are put into the namespace by other means: only their names are in the stack.
    const secret = (key: string) => ({ name: 'oracle-db-secrets', key });
    const connection = {
      source: McpServerSource.image(images.database),
      dsn: secret('dsn'),
      user: secret('username'),
      password: secret('password'),
      wallet: { secretName: 'oracle-db-wallet' },
    };

    const warehouse = new OracleDatabaseMcpServer(this, 'Warehouse', {
      ...connection,
      hosting: new OkeHosting({ cluster, namespace }),
      database: new AddressRange(this, 'Databases', '10.0.30.0/24'),
    });

    const labels = { app: 'orders' };
    const orders = new DeploymentV1(this, 'Orders', {
      waitForRollout: false,
      metadata: { name: 'orders', namespace, labels },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { container: [{ name: 'orders', image: images.orders }] } },
      },
    });
    const ordersDatabase = new OracleDatabaseMcpServer(this, 'OrdersDatabase', {
      ...connection,
      hosting: new OkeSidecarHosting({ cluster, deployment: orders }),
    });

    const gateway = new McpGateway(this, 'Gateway', {
      image: images.gateway,
      hosting: new OkeHosting({ cluster, namespace, autoscaling: { minReplicas: 2, maxReplicas: 6 } }),
      inboundAuth: InboundAuth.staticTokens({ tokens: { name: 'gateway-tokens', key: 'tokens.json' } }),
      backends: [warehouse, ordersDatabase],
    });
    gateway.connections.allowFrom(new AddressRange(this, 'LoadBalancers', '10.0.20.0/24'));
  }
}

/** The same server on a Container Instance, for a database made beside it: password and wallet are in Vault. */
class PrivateDatabaseStack extends TerraformStack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const variable = (name: string) => new TerraformVariable(this, name, { type: 'string' }).stringValue;
    const compartmentId = variable('compartment_id');
    const secret = (name: string) => ({ secretId: variable(`${name}_secret_id`), compartmentId });
    new OciProvider(this, 'Oci', { region: variable('region') });
    const network = new PrivateNetwork(this, 'Network', { compartmentId });
    const hosting = new ContainerInstanceHosting({ network, compartmentId });
    const database = new AutonomousDatabase(this, 'Database', {
      compartmentId,
      network,
      adminPassword: secret('admin_password'),
    });

    const warehouse = new OracleDatabaseMcpServer(this, 'Warehouse', {
      source: McpServerSource.image(images.database),
      hosting,
      dsn: database.dsn('low'),
      user: 'MCP_READER',
      password: secret('reader_password'),
      wallet: { vaultSecrets: { 'cwallet.sso': secret('wallet') }, fetcherImage: images.gateway },
      database,
    });

    const gateway = new McpGateway(this, 'Gateway', {
      image: images.gateway,
      hosting,
      inboundAuth: InboundAuth.jwt({
        issuer: 'https://identity.oraclecloud.com/',
        audiences: ['mcp-gateway'],
        jwksUri: `${identityDomain}/admin/v1/SigningCert/jwk`,
      }),
      backends: [warehouse],
    });
    gateway.connections.allowFrom(new AddressRange(this, 'Vcn', '10.0.0.0/16'));
  }
}

const app = new App();
new OracleDatabaseStack(app, 'oracle-database');
new PrivateDatabaseStack(app, 'private-database');
app.synth();
