import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { TerraformOutput, TerraformStack, TerraformVariable } from 'cdktf';
import { OkeCluster, PrivateNetwork } from 'cdktf-oci-mcp';
import type { Construct } from 'constructs';

/** The network and the cluster. The outputs are the other stack's variables, name by name. */
export class FoundationStack extends TerraformStack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const variable = (name: string) => new TerraformVariable(this, name, { type: 'string' }).stringValue;
    const compartmentId = variable('compartment_id');
    new OciProvider(this, 'Oci', { region: variable('region') });

    const network = new PrivateNetwork(this, 'Network', { compartmentId, publicSubnetCidrBlock: '10.0.40.0/24' });
    // A load balancer calls pods from any address of its subnet, so it gets one in which nothing else stands.
    const balancerSubnetId = network.addSubnet('Balancer', '10.0.30.0/28');
    const cluster = new OkeCluster(this, 'Cluster', { compartmentId, network, kubernetesVersion: 'v1.33.1' });

    const outputs = {
      vcn_id: network.vcnId,
      subnet_id: network.subnetId,
      public_subnet_id: network.publicSubnetId,
      balancer_subnet_id: balancerSubnetId,
      cluster_id: cluster.clusterId,
      pod_security_group_id: cluster.podSecurityGroup.peer.securityGroupId,
    };
    for (const [name, value] of Object.entries(outputs)) new TerraformOutput(this, name, { value });
  }
}
