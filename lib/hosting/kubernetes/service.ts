import { ServiceV1, type ServiceV1Metadata } from '@cdktf/provider-kubernetes/lib/service-v1';
import type { Construct } from 'constructs';
import type { HttpMcpEndpoint } from '../../mcp/mcp-endpoint';
import type { McpWorkload } from '../../mcp/mcp-workload';

/** The labels that select one workload's pods, and no others in the namespace. */
export function podLabels(name: string): { [label: string]: string } {
  return { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'mcp' };
}

/** A ClusterIP Service. A caller stays with one pod for three hours, unless any pod carries on with any session. */
export function clusterService(
  scope: Construct,
  props: {
    readonly metadata: ServiceV1Metadata;
    readonly selector: { [label: string]: string };
    readonly workload: McpWorkload;
  },
): ServiceV1 {
  const { port, sharesSessions = false } = props.workload;
  const affinity = { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIp: { timeoutSeconds: 10800 } } };
  return new ServiceV1(scope, 'Service', {
    metadata: props.metadata,
    spec: {
      type: 'ClusterIP',
      selector: props.selector,
      ...(sharesSessions ? { sessionAffinity: 'None' } : affinity),
      port: [{ name: 'mcp', port, targetPort: String(port), protocol: 'TCP', appProtocol: 'http' }],
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
