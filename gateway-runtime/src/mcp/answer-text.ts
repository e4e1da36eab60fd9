/** Beginnings of an answer up to its result, as servers write them. */
const beginning = /^\{(?:"jsonrpc":"2\.0","id":(?:\d+|"[^"\\]*"),)?"result":(?=\{)/;

/** What follows a result that came first. */
const ending = /^,"jsonrpc":"2\.0","id":(?:\d+|"[^"\\]*")\}$/;

/** Brackets and texts that are looked at: a result of more of them is faster written again than searched. */
const most = 10_000;

const code = {
  ...{ lineFeed: 0x0a, carriageReturn: 0x0d, quote: 0x22, backslash: 0x5c },
  ...{ open: 0x7b, openList: 0x5b, close: 0x7d, closeList: 0x5d },
};

/**
 * The text of the result in an answer that is valid JSON; `undefined` when it is not known to be that and nothing else. Not of
 * an answer with further members, which would come along, nor of one in several lines, which is no line of a stream.
 */
export function resultTextIn(text: string): string | undefined {
  const [begun] = beginning.exec(text) ?? [];
  if (begun === undefined) return undefined;
  const end = endOfObject(text, begun.length);
  if (end === undefined) return undefined;
  const rest = text.slice(end);
  const isWhole = begun.startsWith('{"result"') ? ending.test(rest) : rest === '}';
  return isWhole ? text.slice(begun.length, end) : undefined;
}

/** Where the object ends that begins here. */
function endOfObject(text: string, start: number): number | undefined {
  let depth = 0;
  let at = start;
  for (let seen = 0; seen < most; ) {
    const character = text.charCodeAt(at);
    if (character === code.quote) {
      at = endOfText(text, at);
      seen++;
    } else if (character === code.open || character === code.openList) {
      depth++;
      seen++;
    } else if (character === code.close || character === code.closeList) {
      depth--;
      if (depth === 0) return at + 1;
    } else if (character === code.lineFeed || character === code.carriageReturn) {
      return undefined;
    }
    at++;
  }
  return undefined;
}

/** Where the text ends whose quotation mark is here. */
function endOfText(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === code.backslash) before--;
  return (at - before) % 2 === 0;
}
