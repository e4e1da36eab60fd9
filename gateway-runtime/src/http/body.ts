import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { rpcCodes } from '../errors.js';
import { Refusal } from './refusal.js';

/** Largest request body in bytes; the same as in the TypeScript SDK's server. */
export const maxBodyBytes = 4 * 1024 * 1024;

const tooLarge = () =>
  new Refusal(413, `the body is larger than ${maxBodyBytes} bytes`, { connection: 'close' }, rpcCodes.invalidRequest);

/** Reads and parses a JSON body. @throws {Refusal} */
export function readJson(request: IncomingMessage): Promise<unknown> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new Refusal(415, 'the body must be application/json', {}, rpcCodes.invalidRequest);
  }
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && !/^identity$/i.test(encoding)) {
    // What a small body grows to is not known before it is there.
    const accepted = { 'accept-encoding': 'identity' };
    throw new Refusal(415, 'the body must come without Content-Encoding', accepted, rpcCodes.invalidRequest);
  }
  return readText(request).then(parse);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, 'the body is not valid JSON', {}, rpcCodes.parseError);
  }
}

function readText(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) {
      reject(tooLarge());
      return;
    }
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBodyBytes) reject(tooLarge());
      else chunks.push(chunk);
    });
    request.on('end', () => {
      const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      // Decoding would put other characters in the place of bytes that are not UTF-8, and nobody would notice.
      if (isUtf8(body)) resolve(body.toString('utf8'));
      else reject(new Refusal(400, 'the body is not valid UTF-8', {}, rpcCodes.parseError));
    });
    request.on('error', () => reject(new Refusal(400, 'the body ended early', {}, rpcCodes.parseError)));
  });
}
