import type { Chunks } from './chunks.js';

/** The JSON of results and of items of lists. It goes with them. */
const known = new WeakMap<object, string | Chunks>();

/** Remembers the JSON of a result, which nobody may change from then on: who needs another one makes another one. */
export function rememberJson(result: object, json: string | Chunks): void {
  known.set(result, json);
}

/** Remembers the JSON of a result that is one list, whose items are written once and not for everybody who asks. */
export function rememberList(result: object, field: string, items: readonly object[]): void {
  rememberJson(result, `{"${field}":[${items.map(jsonOfItem).join()}]}`);
}

function jsonOfItem(item: object): string | Chunks {
  let json = known.get(item);
  if (json === undefined) {
    json = JSON.stringify(item);
    known.set(item, json);
  }
  return json;
}

/** The JSON of a result as it was written, when that is remembered: large ones need not be written again. */
export function jsonOfResult(result: object): string | Chunks | undefined {
  return known.get(result);
}
