import { ServiceV1, type ServiceV1Metadata } from '@cdktf/provider-kubernetes/lib/service-v1';
import type { Construct } from 'constructs';
import type { HttpMcpEndpoint } from '../../mcp/mcp-endpoint';
import type { McpWorkload } from '../../mcp/mcp-workload';

/** The labels that select one workload's pods, and no others in the namespace. */
export function podLabels(name: string): { [label: string]: string } {
  return { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'mcp' };
}

/**
 * A ClusterIP Service. A caller stays with one pod for three hours, since MCP sessions live in the memory of the pod that
 * opened them.
 */
export function clusterService(
  scope: Construct,
  props: {
    readonly metadata: ServiceV1Metadata;
    readonly selector: { [label: string]: string };
    readonly port: number;
  },
): ServiceV1 {
  return new ServiceV1(scope, 'Service', {
    metadata: props.metadata,
    spec: {
      type: 'ClusterIP',
      selector: props.selector,
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIp: { timeoutSeconds: 10800 } },
      port: [{ name: 'mcp', port: props.port, targetPort: String(props.port), protocol: 'TCP', appProtocol: 'http' }],
    },
  });
}

/** The address of a Service inside its cluster. */
export function serviceEndpoint(service: ServiceV1, workload: McpWorkload): HttpMcpEndpoint {
  const { name, namespace } = service.metadata;
  return {
    transport: workload.transport,
    url: `http://${name}.${namespace}.svc.cluster.local:${workload.port}${workload.path}`,
  };
}
