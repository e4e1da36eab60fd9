import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1';
import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { TerraformOutput, TerraformStack, TerraformVariable } from 'cdktf';
import {
  AddressRange,
  Compartment,
  ContainerInstanceHosting,
  InboundAuth,
  McpGateway,
  McpServer,
  McpServerSource,
  OkeCluster,
  OkeHosting,
  PrivateNetwork,
  StdioHosting,
} from 'cdktf-oci-mcp';
import type { Construct } from 'constructs';

/** Images of your own registry, by digest. The gateway's holds the stdio server at /opt/servers/ocid.js. */
const images = {
  gateway:
    'fra.ocir.io/acme/quickstart-gateway@sha256:3b8d3c6d4b1f0c2f4a8f64e0a2a6c0f8f7e3a9d1c5b7e2f4a6c8e0d2b4f6a8c0',
  planner: 'fra.ocir.io/acme/planner-mcp@sha256:9f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0',
};

/** Four servers in four places, and one gateway in front of them. */
export class McpStack extends TerraformStack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const variable = (name: string) => new TerraformVariable(this, name, { type: 'string' }).stringValue;
    const compartmentId = variable('compartment_id');
    new OciProvider(this, 'Oci', { region: variable('region') });

    const network = PrivateNetwork.fromSubnetAttributes(this, 'Network', {
      vcnId: variable('vcn_id'),
      subnetId: variable('subnet_id'),
    });
    const cluster = OkeCluster.fromClusterAttributes(this, 'Cluster', {
      clusterId: variable('cluster_id'),
      podSecurityGroupId: variable('pod_security_group_id'),
    });
    OkeCluster.kubernetesProvider(this, 'Kubernetes', cluster);
    const namespace = new NamespaceV1(this, 'Namespace', { metadata: { name: 'mcp' } }).metadata.name;

    const ocid = new McpServer(this, 'Ocid', {
      description: 'What an OCID says, as a child process of the gateway',
      source: McpServerSource.command('node', ['/opt/servers/ocid.js']),
      hosting: new StdioHosting(),
    });
    const planner = new McpServer(this, 'Planner', {
      description: 'Address planning, on OKE',
      source: McpServerSource.image(images.planner),
      hosting: new OkeHosting({ cluster, namespace, replicas: 2 }),
    });
    const archive = new McpServer(this, 'Archive', {
      description: 'Address planning, on a Container Instance',
      source: McpServerSource.image(images.planner),
      hosting: new ContainerInstanceHosting({
        network,
        compartmentId,
        imageRepository: { compartmentId, name: 'planner-mcp' },
      }),
    });
    const docs = McpServer.fromEndpoint(this, 'Docs', {
      description: 'A server that somebody else runs',
      url: 'https://mcp.example.com/mcp',
    });

    const gateway = new McpGateway(this, 'Gateway', {
      image: images.gateway,
      hosting: new OkeHosting({ cluster, namespace, replicas: 3 }),
      inboundAuth: InboundAuth.staticTokens({ tokens: { name: 'gateway-tokens', key: 'tokens.json' } }),
      backends: [ocid, planner, archive],
    });
    gateway.addBackend(docs, { allowedTools: ['split_cidr'] });

    gateway.connections.allowFrom(new AddressRange(this, 'LoadBalancers', '10.0.20.0/24'));
    Compartment.fromCompartmentId(this, 'Compartment', compartmentId)
      .grantRead(planner, 'virtual-network-family')
      .applyBefore(planner);
    new TerraformOutput(this, 'gateway_url', { value: gateway.endpoint.url });
  }
}
