import { dependable, type ITerraformDependable, TerraformResource, TerraformStack } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';

const preconditionsOf = new WeakMap<TerraformResource, Set<ITerraformDependable>>();

/**
 * Makes every resource of `construct` wait for `preconditions`: renders `depends_on`, which CDKTF does not do for
 * `node.addDependency`. Adding one twice renders it once. Terraform orders nothing across stacks, so for a precondition in
 * another one the whole stack waits for that stack.
 * @param waits Which resources are meant. @default - all of them
 */
export function addPreconditions(
  construct: IConstruct,
  preconditions: readonly ITerraformDependable[],
  waits: (resource: TerraformResource) => boolean = () => true,
): void {
  for (const node of construct.node.findAll()) {
    if (!TerraformResource.isTerraformResource(node) || !waits(node)) continue;
    const stack = TerraformStack.of(node);
    const known = preconditionsOf.get(node) ?? new Set();
    preconditionsOf.set(node, known);
    for (const precondition of preconditions.filter((each) => each !== node && !known.has(each))) {
      known.add(precondition);
      const owner = Construct.isConstruct(precondition) ? TerraformStack.of(precondition) : stack;
      if (owner === stack) node.dependsOn = [...(node.dependsOn ?? []), dependable(precondition)];
      else stack.addDependency(owner);
    }
  }
}
