import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { App, TerraformStack, TerraformVariable } from 'cdktf';
import { InboundAuth, McpGateway, McpServer, McpServerSource, OkeCluster, OkeHosting } from 'cdktf-oci-mcp';

const app = new App();
const stack = new TerraformStack(app, 'minimal');
const variable = (name: string) => new TerraformVariable(stack, name, { type: 'string' }).stringValue;
new OciProvider(stack, 'Oci', { region: variable('region') });

const cluster = OkeCluster.fromClusterAttributes(stack, 'Cluster', { clusterId: variable('cluster_id') });
OkeCluster.kubernetesProvider(stack, 'Kubernetes', cluster);

const logs = new McpServer(stack, 'Logs', {
  source: McpServerSource.image('fra.ocir.io/acme/logs-mcp:1.4.0'),
  hosting: new OkeHosting({ cluster, namespace: 'mcp', replicas: 2 }),
});
const docs = McpServer.fromEndpoint(stack, 'Docs', { url: 'https://mcp.example.com/mcp' });

const gateway = new McpGateway(stack, 'Gateway', {
  image: 'fra.ocir.io/acme/oci-mcp-gateway:0.1.0',
  hosting: new OkeHosting({ cluster, namespace: 'mcp', replicas: 3 }),
  inboundAuth: InboundAuth.jwt({
    issuer: 'https://login.example.com/',
    audiences: ['mcp'],
    jwksUri: 'https://login.example.com/.well-known/jwks.json',
  }),
  backends: [logs],
});
gateway.addBackend(docs, { allowedTools: ['search'] });
app.synth();
