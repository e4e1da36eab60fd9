import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { JsonObject } from '../../gateway-runtime/src/contracts/json-rpc.js';
import { type Listening, listen } from './gateway-servers.js';

/** A request that a service was sent. */
export interface ServiceCall {
  readonly method: string;
  /** Path and query, as they came. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What a service answers: JSON of a value, or whatever it writes itself. */
export type Answer = (call: ServiceCall, response: ServerResponse) => unknown;

/** A service without MCP on a free port of this machine. */
export interface RestService extends Listening {
  /** Everything it was asked but for its document. */
  readonly calls: ServiceCall[];
  /** Requests for its document. */
  readonly documentCalls: ServiceCall[];
  /** What it serves as /openapi.json: an object, or a text as it is. */
  document: JsonObject | string;
}

/** Starts a service that describes itself at /openapi.json. @param port Where it listens. @default - a free one */
export async function startRestService(
  document: JsonObject | string,
  answer: Answer = () => ({}),
  port = 0,
): Promise<RestService> {
  const calls: ServiceCall[] = [];
  const documentCalls: ServiceCall[] = [];
  const service = { calls, documentCalls, document };
  const listening = await listen(async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url: target = '', headers } = request;
    const call = { method, target, headers, body: Buffer.concat(chunks) };
    if (target === '/openapi.json') {
      documentCalls.push(call);
      const { document: current } = service;
      response.end(typeof current === 'string' ? current : JSON.stringify(current));
      return;
    }
    calls.push(call);
    const value = await answer(call, response);
    if (response.writableEnded || response.headersSent || value === undefined) return;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(value));
  }, port);
  return Object.assign(service, listening);
}

/** The smallest document with these paths. */
export function documentOf(paths: JsonObject, more: JsonObject = {}): JsonObject {
  return { openapi: '3.1.0', info: { title: 'Test', version: '1' }, paths, ...more };
}
