import { ServiceV1 } from '@cdktf/provider-kubernetes/lib/service-v1';
import { DataOciCoreSubnet } from '@cdktf/provider-oci/lib/data-oci-core-subnet';
import { TerraformStack, Token } from 'cdktf';
import { Construct } from 'constructs';
import { workloadNameOf } from '../../core/names';
import { reportFault } from '../../core/validation';
import type { IEdgeTarget } from '../../mcp/edge-target';
import { AddressRange } from '../../network/address-range';
import type { Connections, PodPeer } from '../../network/connections';
import { NetworkSecurityGroup, SecurityGroupConnections } from '../../network/network-security-group';
import { type AnnotatedBalancer, serviceAnnotations } from './service-annotations';

interface ServiceLoadBalancerProps extends Omit<AnnotatedBalancer, 'securityGroupId' | 'port'> {
  readonly compartmentId: string;
  readonly vcnId: string;
  readonly target: IEdgeTarget;
  readonly pods: PodPeer;
  /** TCP port of the pods. */
  readonly podPort: number;
  /** TCP port that clients connect to. */
  readonly port: number;
  readonly nodeSecurityGroupId?: string;
}

/**
 * A Kubernetes Service for which OKE makes a balancer. The balancer sends to a port of the nodes that have ready pods, and a
 * node passes on to its own pods only: so they see the balancer's address, which their NetworkPolicy can name, and one client
 * stays at one node.
 * @see https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengcreatingloadbalancer.htm
 */
export class ServiceLoadBalancer extends Construct {
  public readonly connections: Connections;
  private readonly service: ServiceV1;

  public constructor(
    scope: Construct,
    id: string,
    private readonly props: ServiceLoadBalancerProps,
  ) {
    super(scope, id);
    const { compartmentId, vcnId, port, podPort, pods, target } = props;
    const group = new NetworkSecurityGroup(this, 'SecurityGroup', { compartmentId, vcnId });
    const { securityGroupId } = group;
    this.service = new ServiceV1(this, 'Resource', {
      metadata: {
        name: workloadNameOf(scope),
        namespace: pods.namespace,
        annotations: serviceAnnotations({ ...props, securityGroupId }),
      },
      spec: {
        type: 'LoadBalancer',
        externalTrafficPolicy: 'Local',
        // Anything else makes OKE refuse the Service.
        sessionAffinity: 'None',
        selector: { ...pods.labels },
        port: [{ name: 'mcp', port, targetPort: String(podPort), protocol: 'TCP' }],
      },
      waitForLoadBalancer: false,
    });
    this.node.defaultChild = this.service;
    const source = this.sourceCidrBlock();
    this.connections = new SecurityGroupConnections(group, securityGroupId, {
      port,
      cidrBlocks: [source],
    });
    this.openPods(target, source);
    const { spec } = this.service;
    for (const nodePort of [spec.port.get(0).nodePort, spec.healthCheckNodePort]) {
      this.openNodePort(group.connections, nodePort);
    }
  }

  /** Once it is asked for, Terraform waits until OKE has made the balancer and tells its address. */
  public get ipAddress(): string {
    if (this.props.privateIp !== undefined) return this.props.privateIp;
    this.service.waitForLoadBalancer = true;
    return this.service.status.get(0).loadBalancer.get(0).ingress.get(0).ip;
  }

  /** The pods' own stack would have to wait for an address of this one. */
  private openPods(target: IEdgeTarget, cidrBlock: string): void {
    if (TerraformStack.of(target) !== TerraformStack.of(this) && Token.isUnresolved(cidrBlock)) {
      reportFault(this, {
        prop: 'target',
        got: `pods of the stack ${TerraformStack.of(target).node.path}`,
        allowed: 'pods of the same stack, whose NetworkPolicy names the address of the balancer',
        fix: 'make the edge in the stack of its target, or pass a literal privateIp',
      });
      return;
    }
    target.connections.allowFrom(new AddressRange(this, 'Addresses', cidrBlock));
  }

  /** A load balancer is a pair of machines, each with an address of its own in the subnet. */
  private sourceCidrBlock(): string {
    const { type, subnetId } = this.props;
    if (type === 'NETWORK_LOAD_BALANCER') return `${this.ipAddress}/32`;
    return new DataOciCoreSubnet(this, 'Subnet', { subnetId }).cidrBlock;
  }

  private openNodePort(group: SecurityGroupConnections, nodePort: number): void {
    const { peer } = this.props.target.connections;
    const nodesGroupId = this.props.nodeSecurityGroupId ?? peer.securityGroupId;
    if (nodesGroupId !== undefined) {
      const nodes = (this.node.tryFindChild('Nodes') as Construct | undefined) ?? new Construct(this, 'Nodes');
      new SecurityGroupConnections(nodes, nodesGroupId).allowFrom(group, nodePort);
    } else if (peer.cidrBlocks !== undefined) {
      group.allowTo(peer, nodePort, this);
    } else {
      reportFault(this, {
        prop: 'nodeSecurityGroupId',
        got: undefined,
        allowed: 'the OCID of the network security group of the nodes, which take in what the balancer sends',
        fix: 'pass nodeSecurityGroupId, or give the cluster podSecurityGroupId or podCidrBlocks',
      });
    }
  }
}
