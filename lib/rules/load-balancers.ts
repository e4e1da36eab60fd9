import { blocksAt, type SynthesizedApp, type SynthesizedBlock, textAt } from '../core/synthesized-app';
import { holderOf } from './addresses';

/** A load balancer that a stack makes itself. */
export interface LoadBalancer {
  readonly block: SynthesizedBlock;
  /** Whether it works on packets, as a network load balancer does, and so never ends TLS. */
  readonly isNetwork: boolean;
  readonly isPublic: boolean;
  readonly listeners: readonly SynthesizedBlock[];
  readonly backendSets: readonly SynthesizedBlock[];
  /** What stands behind it: undefined for an address that the app does not make. */
  readonly backends: readonly { readonly set?: string; readonly holder?: SynthesizedBlock }[];
}

const kinds = [
  {
    isNetwork: false,
    type: 'oci_load_balancer_load_balancer',
    part: 'oci_load_balancer',
    id: 'load_balancer_id',
    set: 'backendset_name',
  },
  {
    isNetwork: true,
    type: 'oci_network_load_balancer_network_load_balancer',
    part: 'oci_network_load_balancer',
    id: 'network_load_balancer_id',
    set: 'backend_set_name',
  },
] as const;

/** Every load balancer of the app with what belongs to it. */
export function loadBalancersOf(app: SynthesizedApp): LoadBalancer[] {
  return kinds.flatMap(({ isNetwork, type, part, id, set }) =>
    app.resources(type).map((block) => {
      const parts = (name: string) =>
        app.resources(`${part}_${name}`).filter((each) => app.referenceOf(each.stack, each.arguments[id]) === block);
      return {
        block,
        isNetwork,
        isPublic: block.arguments['is_private'] !== true,
        listeners: parts('listener'),
        backendSets: parts('backend_set'),
        backends: parts('backend').map((backend) => ({
          set: textAt(backend.arguments, set),
          holder: holderOf(app, backend.stack, textAt(backend.arguments, 'ip_address') ?? ''),
        })),
      };
    }),
  );
}

/** A Kubernetes Service for which the cluster makes a load balancer. */
export interface BalancedService {
  readonly block: SynthesizedBlock;
  readonly isNetwork: boolean;
  readonly isPublic: boolean;
  readonly annotations: { readonly [name: string]: unknown };
}

/** @see https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengcreatingloadbalancers-subtopic.htm */
export function balancedServicesOf(app: SynthesizedApp): BalancedService[] {
  return app
    .resources('kubernetes_service', 'kubernetes_service_v1')
    .filter((block) => textAt(block.arguments, 'spec', 'type') === 'LoadBalancer')
    .map((block) => {
      const annotations = blocksAt(block.arguments, 'metadata', 'annotations')[0] ?? {};
      const isNetwork = annotations['oci.oraclecloud.com/load-balancer-type'] === 'nlb';
      const internal = isNetwork
        ? 'oci-network-load-balancer.oraclecloud.com/internal'
        : 'service.beta.kubernetes.io/oci-load-balancer-internal';
      return { block, isNetwork, isPublic: annotations[internal] !== 'true', annotations };
    });
}
