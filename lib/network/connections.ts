import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';

/** Pods of one workload, as a NetworkPolicy selects them. */
export interface PodPeer {
  /** OCID of the cluster. */
  readonly clusterId: string;
  /** Kubernetes namespace. */
  readonly namespace: string;
  /** Labels that every pod of the workload has and no other pod. */
  readonly labels: { readonly [name: string]: string };
}

/** The ways in which one end of a path can be named in a rule at the other end. What cannot be named is left out. */
export interface NetworkPeer {
  /** The construct that has this end, for messages. */
  readonly owner: Construct;
  readonly pods?: PodPeer;
  /** OCID of the network security group of its VNICs. */
  readonly securityGroupId?: string;
  /** Addresses of its VNICs in CIDR notation. */
  readonly cidrBlocks?: readonly string[];
  /** True for what is reached over public or peered networks, on which this stack makes no rules. */
  readonly external?: boolean;
}

/** Anything that can be an end of a network path. */
export interface IConnectable {
  readonly connections: Connections;
}

/** Opens one TCP port at both ends: network security group rules in a VCN, NetworkPolicies inside a cluster. */
export abstract class Connections implements IConnectable {
  public readonly connections: Connections = this;

  /**
   * @param peer How the other end of a path names this one.
   * @param defaultPort The TCP port this end serves, 1 to 65535; undefined for one that serves none.
   */
  protected constructor(
    public readonly peer: NetworkPeer,
    public readonly defaultPort?: number,
  ) {}

  /**
   * Lets `other` connect to this end.
   * @param port TCP port. @default - the port this end serves
   * @returns what must exist before the path is open
   */
  public allowFrom(other: IConnectable, port: number | undefined = this.defaultPort): ITerraformDependable[] {
    if (port === undefined) return [];
    const { connections } = other;
    return [...this.openIngress(connections.peer, port), ...connections.openEgress(this.peer, port)];
  }

  /** Lets packets of `source` in on `port`. */
  protected abstract openIngress(source: NetworkPeer, port: number): ITerraformDependable[];

  /** Lets packets out to `port` of `destination`. */
  protected abstract openEgress(destination: NetworkPeer, port: number): ITerraformDependable[];
}

/** An end for which this stack makes no rules: a server somewhere else, or a process that is called without a network. */
export class ExternalConnections extends Connections {
  /** @param port The TCP port it serves; undefined where no network leads to it. */
  public constructor(owner: Construct, port?: number) {
    super({ owner, external: true }, port);
  }

  protected openIngress(): ITerraformDependable[] {
    return [];
  }

  protected openEgress(): ITerraformDependable[] {
    return [];
  }
}
