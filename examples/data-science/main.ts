import { join } from 'node:path';
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
  ModelDeploymentHosting,
  NotebookSession,
  PrivateNetwork,
} from 'cdktf-oci-mcp';
import type { Construct } from 'constructs';

/** Images of your own registry, by tag and digest. */
const images = {
  gateway:
    'fra.ocir.io/acme/oci-mcp-gateway:1.0@sha256:51aa0c6d4b1f0c2f4a8f64e0a2a6c0f8f7e3a9d1c5b7e2f4a6c8e0d2b4f6a8c0',
  outliers: 'fra.ocir.io/acme/outliers-mcp:1.0@sha256:0f3a2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0',
};

/** Your bucket and its namespace, to which an environment with `servers/forecast/requirements.txt` was published. */
const condaEnvironment = {
  path: 'oci://conda-environments@acme/cpu/mcp/1.0/mcp_p312_cpu_x86_64_v1',
  pythonVersion: '3.12',
};

/** The domain that issues your clients' tokens. */
const identityDomain = 'https://idcs-0123456789abcdef0123456789abcdef.identity.oraclecloud.com';

/** Two servers on Data Science, a notebook session in which they are developed, and a gateway that reaches both. */
class DataScienceStack extends TerraformStack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const variable = (name: string) => new TerraformVariable(this, name, { type: 'string' }).stringValue;
    const compartmentId = variable('compartment_id');
    new OciProvider(this, 'Oci', { region: variable('region') });
    const network = new PrivateNetwork(this, 'Network', { compartmentId });
    // What Data Science puts into a subnet joins no security group, so this subnet itself lets HTTPS out.
    const scienceNetwork = PrivateNetwork.fromSubnetAttributes(this, 'ScienceNetwork', {
      vcnId: network.vcnId,
      subnetId: network.addSubnet('Science', '10.0.12.0/24', { egressPorts: [443] }),
    });

    const forecast = new McpServer(this, 'Forecast', {
      source: McpServerSource.scoreArtifact(join(__dirname, 'servers', 'forecast')),
      hosting: new ModelDeploymentHosting({
        compartmentId,
        condaEnvironment,
        autoscaling: { minInstances: 1, maxInstances: 3 },
      }),
    });
    const outliers = new McpServer(this, 'Outliers', {
      source: McpServerSource.image(images.outliers),
      hosting: new ModelDeploymentHosting({
        compartmentId,
        network,
        privateEndpoint: true,
        egress: 'no_internet',
        imageRepository: { compartmentId, name: 'outliers-mcp' },
      }),
    });

    const notebook = new NotebookSession(this, 'Notebook', { compartmentId, network: scienceNetwork });
    const compartment = Compartment.fromCompartmentId(this, 'Compartment', compartmentId);
    compartment.grantManage(notebook, 'objects', ["target.bucket.name='conda-environments'"]);

    const gateway = new McpGateway(this, 'Gateway', {
      image: images.gateway,
      hosting: new ContainerInstanceHosting({
        network,
        compartmentId,
        imageRepository: { compartmentId, name: 'oci-mcp-gateway' },
      }),
      inboundAuth: InboundAuth.jwt({
        issuer: 'https://identity.oraclecloud.com/',
        audiences: ['mcp-gateway'],
        jwksUri: `${identityDomain}/admin/v1/SigningCert/jwk`,
      }),
      backends: [forecast, outliers],
    });
    gateway.connections.allowFrom(new AddressRange(this, 'Vcn', '10.0.0.0/16'));
    new TerraformOutput(this, 'gateway_url', { value: gateway.endpoint.url });
    new TerraformOutput(this, 'notebook_url', { value: notebook.url });
  }
}

const app = new App();
new DataScienceStack(app, 'data-science');
app.synth();
