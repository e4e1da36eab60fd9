import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { App, TerraformOutput, TerraformStack, TerraformVariable } from 'cdktf';
import {
  ApiGatewayEdge,
  ContainerInstanceHosting,
  FunctionHosting,
  IdentityDomain,
  IdentityDomainApp,
  InboundAuth,
  LoadBalancerEdge,
  McpGateway,
  McpRules,
  McpServer,
  McpServerSource,
  Monitoring,
  OciCache,
  OkeCluster,
  OkeHosting,
  OutboundAuth,
  PlatformReport,
  PrivateNetwork,
  VaultSecret,
} from 'cdktf-oci-mcp';
import type { Construct } from 'constructs';

/** Images of your own registry, by tag and digest: some hosts take one of them, some the other. */
const image = (name: string, start: string) => `fra.ocir.io/acme/${name}:1.4.0@sha256:${start.repeat(4)}`;

/**
 * The same flow as in the example secure-platform, by a team that owns one compartment and nothing in the tenancy: the network,
 * the cluster and its namespace, the API Gateway, the vault, the cache, the log group, the topic, the APM domain, the functions'
 * application and the applications of the identity domain are other people's, and every policy stands in the compartment.
 */
class BringYourOwnStack extends TerraformStack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const variable = (name: string) => new TerraformVariable(this, name, { type: 'string' }).stringValue;
    const compartmentId = variable('compartment_id');
    new OciProvider(this, 'Oci', { region: variable('region') });
    const secret = (name: string) =>
      VaultSecret.fromSecretAttributes(this, name, { secretId: variable(`${name}_secret_id`), compartmentId });

    const network = PrivateNetwork.fromSubnetAttributes(this, 'Network', {
      vcnId: variable('vcn_id'),
      subnetId: variable('subnet_id'),
    });
    const cluster = OkeCluster.fromClusterAttributes(this, 'Cluster', {
      clusterId: variable('cluster_id'),
      podSecurityGroupId: variable('pod_security_group_id'),
    });
    OkeCluster.kubernetesProvider(this, 'Kubernetes', cluster);
    const monitoring = new Monitoring(this, 'Monitoring', {
      compartmentId,
      logGroupId: variable('log_group_id'),
      notifications: { topicId: variable('topic_id') },
      apm: { domainId: variable('apm_domain_id'), dataKey: secret('trace_key') },
    });
    const cache = OciCache.fromCacheAttributes(this, 'Cache', {
      host: variable('cache_host'),
      securityGroupId: variable('cache_security_group_id'),
      username: 'mcp-gateway',
      password: secret('cache_password'),
    });

    const domain = IdentityDomain.fromUrl(this, 'Domain', variable('identity_domain_url'));
    const audience = 'https://mcp.acme.example/';
    const scopes = ['logs', 'costs'];
    const api = IdentityDomainApp.fromAttributes(this, 'Api', { domain, audience, scopes });
    const operations = IdentityDomainApp.fromAttributes(this, 'Operations', { domain, clientId: 'operations' });

    const logs = new McpServer(this, 'Logs', {
      source: McpServerSource.image(image('logs-mcp', '9f1e2d3c4b5a6978')),
      hosting: new OkeHosting({ cluster, namespace: 'mcp' }),
      monitoring,
    });
    const inventory = new McpServer(this, 'Inventory', {
      source: McpServerSource.image(image('inventory-mcp', '5a6b7c8d9e0f1a2b')),
      hosting: new ContainerInstanceHosting({ network, compartmentId }),
      monitoring,
    });
    const costs = new McpServer(this, 'Costs', {
      source: McpServerSource.image(image('costs-mcp', '2c4d6e8f0a1b3c5d')),
      hosting: new FunctionHosting({ applicationId: variable('application_id'), compartmentId }),
    });
    const docs = McpServer.fromEndpoint(this, 'Docs', {
      url: 'https://mcp.example.com/mcp',
      outboundAuth: OutboundAuth.bearerToken(secret('docs_token')),
    });

    const gateway = new McpGateway(this, 'Gateway', {
      image: image('oci-mcp-gateway', '3b8d3c6d4b1f0c2f'),
      hosting: new OkeHosting({ cluster, namespace: 'mcp', replicas: 3 }),
      inboundAuth: InboundAuth.identityDomain(api),
      sharedState: cache,
      sealingKey: secret('sealing_key'),
      monitoring,
      backends: [logs, inventory, costs, docs],
    });
    gateway.grantInvoke(operations, { scope: 'logs', tools: ['logs_*', 'inventory_*', 'docs_search'] });
    gateway.grantInvoke(operations, { scope: 'costs', tools: ['costs_*'] });

    const balancer = new LoadBalancerEdge(this, 'Balancer', {
      compartmentId,
      network,
      subnetId: variable('balancer_subnet_id'),
      target: gateway,
      hostname: 'mcp-gateway.acme.example',
      tlsSecretName: 'gateway-tls',
    });
    const edge = new ApiGatewayEdge(this, 'Edge', {
      compartmentId,
      apiGateway: {
        gatewayId: variable('api_gateway_id'),
        compartmentId,
        securityGroupId: variable('api_gateway_security_group_id'),
      },
      target: balancer,
      monitoring,
    });
    new TerraformOutput(this, 'mcp_url', { value: edge.url });
  }
}

const app = new App();
new BringYourOwnStack(app, 'bring-your-own');
McpRules.enforce(app);
PlatformReport.write(app);
app.synth();
