import { CoreInternetGateway } from '@cdktf/provider-oci/lib/core-internet-gateway';
import { CoreNatGateway } from '@cdktf/provider-oci/lib/core-nat-gateway';
import { CoreRouteTable } from '@cdktf/provider-oci/lib/core-route-table';
import { CoreSecurityList } from '@cdktf/provider-oci/lib/core-security-list';
import { CoreServiceGateway } from '@cdktf/provider-oci/lib/core-service-gateway';
import { CoreSubnet } from '@cdktf/provider-oci/lib/core-subnet';
import { CoreVcn } from '@cdktf/provider-oci/lib/core-vcn';
import { DataOciCoreServices } from '@cdktf/provider-oci/lib/data-oci-core-services';
import { Construct, type IConstruct } from 'constructs';
import { qualifiedNameOf } from '../core/names';
import { checkPort } from '../core/validation';
import { checkCidrBlock, checkPlace, type NamedBlock } from './cidr-block';

/** A private subnet in which workloads run, and its VCN. */
export interface IPrivateNetwork extends IConstruct {
  /** OCID of the VCN. */
  readonly vcnId: string;
  /** OCID of the subnet for workloads. */
  readonly subnetId: string;
  /** OCID of the subnet whose members may have public addresses; undefined where there is none. */
  readonly publicSubnetId?: string;
}

export interface PrivateNetworkAttributes {
  /** OCID of the VCN. */
  readonly vcnId: string;
  /** OCID of the subnet for workloads. */
  readonly subnetId: string;
  /** OCID of a subnet whose members may have public addresses. @default - none */
  readonly publicSubnetId?: string;
}

export interface PrivateNetworkProps {
  /** OCID of the compartment. */
  readonly compartmentId: string;
  /**
   * Addresses of the VCN, a block of /16 to /30.
   * @default "10.0.0.0/16"
   * @see https://docs.oracle.com/en-us/iaas/Content/Network/Tasks/Overview_of_VCNs_and_Subnets.htm
   */
  readonly cidrBlock?: string;
  /** Addresses of the subnet for workloads, inside `cidrBlock`. @default "10.0.10.0/24" */
  readonly subnetCidrBlock?: string;
  /**
   * Addresses of a subnet whose members may have public addresses, such as a load balancer that clients outside reach.
   * @default - no such subnet, and no internet gateway
   */
  readonly publicSubnetCidrBlock?: string;
}

/**
 * A VCN with one private subnet: no address of it is public. Traffic leaves through a NAT gateway and reaches Oracle's own
 * services through a service gateway. Security lists are empty; each workload's network security group opens what it needs.
 * A public subnet, and the internet gateway it takes, are made only when asked for.
 */
export class PrivateNetwork extends Construct implements IPrivateNetwork {
  /** A network that exists already. */
  public static fromSubnetAttributes(
    scope: Construct,
    id: string,
    attributes: PrivateNetworkAttributes,
  ): IPrivateNetwork {
    return Object.assign(new Construct(scope, id), attributes);
  }

  public readonly vcnId: string;
  public readonly subnetId: string;
  /** OCID of the compartment. */
  public readonly compartmentId: string;
  public readonly publicSubnetId?: string;
  private readonly cidrBlock: string;
  private readonly routeTableId: string;
  private readonly securityListId: string;
  private readonly subnets: NamedBlock[] = [];
  private readonly dnsLabels = new Set<string>();

  public constructor(scope: Construct, id: string, props: PrivateNetworkProps) {
    super(scope, id);
    const { compartmentId, cidrBlock = '10.0.0.0/16', subnetCidrBlock = '10.0.10.0/24' } = props;
    checkCidrBlock(this, 'cidrBlock', cidrBlock);
    const displayName = qualifiedNameOf(this, 255);
    const vcn = new CoreVcn(this, 'Vcn', { compartmentId, cidrBlocks: [cidrBlock], displayName, dnsLabel: 'mcp' });
    this.node.defaultChild = vcn;
    this.vcnId = vcn.id;
    this.compartmentId = compartmentId;
    this.cidrBlock = cidrBlock;

    const allServices = new DataOciCoreServices(this, 'Services', {
      filter: [{ name: 'name', values: ['All .* Services In Oracle Services Network'], regex: true }],
    }).services.get(0);
    const nat = new CoreNatGateway(this, 'Nat', { compartmentId, vcnId: vcn.id, displayName });
    const serviceGateway = new CoreServiceGateway(this, 'ServiceGateway', {
      compartmentId,
      vcnId: vcn.id,
      displayName,
      services: [{ serviceId: allServices.id }],
    });
    this.routeTableId = new CoreRouteTable(this, 'RouteTable', {
      compartmentId,
      vcnId: vcn.id,
      displayName,
      routeRules: [
        { networkEntityId: nat.id, destination: '0.0.0.0/0', destinationType: 'CIDR_BLOCK' },
        {
          networkEntityId: serviceGateway.id,
          destination: allServices.cidrBlock,
          destinationType: 'SERVICE_CIDR_BLOCK',
        },
      ],
    }).id;
    this.securityListId = new CoreSecurityList(this, 'NoRules', { compartmentId, vcnId: vcn.id, displayName }).id;
    this.subnetId = this.addSubnet('Workloads', subnetCidrBlock);
    this.publicSubnetId = props.publicSubnetCidrBlock && this.addPublicSubnet('Public', props.publicSubnetCidrBlock);
  }

