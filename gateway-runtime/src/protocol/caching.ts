import type { JsonObject } from '../contracts/json-rpc.js';

/** How long a result holds, and for whom. https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/caching */
export interface CacheHint {
  /** Milliseconds; 0 for a result that may be another one at once. */
  readonly ttlMs: number;
  /** `public` when it is the same for everybody. */
  readonly cacheScope: 'public' | 'private';
}

/** What is known of a result that says nothing of it. */
const unknown: CacheHint = { ttlMs: 0, cacheScope: 'private' };

/** What a result says of itself; the narrowest where it says nothing, or nothing that makes sense. */
export function cacheHintOf({ ttlMs, cacheScope }: JsonObject): CacheHint {
  return {
    ttlMs: typeof ttlMs === 'number' && ttlMs >= 0 ? Math.floor(ttlMs) : unknown.ttlMs,
    cacheScope: cacheScope === 'public' ? 'public' : 'private',
  };
}

/** What holds of two results together. */
export function narrower(one: CacheHint | undefined, other: CacheHint): CacheHint {
  if (one === undefined) return other;
  return {
    ttlMs: Math.min(one.ttlMs, other.ttlMs),
    cacheScope: one.cacheScope === 'private' ? 'private' : other.cacheScope,
  };
}
