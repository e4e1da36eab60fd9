import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { App, TerraformOutput, TerraformStack, TerraformVariable } from 'cdktf';
import {
  AddressRange,
  Compartment,
  ContainerInstanceHosting,
  InboundAuth,
  McpGateway,
  McpServer,
  McpServerSource,
  PrivateNetwork,
} from 'cdktf-oci-mcp';
import type { Construct } from 'constructs';

/** Images of your own registry, by digest. */
const images = {
  gateway: 'fra.ocir.io/acme/oci-mcp-gateway@sha256:51aa0c6d4b1f0c2f4a8f64e0a2a6c0f8f7e3a9d1c5b7e2f4a6c8e0d2b4f6a8c0',
  cache: 'fra.ocir.io/acme/valkey@sha256:9c1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0',
  logs: 'fra.ocir.io/acme/logs-mcp@sha256:0f3a2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0',
};

/** The domain that issues your clients' tokens. */
const identityDomain = 'https://idcs-0123456789abcdef0123456789abcdef.identity.oraclecloud.com';

/** A server with a cache beside it, and a gateway on three instances: no cluster, one stack. */
class ContainerInstancesStack extends TerraformStack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const variable = (name: string) => new TerraformVariable(this, name, { type: 'string' }).stringValue;
    const compartmentId = variable('compartment_id');
    new OciProvider(this, 'Oci', { region: variable('region') });
    const network = new PrivateNetwork(this, 'Network', { compartmentId });
    const repository = (name: string) => ({ compartmentId, name });

    const logs = new McpServer(this, 'Logs', {
      source: McpServerSource.image(images.logs),
      hosting: new ContainerInstanceHosting({
        network,
        compartmentId,
        privateIp: '10.0.10.20',
        imageRepository: repository('logs-mcp'),
        sidecars: [
          {
            name: 'cache',
            image: { imageUri: images.cache, repository: repository('valkey') },
            port: 6379,
            memoryGib: 0.5,
          },
        ],
      }),
      environment: { LOG_COMPARTMENT: compartmentId, REDIS_URL: 'redis://localhost:6379' },
    });
    Compartment.fromCompartmentId(this, 'Compartment', compartmentId).grantRead(logs, 'log-content');

    const gateway = new McpGateway(this, 'Gateway', {
      image: images.gateway,
      hosting: new ContainerInstanceHosting({
        network,
        compartmentId,
        instances: 3,
        privateIp: '10.0.10.10',
        imageRepository: repository('oci-mcp-gateway'),
      }),
      inboundAuth: InboundAuth.jwt({
        issuer: 'https://identity.oraclecloud.com/',
        audiences: ['mcp-gateway'],
        jwksUri: `${identityDomain}/admin/v1/SigningCert/jwk`,
      }),
      backends: [logs],
    });
    gateway.connections.allowFrom(new AddressRange(this, 'Vcn', '10.0.0.0/16'));
    new TerraformOutput(this, 'gateway_url', { value: gateway.endpoint.url });
  }
}

const app = new App();
new ContainerInstancesStack(app, 'container-instances');
app.synth();
