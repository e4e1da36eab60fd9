import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { rpcCodes } from '../errors.js';

/** A request that is answered with an HTTP error and a JSON-RPC error as its body. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly headers: OutgoingHttpHeaders = {},
    readonly code: number = rpcCodes.refused,
  ) {
    super(message);
    this.name = 'Refusal';
  }
}

/** Sends JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: string,
  headers: OutgoingHttpHeaders = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

/** Sends a refusal, unless the answer has begun already. */
export function sendRefusal(response: ServerResponse, { status, message, headers, code }: Refusal): void {
  if (response.headersSent) {
    response.end();
    return;
  }
  sendJson(response, status, JSON.stringify({ jsonrpc: '2.0', error: { code, message }, id: null }), headers);
}
