/** Members that say how a connection speaks, and nothing of what is said: they differ between the eras and on every hop. */
const ofConnection = new Set(['resultType', 'ttlMs', 'cacheScope', 'isError:false', 'elicitationId']);

/** Members of `_meta` that belong to the connection. */
const isProtocols = (key: string) => key === 'progressToken' || key.startsWith('io.modelcontextprotocol/');

/**
 * What was seen, without what belongs to the connection on which it was seen. A text that is JSON is what it says:
 * the members of an object have no order.
 */
export function normal(seen: unknown): unknown {
  if (Array.isArray(seen)) return seen.map(normal);
  if (typeof seen === 'string') return parsed(seen);
  if (typeof seen !== 'object' || seen === null) return seen;
  const entries = Object.entries(seen)
    .filter(([key, value]) => !ofConnection.has(key) && !ofConnection.has(`${key}:${value}`))
    .map(([key, value]) => [key, normal(key === '_meta' ? foreign(Object(value)) : value)] as const)
    .filter(([key, value]) => !(key === '_meta' || key === 'params') || Object.keys(Object(value)).length > 0);
  return Object.fromEntries(entries);
}

function foreign(meta: object): object {
  return Object.fromEntries(Object.entries(meta).filter(([key]) => !isProtocols(key)));
}

function parsed(text: string): unknown {
  if (!/^[{[]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
