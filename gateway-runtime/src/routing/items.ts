import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import { UpstreamError } from '../errors.js';

/** More items in one list than this are taken for a mistake; clients could not use them either. */
const mostItems = 10_000;

/** Far deeper than any schema needs to be, and far from where serializing runs out of stack. */
const deepest = 200;

/** Characters of a name or URI. Each call with it puts it into the log and into a span, where thousands may wait. */
const longestName = 8192;

/**
 * The usable items of one page of a list. They are shown to every client together with those of other backends, so
 * what could break such a list stays out.
 *
 * @param key Member that names an item; without a text there, or with far too long a one, it cannot be called.
 * @param before Items of earlier pages.
 * @throws {UpstreamError} when there are too many or one is nested too deeply
 */
export function usableItems(page: unknown, key: string, before: number): JsonObject[] {
  if (!Array.isArray(page)) return [];
  if (before + page.length > mostItems) throw new UpstreamError(`offers more than ${mostItems} items in one list`);
  const items = page.filter((item): item is JsonObject => isObject(item) && isName(item[key]));
  if (items.some((item) => isDeeperThan(deepest, item))) {
    throw new UpstreamError(`offers something that is nested more than ${deepest} levels deep`);
  }
  return items;
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value.length <= longestName;
}

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeperThan(levels - 1, member));
}
