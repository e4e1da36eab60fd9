import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'undici';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';

/** Characters of an answer that are read: enough for any document that checks look into. */
const mostRead = 512 * 1024;

/** A request. */
export interface Question {
  readonly method?: 'GET' | 'POST' | 'OPTIONS' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** An answer, as far as it is of interest. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Its beginning; of a stream of events, the first one. */
  readonly text: string;
  /** Whether it calls itself a stream of events. */
  readonly isStream: boolean;
  /** The document, when it is JSON, whether in an event or not; else empty. */
  readonly json: JsonObject;
}

/** Sends one request; redirects are not followed. @throws when no answer came */
export async function ask(url: URL | string, { method = 'GET', headers, body, signal }: Question): Promise<Answer> {
  const answer = await request(url, { method, headers: { ...headers }, body, signal });
  const type = [answer.headers['content-type']].flat()[0] ?? '';
  const isStream = type.toLowerCase().startsWith('text/event-stream');
  const text = await readStart(answer.body.setEncoding('utf8'), isStream);
  return { status: answer.statusCode, headers: answer.headers, text, isStream, json: documentIn(text, isStream) };
}

/** A header; the first one when there are several. */
export function headerOf({ headers }: Pick<Answer, 'headers'>, name: string): string | undefined {
  return [headers[name]].flat()[0];
}

async function readStart(body: AsyncIterable<string>, isStream: boolean): Promise<string> {
  let text = '';
  for await (const chunk of body) {
    text += chunk;
    // Leaving the loop ends the connection.
    if (text.length > mostRead || (isStream && /^data: *\S[^\n]*\n\r?\n/m.test(text))) break;
  }
  return text;
}

function documentIn(text: string, isStream: boolean): JsonObject {
  try {
    const value = JSON.parse(isStream ? (/^data: *(\S.*)$/m.exec(text)?.[1] ?? '') : text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
