import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import {
  ContainerInstanceHosting,
  HostedApplicationAuth,
  HostedApplicationHosting,
  type IMcpServer,
  McpServer,
  McpServerSource,
  OkeHosting,
  OkeSidecarHosting,
  StdioHosting,
} from 'cdktf-oci-mcp';
import { Construct } from 'constructs';
import { identityDomain, images, type Platform, secret } from './platform';

/** One server on every host that runs containers, and one that the gateway starts itself. */
export class ContainerServers extends Construct {
  public readonly servers: readonly IMcpServer[];

  public constructor(scope: Construct, id: string, platform: Platform) {
    super(scope, id);
    const { compartmentId, network, cluster, namespace } = platform;
    const planner = McpServerSource.image(images.planner);
    const imageRepository = { compartmentId, name: 'planner-mcp' };

    const stdio = new McpServer(this, 'Stdio', {
      serverName: 'stdio',
      source: McpServerSource.command('node', ['/opt/servers/ocid.js']),
      hosting: new StdioHosting(),
    });
    const oke = new McpServer(this, 'Oke', {
      serverName: 'oke',
      source: planner,
      hosting: new OkeHosting({ cluster, namespace, autoscaling: { minReplicas: 2, maxReplicas: 6 } }),
    });
    const sidecar = new McpServer(this, 'Sidecar', {
      serverName: 'sidecar',
      source: planner,
      hosting: new OkeSidecarHosting({ cluster, deployment: this.ordersApplication(namespace) }),
    });
    const instance = new McpServer(this, 'Instance', {
      serverName: 'instance',
      source: planner,
      healthPath: '/health',
      hosting: new ContainerInstanceHosting({ network, compartmentId, imageRepository, instances: 2 }),
    });
    const hosted = new McpServer(this, 'Hosted', {
      serverName: 'hosted',
      source: planner,
      port: 8080,
      hosting: new HostedApplicationHosting({
        compartmentId,
        imageRepository,
        auth: HostedApplicationAuth.identityDomain({
          domainUrl: identityDomain,
          audience: 'mcp-hosted',
          scope: 'invoke',
          client: { clientId: 'mcp-gateway', clientSecret: secret(this, 'hosted_client', platform) },
        }),
      }),
    });
    this.servers = [stdio, oke, sidecar, instance, hosted];
  }

  /** An application of the platform, beside which a server runs. */
  private ordersApplication(namespace: string): DeploymentV1 {
    const labels = { app: 'orders' };
    return new DeploymentV1(this, 'Orders', {
      metadata: { name: 'orders', namespace },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { container: [{ name: 'orders', image: images.orders, port: [{ containerPort: 3000 }] }] },
        },
      },
    });
  }
}
