import { dependable, type ITerraformDependable, TerraformResource } from 'cdktf';
import type { IConstruct } from 'constructs';

const preconditionsOf = new WeakMap<TerraformResource, Set<ITerraformDependable>>();

/**
 * Makes every resource of `construct` wait for `preconditions`: renders `depends_on`, which CDKTF does not do for
 * `node.addDependency`. Adding one twice renders it once.
 * @param waits Which resources are meant. @default - all of them
 */
export function addPreconditions(
  construct: IConstruct,
  preconditions: readonly ITerraformDependable[],
  waits: (resource: TerraformResource) => boolean = () => true,
): void {
  for (const node of construct.node.findAll()) {
    if (!TerraformResource.isTerraformResource(node) || !waits(node)) continue;
    const known = preconditionsOf.get(node) ?? new Set();
    preconditionsOf.set(node, known);
    const added = preconditions.filter((precondition) => precondition !== node && !known.has(precondition));
    for (const precondition of added) known.add(precondition);
    if (added.length > 0) node.dependsOn = [...(node.dependsOn ?? []), ...added.map((each) => dependable(each))];
  }
}
