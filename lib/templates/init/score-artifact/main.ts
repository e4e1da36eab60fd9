import { LoggingLogGroup } from '@cdktf/provider-oci/lib/logging-log-group';
import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { App, TerraformOutput, TerraformStack, TerraformVariable } from 'cdktf';
import * as mcp from 'cdktf-oci-mcp';

const app = new App();
const stack = new TerraformStack(app, '{{name}}');
const variable = (name: string) => new TerraformVariable(stack, name, { type: 'string' }).stringValue;
const compartmentId = variable('compartment_id');
new OciProvider(stack, 'Oci', { region: variable('region') });

const network = new mcp.PrivateNetwork(stack, 'Network', { compartmentId });
const logs = new LoggingLogGroup(stack, 'Logs', { compartmentId, displayName: '{{name}}' });

const hello = new mcp.McpServer(stack, 'Hello', {
  description: 'Greets people',
  source: mcp.McpServerSource.scoreArtifact('servers/hello'),
  hosting: new mcp.ModelDeploymentHosting({
    compartmentId,
    logGroupId: logs.id,
    // A conda environment of yours with the packages of servers/hello/requirements.txt.
    condaEnvironment: {
      path: 'oci://conda-environments@acme/cpu/mcp/1.0/mcp_p312_cpu_x86_64_v1',
      pythonVersion: '3.12',
    },
  }),
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
