import type { SynthesizedApp, SynthesizedStack } from '../core/synthesized-app';

const address = /\b(?:data\.)?[a-z][a-z0-9_]*\.[A-Za-z_][\w-]*/g;
const remote = /data\.terraform_remote_state\.[\w-]+\.outputs\.[\w-]+/g;

/**
 * A text with paths of constructs in place of Terraform's addresses, which end with a hash: `${prod/Network/Vcn.id}`. A
 * reference that CDKTF carries from another stack is named by the construct there.
 */
export function readable(app: SynthesizedApp, stack: SynthesizedStack, text: string): string {
  const pathAt = (found: string) => (stack.resources.get(found) ?? stack.dataSources.get(found))?.construct.node.path;
  return text
    .replace(remote, (found) => app.referenceOf(stack, found)?.construct.node.path ?? found)
    .replace(address, (found) => pathAt(found) ?? found);
}

/** Sorts by what stands in the fields, in their order, and leaves out what is there twice. */
export function sorted<T extends object>(entries: readonly T[]): T[] {
  const byText = new Map(entries.map((entry) => [JSON.stringify(entry), entry]));
  return [...byText.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}

/** Those of one's own stack, where there are any: stacks for several environments look the same. */
export function nearest<T>(found: readonly T[], isOwn: (each: T) => boolean): T[] {
  const own = found.filter(isOwn);
  return own.length > 0 ? own : [...found];
}

/** A list of texts, each once and in order. */
export function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
