import { createHash } from 'node:crypto';
import { TerraformStack, Token } from 'cdktf';
import type { IConstruct } from 'constructs';
import { reportFault } from './validation';

/**
 * The longest name Kubernetes accepts for a label value and a Service.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#rfc-1035-label-names
 */
export const KUBERNETES_NAME_MAX = 63;

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
    return 'unresolved';
  }
  return shorten(ids.map(hyphenate).filter(Boolean).join('-') || 'main', maxLength);
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
