import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import { reportFault } from '../core/validation';
import { Connections, type NetworkPeer } from '../network/connections';
import type { NetworkSecurityGroup } from '../network/network-security-group';

/**
 * One end of a path at a workload which a service of OCI hosts. It is called over the service's endpoint, on which this stack
 * makes no rules; what it calls itself passes the security group of its subnet.
 */
export class ServiceConnections extends Connections {
  /** @param hosting Name of the hosting class, for messages. */
  public constructor(
    private readonly owner: Construct,
    private readonly hosting: string,
    private readonly group: NetworkSecurityGroup | undefined,
  ) {
    super({ owner, external: true, securityGroupId: group?.securityGroupId }, 443);
  }

  protected openIngress(): ITerraformDependable[] {
    return [];
  }

  protected openEgress(destination: NetworkPeer, port: number): ITerraformDependable[] {
    if (this.group !== undefined) return this.group.connections.allowTo(destination, port, this.owner);
    if (!destination.external) {
      reportFault(this.owner, {
        prop: 'network',
        got: `egress of the service's own, which does not reach ${destination.owner.node.path}`,
        allowed: 'a network whose subnet reaches what the workload calls',
        fix: `pass network to ${this.hosting}`,
      });
    }
    return [];
  }
}
