import type { Construct } from 'constructs';
import { reportFault } from '../../core/validation';
import type { McpWorkload } from '../../mcp/mcp-workload';
import type { ContainerResources } from './resources';

/** The ports that Kubernetes gives to Services on nodes. */
const nodePorts = { min: 30000, max: 32767 };

/**
 * Reports what virtual nodes refuse of a pod.
 * @see https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengcomparingvirtualwithmanagednodes_topic.htm
 */
export function checkVirtualNodes(scope: Construct, workload: McpWorkload, resources: ContainerResources = {}): void {
  if (workload.port >= nodePorts.min && workload.port <= nodePorts.max) {
    reportFault(scope, {
      prop: 'port',
      got: workload.port,
      allowed: `ports outside ${nodePorts.min} to ${nodePorts.max}, which virtual nodes keep for Services`,
    });
  }
  if (workload.secretDirectories.some(({ files }) => 'vaultSecrets' in files)) {
    reportFault(scope, {
      prop: 'secretDirectories',
      got: 'files from Vault',
      allowed: 'Kubernetes Secrets on virtual nodes: they run no init containers',
      fix: 'pass { secretName }',
    });
  }
  const differs = (request?: string, limit?: string) => request !== undefined && request !== limit;
  if (differs(resources.cpuRequest, resources.cpuLimit) || differs(resources.memoryRequest, resources.memoryLimit)) {
    reportFault(scope, {
      prop: 'resources',
      got: resources,
      allowed: 'limits alone, or requests that equal them: virtual nodes set aside what a pod may take at most',
      fix: 'leave out cpuRequest and memoryRequest',
    });
  }
}
