import { CoreNetworkSecurityGroup } from '@cdktf/provider-oci/lib/core-network-security-group';
import { CoreNetworkSecurityGroupSecurityRule } from '@cdktf/provider-oci/lib/core-network-security-group-security-rule';
import { type ITerraformDependable, TerraformStack, Token } from 'cdktf';
import { Construct } from 'constructs';
import { nameOf, qualifiedNameOf, shorten } from '../core/names';
import { sameReference } from '../core/references';
import { reportFault } from '../core/validation';
import { Connections, type NetworkPeer } from './connections';

/** The protocol number of TCP, as security rules name it. */
const tcp = '6';

export interface NetworkSecurityGroupProps {
  /** OCID of the compartment. */
  readonly compartmentId: string;
  /** OCID of the VCN. */
  readonly vcnId: string;
  /** The TCP port its members serve, 1 to 65535. @default - they serve none */
  readonly port?: number;
}

/** A network security group made for one workload. It starts empty: nothing in, nothing out. */
export class NetworkSecurityGroup extends Construct {
  public readonly securityGroupId: string;
  public readonly connections: SecurityGroupConnections;

  public constructor(scope: Construct, id: string, props: NetworkSecurityGroupProps) {
    super(scope, id);
    const group = new CoreNetworkSecurityGroup(this, 'Resource', {
      compartmentId: props.compartmentId,
      vcnId: props.vcnId,
      displayName: qualifiedNameOf(this, 255),
    });
    this.node.defaultChild = group;
    this.securityGroupId = group.id;
    this.connections = new SecurityGroupConnections(this, group.id, { port: props.port });
  }
}

/** One end of a path whose rules stand in a network security group, made here or imported. */
export class SecurityGroupConnections extends Connections {
  /**
   * @param options.port The TCP port the members serve.
   * @param options.cidrBlocks Addresses of the members, for peers that cannot name the group.
   */
  public constructor(
    private readonly scope: Construct,
    private readonly securityGroupId: string,
    options: { readonly port?: number; readonly cidrBlocks?: readonly string[] } = {},
  ) {
    super({ owner: scope, securityGroupId, cidrBlocks: options.cidrBlocks }, options.port);
  }

  /** Lets packets out to a TCP port of every address there is. */
  public allowToInternet(port: number): ITerraformDependable[] {
    return [this.rule('EGRESS', internet, port, this.scope)];
  }

  /**
   * Lets packets of members out to a TCP port of `destination`, whose own side is opened elsewhere.
   * @param caller The member for which this is done.
   */
  public allowTo(destination: NetworkPeer, port: number, caller: Construct): ITerraformDependable[] {
    return this.openEgress(destination, port, caller);
  }

  /** Lets everything pass among the members of this group, as the nodes and pods of a cluster need it. */
  public allowAmongMembers(): void {
    for (const direction of ['INGRESS', 'EGRESS'] as const) {
      new CoreNetworkSecurityGroupSecurityRule(this.scope, `Members-${direction.toLowerCase()}`, {
        networkSecurityGroupId: this.securityGroupId,
        direction,
        protocol: 'all',
        stateless: false,
        description: 'Everything among members of this group',
        ...endOf(direction, { type: 'NETWORK_SECURITY_GROUP', value: this.securityGroupId }),
      });
    }
  }

  protected openIngress(source: NetworkPeer, port: number): ITerraformDependable[] {
    return this.endsOf(source).map((end) => this.rule('INGRESS', end, port, source.owner));
  }

  protected openEgress(destination: NetworkPeer, port: number, caller = this.scope): ITerraformDependable[] {
    const ends = destination.external ? [internet] : this.endsOf(destination);
    return ends.map((end) => this.rule('EGRESS', end, port, caller));
  }

  private endsOf(peer: NetworkPeer): RuleEnd[] {
    const name = nameOf(peer.owner);
    if (peer.securityGroupId !== undefined) {
      return [{ name, type: 'NETWORK_SECURITY_GROUP', value: peer.securityGroupId }];
    }
    if (peer.cidrBlocks !== undefined) {
      return peer.cidrBlocks.map((value, i) => ({
        name: i === 0 ? name : `${name}-${i + 1}`,
        type: 'CIDR_BLOCK',
        value,
      }));
    }
    reportFault(this.scope, {
      prop: 'connections',
      got: `a path to or from ${peer.owner.node.path}, which has no address in a VCN`,
      allowed: 'ends with a network security group or a CIDR block',
      fix: 'give its cluster podSecurityGroupId or podCidrBlocks',
    });
    return [];
  }

  private rule(direction: Direction, end: RuleEnd, port: number, caller: Construct): ITerraformDependable {
    const ingress = direction === 'INGRESS';
    const isRemote = TerraformStack.of(caller) !== TerraformStack.of(this.scope);
    // The caller's stack knows this one, and not the other way round: the rule stands where both can be named.
    const scope = isRemote ? caller : this.scope;
    const about = `${ingress ? 'From' : 'To'}-${end.name}`;
    const { id, existing } = this.place(scope, isRemote ? `${nameOf(this.scope)}-${about}` : about, end, port);
    if (existing !== undefined) return existing;
    return new CoreNetworkSecurityGroupSecurityRule(scope, id, {
      networkSecurityGroupId: this.securityGroupId,
      direction,
      protocol: tcp,
      stateless: false,
      description: `TCP ${port} ${ingress ? 'from' : 'to'} ${end.name}`,
      ...endOf(direction, end),
      tcpOptions: { destinationPortRange: { min: port, max: port } },
    });
  }

  /**
   * The rule about the same group, end and port, or the id of a new one. Ends of different groups and stacks may share a
   * derived name, and a port that is a reference has no text that could stand in an id: further rules of a name are numbered.
   */
  private place(scope: Construct, about: string, end: RuleEnd, port: number): RulePlace {
    const [base, separator] = Token.isUnresolved(port) ? [`${about}-port`, ''] : [`${about}-${port}`, '-'];
    for (let number = 1; ; number++) {
      const id = shorten(number === 1 ? base : `${base}${separator}${number}`, 120);
      const existing = scope.node.tryFindChild(id);
      if (!(existing instanceof CoreNetworkSecurityGroupSecurityRule)) return { id };
      if (this.isAbout(existing, end, port)) return { id, existing };
    }
  }

  private isAbout(rule: CoreNetworkSecurityGroupSecurityRule, end: RuleEnd, port: number): boolean {
    const value = rule.sourceInput ?? rule.destinationInput ?? '';
    return (
      rule.tcpOptions.destinationPortRange.minInput === port &&
      sameReference(rule, rule.networkSecurityGroupIdInput ?? '', this.securityGroupId) &&
      sameReference(rule, value, end.value)
    );
  }
}

/** Where a rule stands in the construct tree, and the rule that is there already. */
interface RulePlace {
  readonly id: string;
  readonly existing?: CoreNetworkSecurityGroupSecurityRule;
}

type Direction = 'INGRESS' | 'EGRESS';

/** What a rule names as its source or destination. */
interface RuleEnd {
  readonly name: string;
  readonly type: 'NETWORK_SECURITY_GROUP' | 'CIDR_BLOCK';
  readonly value: string;
}

const internet: RuleEnd = { name: 'internet', type: 'CIDR_BLOCK', value: '0.0.0.0/0' };

function endOf(direction: Direction, end: Omit<RuleEnd, 'name'>) {
  return direction === 'INGRESS'
    ? { source: end.value, sourceType: end.type }
    : { destination: end.value, destinationType: end.type };
}
