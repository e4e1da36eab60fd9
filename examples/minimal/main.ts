import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1';
import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { App, TerraformStack, TerraformVariable } from 'cdktf';
import * as mcp from 'cdktf-oci-mcp';

const app = new App();
const stack = new TerraformStack(app, 'minimal');
const variable = (name: string) => new TerraformVariable(stack, name, { type: 'string' }).stringValue;
new OciProvider(stack, 'Oci', { region: variable('region') });

const cluster = mcp.OkeCluster.fromClusterAttributes(stack, 'Cluster', { clusterId: variable('cluster_id') });
mcp.OkeCluster.kubernetesProvider(stack, 'Kubernetes', cluster);
const namespace = new NamespaceV1(stack, 'Namespace', { metadata: { name: 'mcp' } }).metadata.name;

const logs = new mcp.McpServer(stack, 'Logs', {
  source: mcp.McpServerSource.image('fra.ocir.io/acme/logs-mcp:1.4.0'),
  hosting: new mcp.OkeHosting({ cluster, namespace, replicas: 2 }),
});
const docs = mcp.McpServer.fromEndpoint(stack, 'Docs', { url: 'https://mcp.example.com/mcp' });

const issuer = 'https://login.example.com/';
const gateway = new mcp.McpGateway(stack, 'Gateway', {
  image: 'fra.ocir.io/acme/oci-mcp-gateway:0.1.0',
  hosting: new mcp.OkeHosting({ cluster, namespace, replicas: 3 }),
  inboundAuth: mcp.InboundAuth.jwt({ issuer, audiences: ['mcp'], jwksUri: `${issuer}.well-known/jwks.json` }),
  backends: [logs],
});
gateway.addBackend(docs, { allowedTools: ['search'] });
gateway.connections.allowFrom(new mcp.AddressRange(stack, 'LoadBalancers', '10.0.20.0/24'));
app.synth();
