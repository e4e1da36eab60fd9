import {
  type BlockArguments,
  blocksAt,
  type SynthesizedApp,
  type SynthesizedBlock,
  textAt,
} from '../core/synthesized-app';

/** The pods of one Kubernetes resource. */
export interface Pods {
  readonly block: SynthesizedBlock;
  /** Namespace as Terraform knows it. @default "default" */
  readonly namespace: string;
  readonly labels: { readonly [name: string]: unknown };
  /** Containers and init containers. */
  readonly containers: readonly BlockArguments[];
}

/** Where the template of the pods stands, by the kind of resource. */
const templates: readonly { readonly type: RegExp; readonly path: readonly string[] }[] = [
  {
    type: /^kubernetes_(deployment|stateful_set|daemon_set|daemonset|replication_controller)(_v1)?$/,
    path: ['spec', 'template'],
  },
  { type: /^kubernetes_job(_v1)?$/, path: ['spec', 'template'] },
  { type: /^kubernetes_cron_job(_v1)?$/, path: ['spec', 'job_template', 'spec', 'template'] },
  { type: /^kubernetes_pod(_v1)?$/, path: [] },
];

/** The pods of every workload that a stack of the app runs on Kubernetes. */
export function podsOf(app: SynthesizedApp): Pods[] {
  return app.stacks
    .flatMap(({ resources }) => [...resources.values()])
    .flatMap((block) => {
      const template = templates.find(({ type }) => type.test(block.type));
      return template === undefined
        ? []
        : blocksAt(block.arguments, ...template.path).map((pod) => readPods(block, pod));
    });
}

/** Namespace of a Kubernetes resource. */
export function namespaceOf(block: SynthesizedBlock): string {
  return textAt(block.arguments, 'metadata', 'namespace') ?? 'default';
}

function readPods(block: SynthesizedBlock, pod: BlockArguments): Pods {
  return {
    block,
    namespace: namespaceOf(block),
    labels: blocksAt(pod, 'metadata', 'labels')[0] ?? {},
    containers: ['init_container', 'container'].flatMap((kind) => blocksAt(pod, 'spec', kind)),
  };
}
