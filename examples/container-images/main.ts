import { join } from 'node:path';
import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { App, TerraformOutput, TerraformStack, TerraformVariable } from 'cdktf';
import {
  AddressRange,
  ContainerImage,
  ContainerInstanceHosting,
  ContainerRepository,
  type DirectoryImage,
  ImageTemplate,
  InboundAuth,
  McpGateway,
  McpServer,
  McpServerSource,
  PrivateNetwork,
} from 'cdktf-oci-mcp';
import type { Construct } from 'constructs';

/** Images of Docker Hub to build on, by digest. */
const bases = {
  python: 'python:3.13-slim@sha256:2f1e0d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0',
  node: 'node:22-slim@sha256:7a6b5c4d3e2f10293847566574839201a1b2c3d4e5f60718293a4b5c6d7e8f90',
};

/** The domain that issues your clients' tokens. */
const identityDomain = 'https://idcs-0123456789abcdef0123456789abcdef.identity.oraclecloud.com';

/** Two servers, one in Python and one in Node, built from their folders when the stack is applied. */
class ContainerImagesStack extends TerraformStack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const variable = (name: string) => new TerraformVariable(this, name, { type: 'string' }).stringValue;
    const compartmentId = variable('compartment_id');
    new OciProvider(this, 'Oci', { region: variable('region') });

    const servers = new ContainerRepository(this, 'Servers', { compartmentId, name: 'mcp/servers' });
    const gateways = ContainerRepository.fromAttributes(this, 'Gateways', { compartmentId, name: 'mcp/gateway' });
    ContainerImage.dockerProvider(this, 'Docker', { repositories: [servers] });
    const forecast = ContainerImage.fromDirectory(this, 'ForecastImage', {
      directory: join(__dirname, 'servers', 'forecast'),
      template: ImageTemplate.PYTHON_SERVER,
      baseImage: bases.python,
      repository: servers,
    });
    const convert = ContainerImage.fromDirectory(this, 'ConvertImage', {
      directory: join(__dirname, 'servers', 'convert'),
      template: ImageTemplate.NODE_SERVER,
      baseImage: bases.node,
      repository: servers,
    });

    const network = new PrivateNetwork(this, 'Network', { compartmentId });
    const hosting = new ContainerInstanceHosting({ network, compartmentId });
    const server = (name: string, image: DirectoryImage) =>
      new McpServer(this, name, { source: McpServerSource.image(image), hosting });
    const gateway = new McpGateway(this, 'Gateway', {
      image: ContainerImage.fromRegistry({ repository: gateways, digest: variable('gateway_digest') }),
      hosting,
      inboundAuth: InboundAuth.jwt({
        issuer: 'https://identity.oraclecloud.com/',
        audiences: ['mcp-gateway'],
        jwksUri: `${identityDomain}/admin/v1/SigningCert/jwk`,
      }),
      backends: [server('Forecast', forecast), server('Convert', convert)],
    });
    gateway.connections.allowFrom(new AddressRange(this, 'Vcn', '10.0.0.0/16'));
    new TerraformOutput(this, 'gateway_url', { value: gateway.endpoint.url });
  }
}

const app = new App();
new ContainerImagesStack(app, 'container-images');
app.synth();
