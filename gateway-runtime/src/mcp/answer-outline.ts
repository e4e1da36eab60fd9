import type { Chunks } from '../contracts/chunks.js';

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
  ...{ quote: 0x22, backslash: 0x5c },
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
 * further members, which would come along. Of bytes that are no JSON it may say anything.
 */
export function outlineOf(bytes: Chunks): AnswerOutline | undefined {
  const [begun] = beginning.exec(bytes.slice(0, longestBeginning).join().toString('latin1')) ?? [];
  if (begun === undefined) return undefined;
  const result = new ResultScanner(begun.length);
  const end = result.endIn(bytes);
  if (end === undefined || bytes.length - end > longestBeginning) return undefined;
  const rest = bytes.slice(end).join().toString('latin1');
  const isWhole = begun.startsWith('{"result"') ? ending.test(rest) : rest === '}';
  return isWhole ? { start: begun.length, end, longTexts: result.longTexts } : undefined;
}

/** Looks for the end of an object. */
class ResultScanner {
  readonly longTexts: [start: number, end: number][] = [];
  readonly #start: number;
  #depth = 0;
  #seen = 0;
  /** Where the text begins that has not ended yet. */
  #text: number | undefined;
  /** Whether the part before ended in the middle of an escape. */
  #isEscaped = false;

  /** @param start Where the object begins. */
  constructor(start: number) {
    this.#start = start;
  }

  /** Where the object ends. */
  endIn({ parts }: Chunks): number | undefined {
    let offset = 0;
    for (const part of parts) {
      const end = this.#endInPart(part, offset);
      if (end !== undefined) return offset + end;
      offset += part.length;
    }
    return undefined;
  }

  #endInPart(part: Buffer, offset: number): number | undefined {
    let at = Math.max(this.#start - offset, 0);
    for (; at < part.length && this.#seen < most; at++) {
      if (this.#text !== undefined) {
        at = this.#endOfText(part, at, offset);
        continue;
      }
      const byte = part[at];
      if (byte === code.quote) {
        this.#text = offset + at + 1;
        this.#seen++;
      } else if (byte === code.open || byte === code.openList) {
        this.#depth++;
        this.#seen++;
      } else if (byte === code.close || byte === code.closeList) {
        this.#depth--;
        if (this.#depth === 0) return at + 1;
      }
    }
    return undefined;
  }

  /** Where the text ends, which is the end of the part for one that goes on in the next. */
  #endOfText(part: Buffer, at: number, offset: number): number {
    const from = this.#isEscaped ? at + 1 : at;
    const end = closingQuote(part, from);
    this.#isEscaped = end < 0 && isEscaped(part, part.length, from);
    if (end < 0) return part.length;
    const start = this.#text as number;
    if (offset + end - start >= longText) this.longTexts.push([start, offset + end]);
    this.#text = undefined;
    return end;
  }
}

function closingQuote(part: Buffer, from: number): number {
  const near = Math.min(from + shortText, part.length);
  for (let at = from; at < near; at++) {
    if (part[at] === code.backslash) at++;
    else if (part[at] === code.quote) return at;
  }
  let end = part.indexOf(code.quote, from);
  while (end >= 0 && isEscaped(part, end, from)) end = part.indexOf(code.quote, end + 1);
  return end;
}

/** Whether an odd number of backslashes stands before a place. */
function isEscaped(part: Buffer, at: number, from: number): boolean {
  let before = at - 1;
  while (before >= from && part[before] === code.backslash) before--;
  return (at - before) % 2 === 0;
}
