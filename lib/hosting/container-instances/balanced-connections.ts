import type { ITerraformDependable } from 'cdktf';
import type { Connections, IConnectable } from '../../network/connections';
import { type NetworkSecurityGroup, SecurityGroupConnections } from '../../network/network-security-group';

/** Replicas behind a balancer: callers are let into the balancer, and what replicas call themselves leaves their own group. */
export class BalancedConnections extends SecurityGroupConnections {
  public constructor(
    replicas: NetworkSecurityGroup,
    private readonly balancer: Connections,
  ) {
    super(replicas, replicas.securityGroupId, { port: balancer.defaultPort });
  }

  public override allowFrom(other: IConnectable, port?: number): ITerraformDependable[] {
    return this.balancer.allowFrom(other, port);
  }
}
