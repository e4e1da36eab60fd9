import { NetworkPolicyV1, type NetworkPolicyV1Spec } from '@cdktf/provider-kubernetes/lib/network-policy-v1';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import { sameReference } from '../../core/references';
import { reportFault } from '../../core/validation';
import { Connections, type NetworkPeer, type PodPeer } from '../../network/connections';
import type { IOkeCluster } from '../oke-cluster';

const anywhere = '0.0.0.0/0';

/** One rule of a NetworkPolicy: TCP ports to or from one kind of peer. */
type Rule = { readonly ports: readonly number[]; readonly peers: readonly PolicyPeer[] };

type PolicyPeer =
  | { readonly ipBlock: { readonly cidr: string } }
  | {
      readonly namespaceSelector: { readonly matchLabels: { [label: string]: string } };
      readonly podSelector: { readonly matchLabels: { [label: string]: string } };
    };

export interface ClusterConnectionsProps {
  readonly cluster: IOkeCluster;
  readonly pods: PodPeer;
  /** Name of the NetworkPolicy. */
  readonly name: string;
  /** TCP port the pods serve. */
  readonly port: number;
  /**
   * What the NetworkPolicy governs. A direction left out is open, or for others to govern; without any there is no policy.
   */
  readonly governs: readonly ('Ingress' | 'Egress')[];
  /** TCP ports the pods may reach anywhere, whatever else is opened later. */
  readonly egressPorts: readonly number[];
}

/**
 * Pods whose NetworkPolicy lets nothing in and only name resolution and `egressPorts` out, until a path is opened.
 * Paths to hosts outside the cluster also become rules of the cluster's pod security group, where it has one.
 */
export class ClusterConnections extends Connections {
  private readonly policy?: NetworkPolicyV1;
  private readonly ingress: Rule[] = [];
  private readonly egress: Rule[];

  public constructor(
    private readonly scope: Construct,
    private readonly props: ClusterConnectionsProps,
  ) {
    super(
      {
        owner: scope,
        pods: props.pods,
        securityGroupId: props.cluster.podSecurityGroup?.peer.securityGroupId,
        cidrBlocks: props.cluster.podCidrBlocks,
      },
      props.port,
    );
    // A rule without ports would open all of them.
    this.egress =
      props.egressPorts.length > 0 ? [{ ports: props.egressPorts, peers: [{ ipBlock: { cidr: anywhere } }] }] : [];
    if (props.governs.length === 0) return;
    const { namespace, labels } = props.pods;
    this.policy = new NetworkPolicyV1(scope, 'NetworkPolicy', {
      metadata: { name: props.name, namespace, labels },
      spec: this.policySpec(),
    });
  }

  protected openIngress(source: NetworkPeer, port: number): ITerraformDependable[] {
    const isWorkload = source.pods !== undefined || source.securityGroupId !== undefined;
    const addresses = isWorkload ? [] : (source.cidrBlocks ?? []);
    const peers = [...this.podsOf(source), ...addresses.map((cidr) => ({ ipBlock: { cidr } }))];
    if (peers.length === 0) {
      reportFault(this.scope, {
        prop: 'connections',
        got: `a path from ${source.owner.node.path}, outside the cluster`,
        allowed: 'callers in the same cluster: a ClusterIP Service has no address outside it',
        fix: 'host the caller on the same cluster',
      });
    }
    return this.add(this.ingress, { ports: [port], peers });
  }

  protected openEgress(destination: NetworkPeer, port: number): ITerraformDependable[] {
    const inCluster = this.podsOf(destination);
    const outside = (destination.cidrBlocks ?? [anywhere]).map((cidr) => ({ ipBlock: { cidr } }));
    const peers = inCluster.length > 0 ? inCluster : outside;
    const opened = this.add(this.egress, { ports: [port], peers });
    const podGroup = this.props.cluster.podSecurityGroup;
    const leavesCluster = inCluster.length === 0 && podGroup !== undefined;
    return leavesCluster ? [...opened, ...podGroup.allowTo(destination, port, this.scope)] : opened;
  }

  private podsOf({ pods }: NetworkPeer): PolicyPeer[] {
    if (pods === undefined || !sameReference(this.scope, pods.clusterId, this.props.pods.clusterId)) return [];
    return [
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': pods.namespace } },
        podSelector: { matchLabels: { ...pods.labels } },
      },
    ];
  }

  private add(rules: Rule[], rule: Rule): ITerraformDependable[] {
    const known = rules.some((existing) => JSON.stringify(existing) === JSON.stringify(rule));
    if (!known && rule.peers.length > 0) rules.push(rule);
    this.policy?.putSpec(this.policySpec());
    return this.policy ? [this.policy] : [];
  }

  private policySpec(): NetworkPolicyV1Spec {
    const { governs, pods } = this.props;
    const ports = (rule: Rule) => rule.ports.map((port) => ({ port: String(port), protocol: 'TCP' }));
    const nameResolution = { ports: ['UDP', 'TCP'].map((protocol) => ({ port: '53', protocol })) };
    const egress = this.egress.map((rule) => ({ ports: ports(rule), to: [...rule.peers] }));
    return {
      podSelector: { matchLabels: { ...pods.labels } },
      policyTypes: [...governs],
      ingress: this.ingress.map((rule) => ({ ports: ports(rule), from: [...rule.peers] })),
      egress: governs.includes('Egress') ? [nameResolution, ...egress] : [],
    };
  }
}
