import { Annotations, type TerraformResource } from 'cdktf';
import type { Construct } from 'constructs';
import { IdentityPolicy } from '../../iam/identity-policy';
import { PolicyVerb } from '../../iam/policy-statement';
import { principalNamed } from '../../iam/principal';
import { type IPrivateNetwork, PrivateNetwork } from '../../network/private-network';

/** A subnet in which Data Science attaches what it runs. */
export interface AttachedSubnet {
  readonly network: IPrivateNetwork;
  /** OCID of the compartment of the network. */
  readonly compartmentId: string;
}

/**
 * Permits the service to attach `resource` to a subnet. It joins no network security group there, which it warns about where
 * the subnet's security list is known to let nothing out.
 * @see https://docs.oracle.com/en-us/iaas/data-science/using/model-dep-create-cus-net.htm
 */
export function permitAttaching(scope: Construct, subnet: AttachedSubnet, resource: TerraformResource): void {
  const { network, compartmentId } = subnet;
  if (network instanceof PrivateNetwork) {
    Annotations.of(scope).addWarning(
      `network: nothing gets out of the subnet of ${network.node.path}, whose security list is empty, and no network security group applies to Data Science; add a subnet with egressPorts, and pass it with PrivateNetwork.fromSubnetAttributes`,
    );
  }
  IdentityPolicy.allow({
    grantee: { grantPrincipal: principalNamed(scope, 'service datascience') },
    verb: PolicyVerb.USE,
    resourceType: 'virtual-network-family',
    compartmentId,
  }).applyBefore(resource);
}
