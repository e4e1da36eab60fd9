/** What results were read from. It goes with them. */
const texts = new WeakMap<object, string>();

/** Remembers the JSON of a result, which nobody may change from then on: who needs another one makes another one. */
export function rememberText(result: object, text: string): void {
  texts.set(result, text);
}

/** Remembers the JSON of a result that is one list, whose items are written once and not for everybody who asks. */
export function rememberList(result: object, field: string, items: readonly object[]): void {
  rememberText(result, `{"${field}":[${items.map(textOfItem).join()}]}`);
}

function textOfItem(item: object): string {
  let text = texts.get(item);
  if (text === undefined) {
    text = JSON.stringify(item);
    texts.set(item, text);
  }
  return text;
}

/** The JSON of a result as it was written, when that is remembered: large ones need not be written again. */
export function textOfResult(result: object): string | undefined {
  return texts.get(result);
}
