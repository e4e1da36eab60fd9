import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { App, TerraformOutput, TerraformStack, TerraformVariable } from 'cdktf';
import * as mcp from 'cdktf-oci-mcp';

const app = new App();
const stack = new TerraformStack(app, '{{name}}');
const variable = (name: string) => new TerraformVariable(stack, name, { type: 'string' }).stringValue;
const compartmentId = variable('compartment_id');
new OciProvider(stack, 'Oci', { region: variable('region') });

const network = new mcp.PrivateNetwork(stack, 'Network', { compartmentId });
const servers = new mcp.ContainerRepository(stack, 'Servers', { compartmentId, name: '{{name}}/servers' });
mcp.ContainerImage.dockerProvider(stack, 'Docker', { repositories: [servers] });

const hello = new mcp.McpServer(stack, 'Hello', {
  description: 'Greets people',
  source: mcp.McpServerSource.image(
    mcp.ContainerImage.fromDirectory(stack, 'HelloImage', {
      directory: 'servers/hello',
      template: mcp.ImageTemplate.PYTHON_SERVER,
      repository: servers,
    }),
  ),
  hosting: new mcp.ContainerInstanceHosting({ network, compartmentId }),
});

const gateway = new mcp.McpGateway(stack, 'Gateway', {
  image: variable('gateway_image'),
  hosting: new mcp.ContainerInstanceHosting({ network, compartmentId }),
  inboundAuth: mcp.InboundAuth.jwt({
    issuer: variable('issuer'),
    audiences: ['{{name}}'],
    jwksUri: variable('jwks_uri'),
  }),
  backends: [hello],
});
gateway.connections.allowFrom(new mcp.AddressRange(stack, 'Vcn', '10.0.0.0/16'));
new TerraformOutput(stack, 'gateway_url', { value: gateway.endpoint.url });

mcp.McpRules.enforce(app);
app.synth();
