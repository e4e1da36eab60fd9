import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { App, TerraformOutput, TerraformStack, TerraformVariable } from 'cdktf';
import * as mcp from 'cdktf-oci-mcp';

const app = new App();
const stack = new TerraformStack(app, '{{name}}');
const variable = (name: string) => new TerraformVariable(stack, name, { type: 'string' }).stringValue;
const compartmentId = variable('compartment_id');
new OciProvider(stack, 'Oci', { region: variable('region') });

const network = new mcp.PrivateNetwork(stack, 'Network', { compartmentId });
const monitoring = new mcp.Monitoring(stack, 'Monitoring', { compartmentId });
const images = new mcp.ContainerRepository(stack, 'Servers', { compartmentId, name: '{{name}}/servers' });
mcp.ContainerImage.dockerProvider(stack, 'Docker', { repositories: [images] });

/** The image of a folder below `servers`, built when the stack is applied. */
const image = (folder: string, template: mcp.ImageTemplate) =>
  mcp.McpServerSource.image(
    mcp.ContainerImage.fromDirectory(stack, `${folder}-image`, {
      directory: `servers/${folder}`,
      template,
      repository: images,
    }),
  );

const hello = new mcp.McpServer(stack, 'Hello', {
  description: 'Greets people, in Python',
  source: image('hello', mcp.ImageTemplate.PYTHON_SERVER),
  hosting: new mcp.ContainerInstanceHosting({ network, compartmentId }),
});
const convert = new mcp.McpServer(stack, 'Convert', {
  description: 'Converts amounts of memory, in Node',
  source: image('convert', mcp.ImageTemplate.NODE_SERVER),
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
  monitoring,
  backends: [hello, convert],
});
const edge = new mcp.ApiGatewayEdge(stack, 'Edge', { compartmentId, network, target: gateway, monitoring });
edge.connections.allowFrom(new mcp.AddressRange(stack, 'Vcn', '10.0.0.0/16'));
new TerraformOutput(stack, 'gateway_url', { value: edge.url });

mcp.McpRules.enforce(app);
mcp.PlatformReport.write(app);
app.synth();
