/** Beginnings of an answer up to its result, as servers write them. */
const beginning = /^\{(?:"jsonrpc":"2\.0","id":(?:\d+|"[^"\\]*"),)?"result":(?=\{)/;

/** What follows a result that came first. */
const ending = /^,"jsonrpc":"2\.0","id":(?:\d+|"[^"\\]*")\}$/;

/** Bytes in which a beginning has to end. */
const longestBeginning = 256;

/** Brackets and texts that are looked at: a result of more of them is faster written again than searched. */
const most = 10_000;

/** Bytes from which on a text is long. */
const longText = 1024;

/** Bytes of a text that are looked at one by one, which most texts do not exceed. */
const shortText = 32;

const code = {
  ...{ lineFeed: 0x0a, carriageReturn: 0x0d, quote: 0x22, backslash: 0x5c },
  ...{ open: 0x7b, openList: 0x5b, close: 0x7d, closeList: 0x5d },
};

/** Where the parts of an answer are. */
export interface AnswerOutline {
  /** Of the result. */
  readonly start: number;
  readonly end: number;
  /** Where the long texts in it begin and end, without their quotation marks. */
  readonly longTexts: readonly (readonly [start: number, end: number])[];
}

/**
 * The outline of an answer that is JSON; `undefined` when it is not known to be a result and nothing else. Not of an answer with
 * further members, which would come along, nor of one in several lines, which is no line of a stream. Of bytes that are no JSON
 * it may say anything.
 */
export function outlineOf(bytes: Buffer): AnswerOutline | undefined {
  const [begun] = beginning.exec(bytes.toString('latin1', 0, longestBeginning)) ?? [];
  if (begun === undefined) return undefined;
  const longTexts: [number, number][] = [];
  const end = endOfObject(bytes, begun.length, longTexts);
  if (end === undefined || bytes.length - end > longestBeginning) return undefined;
  const rest = bytes.toString('latin1', end);
  const isWhole = begun.startsWith('{"result"') ? ending.test(rest) : rest === '}';
  const isOneLine = !bytes.includes(code.lineFeed) && !bytes.includes(code.carriageReturn);
  return isWhole && isOneLine ? { start: begun.length, end, longTexts } : undefined;
}

/** Where the object ends that begins here. */
function endOfObject(bytes: Buffer, start: number, longTexts: [number, number][]): number | undefined {
  let depth = 0;
  let at = start;
  for (let seen = 0; seen < most && at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === code.quote) {
      const end = endOfText(bytes, at);
      if (end === undefined) return undefined;
      if (end - at > longText) longTexts.push([at + 1, end]);
      at = end;
      seen++;
    } else if (byte === code.open || byte === code.openList) {
      depth++;
      seen++;
    } else if (byte === code.close || byte === code.closeList) {
      depth--;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

/** Where the text ends whose quotation mark is here. */
function endOfText(bytes: Buffer, start: number): number | undefined {
  const near = Math.min(start + shortText, bytes.length);
  for (let at = start + 1; at < near; at++) {
    if (bytes[at] === code.backslash) at++;
    else if (bytes[at] === code.quote) return at;
  }
  let end = bytes.indexOf(code.quote, start + 1);
  while (end >= 0 && isEscaped(bytes, end)) end = bytes.indexOf(code.quote, end + 1);
  return end < 0 ? undefined : end;
}

function isEscaped(bytes: Buffer, at: number): boolean {
  let before = at - 1;
  while (bytes[before] === code.backslash) before--;
  return (at - before) % 2 === 0;
}
