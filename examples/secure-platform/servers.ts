import {
  Compartment,
  ContainerInstanceHosting,
  FunctionHosting,
  type IMonitoring,
  type IOkeCluster,
  type IPrivateNetwork,
  McpServer,
  McpServerSource,
  OkeHosting,
} from 'cdktf-oci-mcp';
import { Construct } from 'constructs';
import { images } from './images';

export interface ServersProps {
  /** OCID of the compartment. */
  readonly compartmentId: string;
  readonly network: IPrivateNetwork;
  readonly cluster: IOkeCluster;
  /** Kubernetes namespace. */
  readonly namespace: string;
  readonly monitoring: IMonitoring;
}

/** Three servers on three hosts. Each may read what it tells about, and nothing else. */
export class Servers extends Construct {
  public readonly logs: McpServer;
  public readonly inventory: McpServer;
  public readonly costs: McpServer;

  public constructor(scope: Construct, id: string, props: ServersProps) {
    super(scope, id);
    const { compartmentId, network, cluster, namespace, monitoring } = props;
    const compartment = Compartment.fromCompartmentId(this, 'Compartment', compartmentId);
    const imageRepository = (name: string) => ({ compartmentId, name });

    this.logs = new McpServer(this, 'Logs', {
      serverName: 'logs',
      source: McpServerSource.image(images.logs),
      healthPath: '/health',
      hosting: new OkeHosting({ cluster, namespace, replicas: 2 }),
      monitoring,
    });
    compartment.grantRead(this.logs, 'log-content').applyBefore(this.logs);

    this.inventory = new McpServer(this, 'Inventory', {
      serverName: 'inventory',
      source: McpServerSource.image(images.inventory),
      healthPath: '/health',
      hosting: new ContainerInstanceHosting({
        network,
        compartmentId,
        imageRepository: imageRepository('inventory-mcp'),
      }),
      monitoring,
    });
    compartment.grantInspect(this.inventory, 'instance-family').applyBefore(this.inventory);

    this.costs = new McpServer(this, 'Costs', {
      serverName: 'costs',
      source: McpServerSource.image(images.costs),
      hosting: new FunctionHosting({ network, compartmentId, imageRepository: imageRepository('costs-mcp') }),
      monitoring,
    });
    compartment.grantRead(this.costs, 'usage-budgets').applyBefore(this.costs);
  }
}
