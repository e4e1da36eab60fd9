import type { Chunks } from '../contracts/chunks.js';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import { rememberJson } from '../contracts/result-json.js';
import { UpstreamError } from '../errors.js';
import { type AnswerOutline, outlineOf } from './answer-outline.js';

/** Bytes of an answer from which on its result is faster handed on as it is than read and written again. */
const leastBytes = 2048;

/** What a backend wrote. @throws {SyntaxError} when it is not JSON */
export function parsedMessage(bytes: Chunks): unknown {
  const outline = bytes.length < leastBytes ? undefined : outlineOf(bytes);
  if (!outline) return JSON.parse(bytes.toString());
  const message: unknown = JSON.parse(withoutLongTexts(bytes, outline));
  if (!isObject(message) || !isObject(message.result)) return message;
  const written = bytes.slice(outline.start, outline.end);
  const result = outline.longTexts.length > 0 ? readLate(message.result, written) : message.result;
  rememberJson(result, written);
  return { ...message, result };
}

/** The same with nothing in its long texts, so that everything else can be looked at. */
function withoutLongTexts(bytes: Chunks, { longTexts }: AnswerOutline): string {
  let text = '';
  let from = 0;
  for (const [start, end] of longTexts) {
    text += bytes.slice(from, start);
    from = end;
  }
  return text + bytes.slice(from);
}

/** A result whose long texts are read as soon as somebody looks at them; most are only handed on. */
function readLate(outline: JsonObject, written: Chunks): JsonObject {
  const result: JsonObject = {};
  let whole: JsonObject | undefined;
  for (const [name, value] of Object.entries(outline)) {
    if (typeof value !== 'object' && typeof value !== 'string') {
      result[name] = value;
      continue;
    }
    const get = () => {
      whole ??= parsed(written);
      return whole[name];
    };
    Object.defineProperty(result, name, { get, enumerable: true, configurable: true });
  }
  return result;
}

function parsed(written: Chunks): JsonObject {
  try {
    return JSON.parse(written.toString());
  } catch {
    throw new UpstreamError('sent something that is not JSON');
  }
}
