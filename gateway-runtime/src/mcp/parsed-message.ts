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
  // Getters of its own would do the same, and keep what they hold alive until the next full garbage collection.
  const result = outline.longTexts.length > 0 ? new Proxy(message.result, new LateReader(written)) : message.result;
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

/** Reads the long texts of a result as soon as somebody looks at what holds them; most are only handed on. */
class LateReader implements ProxyHandler<JsonObject> {
  readonly #written: Chunks;
  #whole: JsonObject | undefined;

  constructor(written: Chunks) {
    this.#written = written;
  }

  get(outline: JsonObject, name: string): unknown {
    return this.#inFull(name, outline[name]);
  }

  getOwnPropertyDescriptor(outline: JsonObject, name: string): PropertyDescriptor | undefined {
    const descriptor = Reflect.getOwnPropertyDescriptor(outline, name);
    return descriptor && { ...descriptor, value: this.#inFull(name, descriptor.value) };
  }

  #inFull(name: string, value: unknown): unknown {
    if (typeof value !== 'object' && typeof value !== 'string') return value;
    this.#whole ??= parsed(this.#written);
    return this.#whole[name];
  }
}

function parsed(written: Chunks): JsonObject {
  try {
    return JSON.parse(written.toString());
  } catch {
    throw new UpstreamError('sent something that is not JSON');
  }
}
