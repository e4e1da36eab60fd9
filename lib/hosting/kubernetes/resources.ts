import type { Construct } from 'constructs';
import { checkPattern } from '../../core/validation';
import type { IOkeCluster } from '../oke-cluster';

/** CPU and memory of a container, as Kubernetes quantities. */
export interface ContainerResources {
  /** CPU set aside: `100m` is a tenth of a core. @default "100m" */
  readonly cpuRequest?: string;
  /** Memory set aside. @default "128Mi" */
  readonly memoryRequest?: string;
  /** CPU at most. @default "1" */
  readonly cpuLimit?: string;
  /** Memory at most; a container that takes more is restarted. @default "512Mi" */
  readonly memoryLimit?: string;
}

/** What a container is given. Virtual nodes set aside what it may take at most. */
export function limits({ virtualNodes }: IOkeCluster, resources: ContainerResources = {}) {
  const atMost = { cpu: resources.cpuLimit ?? '1', memory: resources.memoryLimit ?? '512Mi' };
  if (virtualNodes) return { requests: atMost, limits: atMost };
  return {
    requests: { cpu: resources.cpuRequest ?? '100m', memory: resources.memoryRequest ?? '128Mi' },
    limits: atMost,
  };
}

/** Reports amounts which Kubernetes does not read. */
export function checkResources(scope: Construct, resources: ContainerResources = {}): void {
  const cpu = { pattern: /^(\d+m|\d+(\.\d+)?)$/, allowed: 'an amount of CPU such as "250m" or "0.5"' };
  const memory = { pattern: /^\d+(\.\d+)?(k|[KMGTPE]i|[MGTPE])?$/, allowed: 'an amount of memory such as "256Mi"' };
  checkPattern(scope, 'resources.cpuRequest', resources.cpuRequest, cpu);
  checkPattern(scope, 'resources.cpuLimit', resources.cpuLimit, cpu);
  checkPattern(scope, 'resources.memoryRequest', resources.memoryRequest, memory);
  checkPattern(scope, 'resources.memoryLimit', resources.memoryLimit, memory);
}
