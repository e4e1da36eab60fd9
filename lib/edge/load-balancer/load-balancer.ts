import { LoadBalancerBackend } from '@cdktf/provider-oci/lib/load-balancer-backend';
import { LoadBalancerBackendSet } from '@cdktf/provider-oci/lib/load-balancer-backend-set';
import { LoadBalancerListener } from '@cdktf/provider-oci/lib/load-balancer-listener';
import { LoadBalancerLoadBalancer } from '@cdktf/provider-oci/lib/load-balancer-load-balancer';
import { Construct } from 'constructs';
import { qualifiedNameOf } from '../../core/names';
import type { Connections, IConnectable } from '../../network/connections';
import { NetworkSecurityGroup, SecurityGroupConnections } from '../../network/network-security-group';
import { type Bandwidth, cipherSuiteName, tlsProtocols } from './settings';

interface LoadBalancerProps {
  readonly compartmentId: string;
  readonly vcnId: string;
  readonly subnetId: string;
  readonly isPrivate: boolean;
  readonly port: number;
  /** HTTP is what a firewall looks into; TCP passes bytes on as they come. */
  readonly protocol: 'HTTP' | 'TCP';
  readonly certificateId?: string;
  readonly policy: string;
  readonly idleTimeoutSeconds: number;
  readonly bandwidth: Bandwidth;
  readonly backendPort: number;
  readonly healthPath?: string;
  /** Addresses behind it. */
  readonly backends: readonly string[];
  readonly backendConnections: IConnectable;
}

/** An OCI load balancer of a flexible shape with one listener, and a security group of its own. */
export class LoadBalancer extends Construct {
  public readonly loadBalancerId: string;
  public readonly ipAddress: string;
  public readonly connections: Connections;

  public constructor(scope: Construct, id: string, props: LoadBalancerProps) {
    super(scope, id);
    const { compartmentId, port, backendPort, healthPath, certificateId } = props;
    const group = new NetworkSecurityGroup(this, 'SecurityGroup', { compartmentId, vcnId: props.vcnId });
    props.backendConnections.connections.allowFrom(group, backendPort);

    const balancer = new LoadBalancerLoadBalancer(this, 'Resource', {
      compartmentId,
      displayName: qualifiedNameOf(this, 255),
      shape: 'flexible',
      shapeDetails: {
        minimumBandwidthInMbps: props.bandwidth.minimumMbps,
        maximumBandwidthInMbps: props.bandwidth.maximumMbps,
      },
      subnetIds: [props.subnetId],
      isPrivate: props.isPrivate,
      networkSecurityGroupIds: [group.securityGroupId],
    });
    this.node.defaultChild = balancer;
    this.loadBalancerId = balancer.id;
    const check =
      healthPath === undefined ? { protocol: 'TCP' } : { protocol: 'HTTP', urlPath: healthPath, returnCode: 200 };
    const backendSet = new LoadBalancerBackendSet(this, 'BackendSet', {
      loadBalancerId: balancer.id,
      name: 'mcp',
      policy: props.policy,
      healthChecker: { ...check, port: backendPort },
    });
    for (const [i, ipAddress] of props.backends.entries()) {
      new LoadBalancerBackend(this, `Backend${i + 1}`, {
        loadBalancerId: balancer.id,
        backendsetName: backendSet.name,
        ipAddress,
        port: backendPort,
      });
    }
    new LoadBalancerListener(this, 'Listener', {
      loadBalancerId: balancer.id,
      name: 'mcp',
      defaultBackendSetName: backendSet.name,
      protocol: props.protocol,
      port,
      connectionConfiguration: { idleTimeoutInSeconds: String(props.idleTimeoutSeconds) },
      sslConfiguration: certificateId
        ? {
            certificateIds: [certificateId],
            protocols: [...tlsProtocols],
            cipherSuiteName,
            verifyPeerCertificate: false,
          }
        : undefined,
    });
    this.ipAddress = balancer.ipAddressDetails.get(0).ipAddress;
    this.connections = new SecurityGroupConnections(group, group.securityGroupId, {
      port,
      cidrBlocks: [`${this.ipAddress}/32`],
    });
  }
}
