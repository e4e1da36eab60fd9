import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1';
import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { TerraformOutput, TerraformStack } from 'cdktf';
import { AddressRange, InboundAuth, McpGateway, OkeCluster, OkeHosting, PrivateNetwork } from 'cdktf-oci-mcp';
import type { Construct } from 'constructs';
import { ContainerServers } from './container-servers';
import { ManagedServers } from './managed-servers';
import { identityDomain, images, variable } from './platform';
import { ServerlessServers } from './serverless-servers';

/** Every host and every managed server, and one gateway in front of them all. */
export class McpStack extends TerraformStack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    new OciProvider(this, 'Oci', { region: variable(this, 'region') });
    const cluster = OkeCluster.fromClusterAttributes(this, 'Cluster', {
      clusterId: variable(this, 'cluster_id'),
      podSecurityGroupId: variable(this, 'pod_security_group_id'),
    });
    OkeCluster.kubernetesProvider(this, 'Kubernetes', cluster);
    const vcnId = variable(this, 'vcn_id');
    const subnetId = variable(this, 'data_science_subnet_id');
    const platform = {
      compartmentId: variable(this, 'compartment_id'),
      network: PrivateNetwork.fromSubnetAttributes(this, 'Network', { vcnId, subnetId: variable(this, 'subnet_id') }),
      dataScience: PrivateNetwork.fromSubnetAttributes(this, 'DataScience', { vcnId, subnetId }),
      cluster,
      namespace: new NamespaceV1(this, 'Namespace', { metadata: { name: 'mcp' } }).metadata.name,
    };
    const { servers: onContainers } = new ContainerServers(this, 'Containers', platform);
    const { servers: serverless } = new ServerlessServers(this, 'Serverless', platform);
    const { servers: managed } = new ManagedServers(this, 'Managed', platform);

    const gateway = new McpGateway(this, 'Gateway', {
      image: images.gateway,
      hosting: new OkeHosting({ cluster, namespace: platform.namespace, replicas: 3 }),
      inboundAuth: InboundAuth.jwt({
        issuer: 'https://identity.oraclecloud.com/',
        audiences: ['mcp-gateway'],
        jwksUri: `${identityDomain}/admin/v1/SigningCert/jwk`,
      }),
      backends: [...onContainers, ...serverless, ...managed],
    });
    gateway.connections.allowFrom(new AddressRange(this, 'LoadBalancers', '10.0.20.0/24'));
    new TerraformOutput(this, 'gateway_url', { value: gateway.endpoint.url });
  }
}
