import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1';
import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { TerraformOutput, TerraformStack, TerraformVariable } from 'cdktf';
import {
  ApiGatewayEdge,
  ClientConfiguration,
  IdentityDomain,
  IdentityDomainApp,
  InboundAuth,
  LoadBalancerEdge,
  McpGateway,
  Monitoring,
  OciCache,
  OkeCluster,
  OkeHosting,
  PrivateNetwork,
  VaultSecret,
} from 'cdktf-oci-mcp';
import type { Construct } from 'constructs';
import { images } from './images';
import { Servers } from './servers';

/**
 * The flow of a call, every hop of which proves itself: a client's token is checked at the API Gateway and again at the MCP
 * gateway, which calls each server with an identity that may do nothing else.
 */
export class McpStack extends TerraformStack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const variable = (name: string) => new TerraformVariable(this, name, { type: 'string' }).stringValue;
    const compartmentId = variable('compartment_id');
    new OciProvider(this, 'Oci', { region: variable('region') });

    const network = PrivateNetwork.fromSubnetAttributes(this, 'Network', {
      vcnId: variable('vcn_id'),
      subnetId: variable('subnet_id'),
      publicSubnetId: variable('public_subnet_id'),
    });
    const cluster = OkeCluster.fromClusterAttributes(this, 'Cluster', {
      clusterId: variable('cluster_id'),
      podSecurityGroupId: variable('pod_security_group_id'),
    });
    OkeCluster.kubernetesProvider(this, 'Kubernetes', cluster);
    const namespace = new NamespaceV1(this, 'Namespace', { metadata: { name: 'mcp' } }).metadata.name;

    // Values that somebody else hands out are put into Vault by hand, and Terraform knows no more than where they are.
    const secret = (name: string) =>
      VaultSecret.fromSecretAttributes(this, name, {
        secretId: variable(`${snakeCase(name)}_secret_id`),
        compartmentId,
      });
    const monitoring = new Monitoring(this, 'Monitoring', {
      compartmentId,
      notifications: { emails: ['mcp-on-call@acme.example'] },
      apm: { dataKey: secret('TraceKey') },
    });
    // Only pods reach the cluster, over TLS. Where they do not trust each other, give it a password.
    const cache = new OciCache(this, 'Cache', { compartmentId, network, password: 'none' });
    // 32 characters that Vault makes up, and that the gateway alone may read.
    const sealingKey = new VaultSecret(this, 'SealingKey', {
      compartmentId,
      vaultId: variable('vault_id'),
      keyId: variable('vault_key_id'),
    });

    const domain = IdentityDomain.fromUrl(this, 'Domain', variable('identity_domain_url'));
    const api = new IdentityDomainApp(this, 'Api', { domain, resource: { audience: 'https://mcp.acme.example/' } });
    const operations = new IdentityDomainApp(this, 'Operations', {
      domain,
      client: { grants: ['client_credentials'] },
    });
    const finance = new IdentityDomainApp(this, 'Finance', { domain, client: { grants: ['client_credentials'] } });

    const { logs, inventory, costs } = new Servers(this, 'Servers', {
      compartmentId,
      network,
      cluster,
      namespace,
      monitoring,
    });
    const gateway = new McpGateway(this, 'Gateway', {
      image: images.gateway,
      hosting: new OkeHosting({ cluster, namespace, replicas: 3 }),
      inboundAuth: InboundAuth.identityDomain(api),
      sharedState: cache,
      sealingKey,
      monitoring,
      backends: [logs, inventory, costs],
    });
    gateway.grantInvoke(operations, { tools: ['logs_*', 'inventory_*'] });
    gateway.grantInvoke(finance, { tools: ['costs_*'] });

    // TLS from the API Gateway on: the Secret holds a certificate that it trusts, and the name leads to the balancer.
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
      network,
      target: balancer,
      endpoint: 'PUBLIC',
      rateLimit: { requestsPerSecond: 50 },
      monitoring,
    });
    new TerraformOutput(this, 'mcp_url', { value: edge.url });
    new ClientConfiguration(this, 'Clients', { gateway, url: edge.url, clients: ['claude-code', 'vscode', 'cursor'] });
  }
}

/** `CachePassword` as Terraform's variables are named: `cache_password`. */
function snakeCase(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase();
}
