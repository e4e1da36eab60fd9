import { createHash } from 'node:crypto';
import type { Operation } from './operation.js';

/** The longest name that every known client and model accepts. */
const longest = 64;

/**
 * Names for operations, in their order: that of the operation, or what it does to which path. They depend on nothing but the
 * operation, and on whether another one wants the same name; not on the order.
 */
export function toolNames(operations: readonly Operation[]): string[] {
  const wishes = operations.map((operation) => fitted(wishOf(operation)));
  const counts = new Map<string, number>();
  // Clients that show names without their case would show two of the same.
  for (const wish of wishes) counts.set(wish.toLowerCase(), (counts.get(wish.toLowerCase()) ?? 0) + 1);
  return operations.map((operation, index) => {
    const wish = wishes[index] as string;
    return counts.get(wish.toLowerCase()) === 1 ? wish : withHash(wish, `${operation.method} ${operation.path}`);
  });
}

function wishOf({ id, method, path }: Operation): string {
  return plain(id ?? '') || plain(`${method.toLowerCase()} ${path}`);
}

function plain(text: string): string {
  return text.replace(/[^A-Za-z0-9_-]+/g, '_').replace(/^_+|_+$/g, '');
}

function fitted(name: string): string {
  return name.length <= longest ? name : withHash(name, name);
}

function withHash(name: string, text: string): string {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return `${name.slice(0, longest - hash.length - 1)}_${hash}`;
}