  /**
   * Adds a private subnet, for example for the API endpoint of a cluster.
   * @param cidrBlock Its addresses, inside the VCN's.
   * @param options.egressPorts TCP ports which everything in it may reach anywhere. For members that can join no network
   *   security group, as those of Data Science; for others a group decides. By default none.
   * @returns the OCID of the subnet
   */
  public addSubnet(id: string, cidrBlock: string, options: { readonly egressPorts?: readonly number[] } = {}): string {
    const { egressPorts = [] } = options;
    const way = { prohibitPublicIpOnVnic: true, routeTableId: this.routeTableId };
    if (egressPorts.length === 0) return this.subnet(id, cidrBlock, way);
    return this.subnet(id, cidrBlock, { ...way, securityListIds: [this.egressList(id, egressPorts)] });
  }

  /**
   * Adds a subnet whose members may have public addresses. Nobody reaches them until a network security group lets them.
   * @param cidrBlock Its addresses, inside the VCN's.
   * @returns the OCID of the subnet
   */
  public addPublicSubnet(id: string, cidrBlock: string): string {
    return this.subnet(id, cidrBlock, { prohibitPublicIpOnVnic: false, routeTableId: this.publicRouteTableId() });
  }

  private subnet(
    id: string,
    cidrBlock: string,
    way: {
      readonly prohibitPublicIpOnVnic: boolean;
      readonly routeTableId: string;
      readonly securityListIds?: string[];
    },
  ): string {
    checkCidrBlock(this, `subnet ${id}`, cidrBlock);
    checkPlace(this, { id, cidrBlock }, this.cidrBlock, this.subnets);
    this.subnets.push({ id, cidrBlock });
    return new CoreSubnet(this, id, {
      compartmentId: this.compartmentId,
      vcnId: this.vcnId,
      cidrBlock,
      displayName: `${qualifiedNameOf(this, 200)}-${id.toLowerCase()}`,
      dnsLabel: this.dnsLabelOf(id),
      securityListIds: [this.securityListId],
      ...way,
    }).id;
  }

  /**
   * A label of at most 15 letters and digits, a letter first, that no other subnet here has.
   * @see https://docs.oracle.com/en-us/iaas/Content/Network/Concepts/dns.htm
   */
  private dnsLabelOf(id: string): string {
    const text = id.toLowerCase().replace(/^[^a-z]+|[^a-z0-9]/g, '');
    const whole = (text || 'subnet').slice(0, 15);
    let label = whole;
    for (let number = 2; this.dnsLabels.has(label); number++) label = `${whole.slice(0, 12)}${number}`;
    this.dnsLabels.add(label);
    return label;
  }

  /** A security list that lets connections out, and nothing but their answers in. */
  private egressList(id: string, ports: readonly number[]): string {
    for (const port of ports) checkPort(this, `subnet ${id} egressPorts`, port);
    return new CoreSecurityList(this, `${id}Egress`, {
      compartmentId: this.compartmentId,
      vcnId: this.vcnId,
      displayName: `${qualifiedNameOf(this, 200)}-${id.toLowerCase()}-egress`,
      egressSecurityRules: ports.map((port) => ({
        destination: '0.0.0.0/0',
        destinationType: 'CIDR_BLOCK',
        protocol: '6',
        stateless: false,
        description: `TCP ${port} to everywhere`,
        tcpOptions: { min: port, max: port },
      })),
    }).id;
  }

  /** The route table of public subnets, made with the internet gateway for the first of them. */
  private publicRouteTableId(): string {
    const existing = this.node.tryFindChild('PublicRouteTable') as CoreRouteTable | undefined;
    if (existing !== undefined) return existing.id;
    const place = {
      compartmentId: this.compartmentId,
      vcnId: this.vcnId,
      displayName: `${qualifiedNameOf(this, 200)}-public`,
    };
    const gateway = new CoreInternetGateway(this, 'InternetGateway', { ...place, enabled: true });
    // Oracle's services have public addresses, so this one rule leads to them, too.
    return new CoreRouteTable(this, 'PublicRouteTable', {
      ...place,
      routeRules: [{ networkEntityId: gateway.id, destination: '0.0.0.0/0', destinationType: 'CIDR_BLOCK' }],
    }).id;
  }
}
