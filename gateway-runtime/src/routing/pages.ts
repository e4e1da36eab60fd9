import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import { RpcError, rpcCodes } from '../errors.js';
import { type ListKind, shapeOf } from './lists.js';

/** One page of a list. */
export interface Page {
  readonly items: readonly JsonObject[];
  readonly nextCursor?: string;
}

/**
 * One page of a list. A list of several pages is in the order of its names, so that a cursor, which says after which of them
 * the next page begins, holds whatever comes or goes in between.
 *
 * @param cursor What the client sends; it got it with the page before.
 * @throws {RpcError} when this list gave no such cursor
 */
export function pageOf(kind: ListKind, items: readonly JsonObject[], cursor: unknown, size: number): Page {
  if (cursor === undefined && items.length <= size) return { items };
  const after = cursor === undefined ? undefined : readCursor(kind, cursor);
  const { key } = shapeOf(kind);
  const nameOf = (item: JsonObject) => String(item[key]);
  const rest = items
    .filter((item) => after === undefined || nameOf(item) > after)
    .sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  const page = rest.slice(0, size);
  const last = page.at(-1);
  return { items: page, ...(rest.length > size && last && { nextCursor: writeCursor(kind, nameOf(last)) }) };
}

function writeCursor(kind: ListKind, after: string): string {
  return Buffer.from(JSON.stringify({ [kind]: after })).toString('base64url');
}

/** The name that a cursor holds. @throws {RpcError} for what is no cursor of this list */
function readCursor(kind: ListKind, cursor: unknown): string {
  if (typeof cursor === 'string') {
    const said = parsed(Buffer.from(cursor, 'base64url').toString());
    const after = isObject(said) ? said[kind] : undefined;
    if (typeof after === 'string' && writeCursor(kind, after) === cursor) return after;
  }
  throw new RpcError(rpcCodes.invalidParams, 'cursor must be one that this list gave');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
