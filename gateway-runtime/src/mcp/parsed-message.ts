import { isObject } from '../contracts/json-rpc.js';
import { rememberText } from '../contracts/result-text.js';
import { resultTextIn } from './answer-text.js';

/** Characters of an answer from which on its result is faster handed on as it is than written again. */
const leastCharacters = 2048;

/** What a backend wrote. @throws {SyntaxError} when it is not JSON */
export function parsedMessage(text: string): unknown {
  const message: unknown = JSON.parse(text);
  if (text.length >= leastCharacters && isObject(message) && isObject(message.result)) {
    const written = resultTextIn(text);
    if (written !== undefined) rememberText(message.result, written);
  }
  return message;
}
