import { request } from 'undici';
import { UpstreamError } from '../errors.js';

/** Milliseconds until a request for a credential is given up: less than connect_timeout, so that the reason is told. */
const timeoutMs = 8000;

/** Longest answer in bytes that a credential can come in. */
const maxBytes = 1024 * 1024;

/** An answer to a request for a credential. */
export interface ExchangeAnswer {
  readonly status: number;
  /** The parsed document, or `undefined` when it is not JSON. */
  readonly document: unknown;
}

/** A request for a credential. */
export interface ExchangeRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * Asks a service for a credential; redirects are not followed.
 *
 * @throws {UpstreamError} when no answer came. Says why, but nothing of what was sent
 */
export async function exchange({ method, url, headers, body }: ExchangeRequest): Promise<ExchangeAnswer> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const answer = await request(url, { method, headers: { accept: 'application/json', ...headers }, body, signal });
    return { status: answer.statusCode, document: parse(await readAll(answer.body)) };
  } catch (error) {
    if (error instanceof UpstreamError) throw error;
    const { name, code } = error as { name: string; code?: string };
    if (name === 'TimeoutError') throw new UpstreamError(`${url.host} did not answer within ${timeoutMs / 1000} s`);
    throw new UpstreamError(`${url.host} cannot be reached (${code ?? name})`);
  }
}

async function readAll(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw new UpstreamError(`an answer of more than ${maxBytes} bytes came`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
