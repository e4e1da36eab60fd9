import { createHash } from 'node:crypto';
import { TerraformStack, Token } from 'cdktf';
import type { IConstruct } from 'constructs';
import { reportFault } from './validation';

/**
 * The longest name Kubernetes accepts for a label value and a Service.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#rfc-1035-label-names
 */
export const KUBERNETES_NAME_MAX = 63;

/** What stands for a name that is a reference, until synthesizing reports it. */
const unresolvedName = 'unresolved';

/**
 * A name for a construct's resources, derived from its path below the stack: lower case letters, digits and hyphens, at
 * most `maxLength` characters. A longer one is cut and ends with a hash of the whole path, so it is unique and stable.
 *
 * @example
 * nameOf(logs); // 'logs' for new McpServer(stack, 'Logs', …), 'team-a-logs' inside a construct 'TeamA'
 */
export function nameOf(construct: IConstruct, maxLength: number = KUBERNETES_NAME_MAX): string {
  const ids = construct.node.scopes.filter((scope) => isBelowStack(scope)).map((scope) => scope.node.id);
  if (ids.some((id) => Token.isUnresolved(id))) {
    reportFault(construct, {
      prop: 'id',
      got: 'a Terraform reference',
      allowed: 'text known at synth',
      fix: 'pass a literal construct id; references belong into props',
    });
    return unresolvedName;
  }
  // CDKTF leaves out what no name may hold, and then begins with whatever is next.
  if (/^[^\w-]*[\d-]/.test(ids[0] ?? '')) {
    reportFault(construct, {
      prop: 'id',
      got: ids[0],
      allowed: 'ids directly below the stack that begin with a letter: they begin the names of Terraform blocks',
      fix: 'put a letter in front',
    });
  }
  return shorten(ids.map(hyphenate).filter(Boolean).join('-') || 'main', maxLength);
}

const workloads = new WeakMap<TerraformStack, Map<string, IConstruct>>();

/** As {@link nameOf}, for what runs under this name: two workloads of a stack whose names are the same are reported. */
export function workloadNameOf(construct: IConstruct): string {
  const name = nameOf(construct);
  const stack = TerraformStack.of(construct);
  const owners = workloads.get(stack) ?? new Map<string, IConstruct>();
  workloads.set(stack, owners);
  const owner = owners.get(name);
  if (owner === undefined) owners.set(name, construct);
  else if (name !== unresolvedName) {
    reportFault(construct, {
      prop: 'id',
      got: construct.node.id,
      allowed: `ids whose derived name "${name}" no other workload of the stack has, as ${owner.node.path} does`,
      fix: 'change one of the two ids',
    });
  }
  return name;
}

/**
 * As {@link nameOf}, with the stack's name in front: for names that are unique in a whole compartment or tenancy, where the
 * same constructs may stand in several stacks.
 */
export function qualifiedNameOf(construct: IConstruct, maxLength: number): string {
  return shorten(`${hyphenate(TerraformStack.of(construct).node.id)}-${nameOf(construct, maxLength)}`, maxLength);
}

/** Cuts `name` to `maxLength` characters, the last nine of them a hyphen and a hash of the whole name. */
export function shorten(name: string, maxLength: number): string {
  if (name.length <= maxLength) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, maxLength - hash.length - 1).replace(/-+$/, '')}-${hash}`;
}

function isBelowStack(construct: IConstruct): boolean {
  return construct.node.scope !== undefined && !TerraformStack.isStack(construct);
}

function hyphenate(id: string): string {
  const words = id.replace(/([a-z0-9])([A-Z])/g, '$1-$2').replace(/([A-Z])([A-Z][a-z])/g, '$1-$2');
  const name = words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return /^[0-9]/.test(name) ? `n${name}` : name;
}
