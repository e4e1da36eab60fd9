import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { TerraformOutput, TerraformStack, TerraformVariable } from 'cdktf';
import { OkeCluster, PrivateNetwork } from 'cdktf-oci-mcp';
import type { Construct } from 'constructs';

/** The network and the cluster. The outputs are the other stack's variables, name by name. */
export class PlatformStack extends TerraformStack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const variable = (name: string) => new TerraformVariable(this, name, { type: 'string' }).stringValue;
    const compartmentId = variable('compartment_id');
    new OciProvider(this, 'Oci', { region: variable('region') });

    const network = new PrivateNetwork(this, 'Network', { compartmentId });
    // What Data Science puts into a subnet joins no security group, so this one lets HTTPS out by itself.
    const dataScience = network.addSubnet('DataScience', '10.0.30.0/24', { egressPorts: [443] });
    const cluster = new OkeCluster(this, 'Cluster', { compartmentId, network, kubernetesVersion: 'v1.33.1' });

    const outputs = {
      vcn_id: network.vcnId,
      subnet_id: network.subnetId,
      data_science_subnet_id: dataScience,
      cluster_id: cluster.clusterId,
      pod_security_group_id: cluster.podSecurityGroup.peer.securityGroupId,
    };
    for (const [name, value] of Object.entries(outputs)) new TerraformOutput(this, name, { value });
  }
}
