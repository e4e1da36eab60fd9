import { createHash } from 'node:crypto';

/** The longest tool name that every known client and model accepts. */
export const maxNameLength = 64;

/**
 * The name clients see for a tool or prompt of a backend: `<backend>_<name>`, as the public Python gateway does it.
 * Longer than 64 characters, it is cut and ends with a hash of the whole, so it stays the same at every start.
 */
export function exposedName(backend: { name: string; namespace_tools: boolean }, name: string): string {
  if (!backend.namespace_tools) return name;
  const full = `${backend.name}_${name}`;
  if (full.length <= maxNameLength) return full;
  const hash = createHash('sha256').update(full).digest('hex').slice(0, 8);
  return `${full.slice(0, maxNameLength - hash.length - 1)}_${hash}`;
}
