import { createHash } from 'node:crypto';
import type { Backend } from '../config/backend.js';
import type { Wish } from './given-names.js';

/** The longest tool name that every known client and model accepts. */
export const maxNameLength = 64;

/** What a backend's tool or prompt is to be called for clients. @param given A name that the configuration gives it. */
export function wishFor({ name: backend, namespace_tools }: Backend, original: string, given?: string): Wish {
  if (given !== undefined) return { backend, original, certain: given };
  if (namespace_tools === true) return { backend, original, certain: qualifiedName(backend, original) };
  if (namespace_tools === false) return { backend, original, certain: fitted(original) };
  return { backend, original, certain: qualifiedName(backend, original), better: fitted(original) };
}

/** `<backend>_<name>`, as the public Python gateway does it. */
export function qualifiedName(backend: string, name: string): string {
  return fitted(`${backend}_${name}`);
}

/** A name of more than 64 characters is cut and ends with a hash of the whole, so that it is the same at every start. */
function fitted(name: string): string {
  if (name.length <= maxNameLength) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, maxNameLength - hash.length - 1)}_${hash}`;
}
