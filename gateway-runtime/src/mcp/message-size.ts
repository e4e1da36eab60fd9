import { UpstreamError } from '../errors.js';
import { type HttpAnswer, headerOf } from './http-client.js';

/** Longest message, in UTF-16 units or bytes, that is taken from a backend; it is held in memory as a whole. */
export const maxMessageSize = 32 * 1024 * 1024;

/** What a backend is told of that exceeds it. */
export const tooLarge = () => new UpstreamError(`sent a message of more than ${maxMessageSize / 1024 / 1024} MiB`);

/** Reads an answer as text. @throws {UpstreamError} when it is too large */
export async function readText(answer: HttpAnswer): Promise<string> {
  const { body } = answer;
  // What says how long it is, is not longer.
  if (Number(headerOf(answer, 'content-length') ?? Number.NaN) <= maxMessageSize) return body.text();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxMessageSize) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
