/**
 * What a reference inside of a document means; `undefined` when there is nothing, and for references to other documents.
 * https://www.rfc-editor.org/rfc/rfc6901#section-6
 *
 * @example
 * resolved({ $defs: { day: { type: 'string' } } }, '#/$defs/day'); // { type: 'string' }
 */
export function resolved(root: unknown, reference: string): unknown {
  if (reference === '#') return root;
  if (!reference.startsWith('#/')) return undefined;
  let found: unknown = root;
  for (const token of tokensOf(reference)) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, token)) return undefined;
    found = (found as Record<string, unknown>)[token];
  }
  return found;
}

/** The names along the way. */
export function tokensOf(reference: string): string[] {
  return reference
    .slice(2)
    .split('/')
    .map((token) => decoded(token).replaceAll('~1', '/').replaceAll('~0', '~'));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
