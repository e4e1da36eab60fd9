import * as z from 'zod';
import { Scopes, scopeForm } from './access-rules.js';
import { pattern } from './field.js';

/** Narrow scopes by the broad ones that hold them. */
export type ScopeHierarchy = { readonly [broad: string]: readonly string[] };

/** Scopes that hold others. */
export const ScopeHierarchySchema = z
  .record(pattern(scopeForm, 'a scope'), Scopes.min(1, { error: 'at least one scope' }), {
    error: 'an object of scope: [scopes that it holds]',
  })
  .superRefine((hierarchy, context) => {
    for (const broad of Object.keys(hierarchy)) {
      if (!scopesHeld(hierarchy, broad).has(broad)) continue;
      const message = `${JSON.stringify(broad)} comes to hold itself; remove it from what it holds, or from what that holds`;
      context.addIssue({ code: 'custom', path: [broad], message });
    }
  });

/** What a scope holds besides itself, directly or through others. */
function scopesHeld(hierarchy: ScopeHierarchy, broad: string): ReadonlySet<string> {
  const held = new Set<string>();
  const found = [broad];
  for (const scope of found) {
    for (const narrow of Object.hasOwn(hierarchy, scope) ? (hierarchy[scope] ?? []) : []) {
      if (!held.has(narrow)) found.push(narrow);
      held.add(narrow);
    }
  }
  return held;
}

/**
 * Any of these is as good as one of the scopes: they themselves and the broader ones.
 *
 * @example
 * withBroader(['logs:read'], { logs: ['logs:read', 'logs:write'], admin: ['logs'] }); // ['logs:read', 'logs', 'admin']
 */
export function withBroader(scopes: readonly string[], hierarchy: ScopeHierarchy): readonly string[] {
  const holdsOne = (broad: string) => {
    const held = scopesHeld(hierarchy, broad);
    return held.has('*') || scopes.some((scope) => held.has(scope));
  };
  return [...new Set([...scopes, ...Object.keys(hierarchy).filter(holdsOne)])];
}
