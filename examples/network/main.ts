import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { App, TerraformOutput, TerraformStack, TerraformVariable } from 'cdktf';
import { AddressRange, NetworkSecurityGroup, OkeCluster, PrivateNetwork } from 'cdktf-oci-mcp';
import type { Construct } from 'constructs';

/** From where your clients call. */
const officeAddresses = '203.0.113.0/24';

/** A network with a public edge, and a cluster of virtual nodes whose pods may use what lies in another compartment. */
class NetworkStack extends TerraformStack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const variable = (name: string) => new TerraformVariable(this, name, { type: 'string' }).stringValue;
    const compartmentId = variable('compartment_id');
    new OciProvider(this, 'Oci', { region: variable('region') });

    const network = new PrivateNetwork(this, 'Network', { compartmentId, publicSubnetCidrBlock: '10.0.30.0/24' });
    const cluster = new OkeCluster(this, 'Cluster', {
      compartmentId,
      network,
      kubernetesVersion: 'v1.33.1',
      virtualNodes: {},
      availabilityDomains: 'ALL',
    });
    cluster.mapNamespace('mcp', variable('data_compartment_id'));

    // Clients reach the load balancer, the load balancer reaches the gateway's pods, and nobody else does.
    const { vcnId } = network;
    const balancer = new NetworkSecurityGroup(this, 'Balancer', { compartmentId, vcnId, port: 443 });
    balancer.connections.allowFrom(new AddressRange(this, 'Office', officeAddresses));
    cluster.podSecurityGroup.allowFrom(balancer, 9000);
    new TerraformOutput(this, 'cluster_id', { value: cluster.clusterId });
    new TerraformOutput(this, 'public_subnet_id', { value: network.publicSubnetId });
    new TerraformOutput(this, 'balancer_group_id', { value: balancer.securityGroupId });
  }
}

const app = new App();
new NetworkStack(app, 'network');
app.synth();
