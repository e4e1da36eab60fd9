/** What results were read from. It goes with them. */
const texts = new WeakMap<object, string>();

/** Remembers the JSON of a result, which nobody may change from then on: who needs another one makes another one. */
export function rememberText(result: object, text: string): void {
  texts.set(result, text);
}

/** The JSON of a result as it was written, when that is remembered: large ones need not be written again. */
export function textOfResult(result: object): string | undefined {
  return texts.get(result);
}
